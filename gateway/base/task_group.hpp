// TaskGroup: tasks that run beside each other, counted, bounded, cancelled and awaited together.
// Nothing in this program is detached: a long-lived part owns a group and joins it when it stops.
// A task that throws is logged as task.failed with its name; the others go on. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/task.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <list>
#include <string>

namespace axis {

class TaskGroup {
public:
    explicit TaskGroup(asio::io_context& io, std::size_t task_count_max = 4096);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // False when the group is full or stopping; the task is then dropped unstarted.
    bool spawn(std::string name, Task<> task);
    // Asks every task to end; no new ones are taken. Only inside a handler of the io_context: Asio 1.81 would
    // post the signal otherwise, and it may find its task gone.
    void cancel();
    void close();   // no new tasks, the running ones go on
    Task<> join();  // returns when none is left
    std::size_t size() const { return entries_.size(); }
    bool stopping() const { return stopping_; }

private:
    struct Entry {
        std::string name;
        asio::cancellation_signal signal;
    };
    asio::io_context& io_;
    std::size_t task_count_max_;
    std::list<Entry> entries_;
    bool stopping_ = false;
    asio::steady_timer empty_;
};

}  // namespace axis
