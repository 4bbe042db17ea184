#include "gateway/ledger/writer.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"

#include <sqlite3.h>

namespace axis::ledger {

namespace {

constexpr int busy_checkpoint_ms = 100;  // commits wait behind it; the next one tries again

void run_in_savepoint(Sql& sql, Job& job) {
    sql.run("SAVEPOINT job");
    if (!job.run(sql)) sql.run("ROLLBACK TO job");
    sql.run("RELEASE job");
}

// A job alone needs no savepoint: what it did is all there is to undo.
void run_in_transaction(Sql& sql, std::vector<std::unique_ptr<Job>>& jobs) {
    sql.run("BEGIN IMMEDIATE");
    if (jobs.size() > 1) {
        for (auto& job : jobs) run_in_savepoint(sql, *job);
    } else if (!jobs.front()->run(sql)) {
        sql.run("ROLLBACK");
        sql.run("BEGIN IMMEDIATE");
    }
}

}  // namespace

Writer::Writer(std::unique_ptr<Sql> sql, Open reopen, Pool& store, Clock& clock, Limits limits)
    : reopen_{std::move(reopen)}, store_{store}, clock_{clock}, limits_{limits}, last_commit_{clock.now()} {
    adopt(std::move(sql));
}

void Writer::adopt(std::unique_ptr<Sql> sql) {
    sql_ = std::move(sql);
    const auto note = [](void* wal, sqlite3*, const char*, int pages) {
        *static_cast<Wal*>(wal) = {pages, true};
        return SQLITE_OK;
    };
    sqlite3_wal_hook(sql_->db().getHandle(), note, &wal_);
}

Writer::~Writer() {
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [this] { return !draining_; });
}

void Writer::submit(std::unique_ptr<Job> job) {
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() < limits_.waiting_jobs_max) {
            waiting_.push_back(std::move(job));
            if (std::exchange(draining_, true)) return;
        }
    }
    if (job) {
        const Error full{errc::overloaded, "ledger jobs"};
        job->publish(&full);
        return;
    }
    store_.post([this] { drain(); });
}

std::vector<std::unique_ptr<Job>> Writer::take() {
    const std::lock_guard lock{mutex_};
    std::vector<std::unique_ptr<Job>> jobs;
    if (waiting_.size() <= limits_.batch_jobs_max) {
        jobs.swap(waiting_);
    } else {
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(limits_.batch_jobs_max);
        jobs.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
        waiting_.erase(waiting_.begin(), end);
    }
    return jobs;
}

bool Writer::finished() {
    const std::lock_guard lock{mutex_};
    if (!waiting_.empty()) return false;
    draining_ = false;
    idle_.notify_all();
    return true;
}

void Writer::drain() {
    do {
        for (auto jobs = take(); !jobs.empty(); jobs = take()) {
            const auto done = commit(jobs);
            const Error failure = done ? Error{} : done.error();
            if (!done) log::error("ledger.commit_failed", "reason", failure.detail);
            if (done && wal_.written) last_commit_ = clock_.now();
            if (!done || wal_.written) healthy_ = done.has_value();
            if (done) commits_ += 1, jobs_ += jobs.size();
            for (auto& job : jobs) job->publish(done ? nullptr : &failure);
            checkpoint(false);
        }
        checkpoint(true);
    } while (!finished());
}

// After a failed COMMIT or fsync nothing is known about the connection's state: it is opened anew, which
// reads again what is really on disk (security.md §4.1).
Result<> Writer::commit(std::vector<std::unique_ptr<Job>>& jobs) {
    try {
        if (!sql_) {
            auto again = reopen_();
            if (!again) return again.error();
            adopt(std::move(*again));
        }
        wal_.written = false;
        run_in_transaction(*sql_, jobs);
        if (mutated(Mutation::answer_before_commit))
            for (auto& job : std::exchange(jobs, {})) job->publish(nullptr);
        sql_->run("COMMIT");
        return {};
    } catch (const std::exception& e) {
        const auto why = sql_ ? sql_->failure(e) : Error{errc::io_failed, e.what()};
        sql_.reset();
        return why;
    }
}

void Writer::checkpoint(bool idle) {
    if (!sql_) return;
    const bool must = wal_.pages >= limits_.wal_pages_max;
    if (!must && !(idle && wal_.pages >= limits_.wal_pages_checkpoint)) return;
    auto* db = sql_->db().getHandle();
    int pages = 0;
    int moved = 0;
    sqlite3_busy_timeout(db, busy_checkpoint_ms);
    const int rc = sqlite3_wal_checkpoint_v2(
        db, nullptr, must ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &pages, &moved
    );
    sqlite3_busy_timeout(db, busy_ms);
    if (rc == SQLITE_OK && pages == moved)
        wal_.pages = 0;
    else if (rc != SQLITE_OK && rc != SQLITE_BUSY)
        log::error("ledger.checkpoint_failed", "code", rc);
}

}  // namespace axis::ledger
