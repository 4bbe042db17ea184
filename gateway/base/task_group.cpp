#include "gateway/base/task_group.hpp"

#include "gateway/base/error.hpp"
#include "gateway/base/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace axis {

namespace {

bool was_cancelled(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

std::string what(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace

TaskGroup::TaskGroup(asio::io_context& io, std::size_t task_count_max)
    : io_{io}, task_count_max_{task_count_max}, empty_{io} {
    empty_.expires_at(std::chrono::steady_clock::time_point::max());
}

TaskGroup::~TaskGroup() {
    // A running task may refer to its owner: leaving it behind would be a use after free.
    AXIS_ASSERT(entries_.empty() || io_.stopped());
}

bool TaskGroup::spawn(std::string name, Task<> task) {
    if (stopping_ || entries_.size() >= task_count_max_) return false;
    const auto entry = entries_.emplace(entries_.end());
    entry->name = std::move(name);
    auto done = [this, entry](std::exception_ptr error) {
        if (error && !was_cancelled(error))
            log::error("task.failed", "task", entry->name, "reason", what(error));
        entries_.erase(entry);
        if (entries_.empty()) empty_.cancel();
    };
    asio::co_spawn(io_, std::move(task), asio::bind_cancellation_slot(entry->signal.slot(), std::move(done)));
    return true;
}

void TaskGroup::cancel() {
    stopping_ = true;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto current = entry++;
        current->signal.emit(asio::cancellation_type::terminal);
    }
}

void TaskGroup::close() {
    stopping_ = true;
}

Task<> TaskGroup::join() {
    while (!entries_.empty()) {
        boost::system::error_code ec;
        co_await empty_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

}  // namespace axis
