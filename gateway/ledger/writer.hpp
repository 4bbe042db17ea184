// The writer: the one connection that changes the ledger, and group commit over it. Private to
// gateway/ledger.
//
//   submit(job) … submit(job) → one drain on the store pool: BEGIN, each job in a SAVEPOINT, COMMIT, publish
//   all                                                             (a job alone needs none)
//
// While a commit syncs, new jobs gather for the next one. Thread: submit() any; jobs run on the store pool.
#pragma once

#include "gateway/base/pool.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ledger/schema.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace axis::ledger {

class Job {
public:
    virtual ~Job() = default;
    virtual bool run(Sql& sql) noexcept = 0;               // false: roll this one back
    virtual void publish(const Error* commit_failed) = 0;  // after COMMIT, or with why it failed
};

class Writer {
public:
    using Open = std::function<Result<std::unique_ptr<Sql>>()>;

    Writer(std::unique_ptr<Sql> sql, Open reopen, Pool& store, Clock& clock, Limits limits);
    ~Writer();

    void submit(std::unique_ptr<Job> job);  // published as overloaded at once when too many wait
    bool healthy() const { return healthy_; }
    Time last_commit() const { return last_commit_; }
    CommitCount committed() const { return {commits_, jobs_}; }

private:
    void drain();
    bool finished();
    void adopt(std::unique_ptr<Sql> sql);
    std::vector<std::unique_ptr<Job>> take();
    Result<> commit(std::vector<std::unique_ptr<Job>>& jobs);
    void checkpoint(bool idle);

    std::unique_ptr<Sql> sql_;
    Open reopen_;
    Pool& store_;
    Clock& clock_;
    Limits limits_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<std::unique_ptr<Job>> waiting_;
    bool draining_ = false;
    struct Wal {
        int pages = 0;         // in the log
        bool written = false;  // since BEGIN: a commit without changes proves nothing about the disk
    } wal_;
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> jobs_{0};
    std::atomic<bool> healthy_{true};
    std::atomic<Time> last_commit_;
};

}  // namespace axis::ledger
