// What carries a use case from the io thread to a connection and its result back. Private to gateway/ledger.
#pragma once

#include "gateway/base/task.hpp"
#include "gateway/ledger/writer.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace axis::ledger {

// A job made of a function over the connection and the coroutine that waits for its result.
template <class Work, class Handler, class Executor>
class WorkJob final : public Job {
public:
    using R = std::invoke_result_t<Work&, Sql&>;

    WorkJob(Work work, Handler handler, Executor home)
        : work_{std::move(work)},
          handler_{std::move(handler)},
          home_{home},
          guard_{asio::make_work_guard(home)} {}

    bool run(Sql& sql) noexcept override {
        try {
            result_.emplace(work_(sql));
        } catch (const std::exception& e) {
            result_.emplace(sql.failure(e));
        }
        return result_->has_value();
    }

    void publish(const Error* commit_failed) override {
        if (commit_failed) result_.emplace(*commit_failed);  // a refusal too: it may rest on what was undone
        auto finish = [handler = std::move(handler_), result = std::move(result_)]() mutable {
            std::move(handler)(std::exception_ptr{}, std::move(result));
        };
        asio::post(home_, std::move(finish));
    }

private:
    Work work_;
    Handler handler_;
    Executor home_;
    asio::executor_work_guard<Executor> guard_;
    std::optional<R> result_;
};

// The readers' connections. Shared with the jobs that use them: a job may outlive the ledger.
class Connections {
public:
    explicit Connections(Writer::Open open) : open_{std::move(open)} {}

    Result<std::unique_ptr<Sql>> take() {
        {
            const std::lock_guard hold{mutex_};
            if (!idle_.empty()) {
                auto sql = std::move(idle_.back());
                idle_.pop_back();
                return sql;
            }
        }
        return open_();
    }

    void give_back(std::unique_ptr<Sql> sql) {
        const std::lock_guard hold{mutex_};
        idle_.push_back(std::move(sql));
    }

private:
    Writer::Open open_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Sql>> idle_;
};

// Whether a connection has met a damaged page; shared with all of them.
using Damaged = std::shared_ptr<std::atomic<bool>>;

inline Writer::Open watched(Writer::Open open, Damaged damaged) {
    return [open = std::move(open), damaged = std::move(damaged)] {
        auto sql = open();
        if (sql) (*sql)->note_damage_in(damaged);
        if (!sql && sql.error().code == errc::ledger_damaged) *damaged = true;
        return sql;
    };
}

}  // namespace axis::ledger
