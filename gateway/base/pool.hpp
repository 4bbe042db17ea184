// Pool: a named set of threads for work that blocks or burns CPU (architecture D11), or, in its inline form,
// no thread at all: the work runs at once in the caller, which is how the simulation stays deterministic.
// Work waits in order of arrival. Thread: any. A Pool dies before the io_context its work reports to.
#pragma once

#include <boost/asio/detail/config.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace axis {

class Pool {
public:
    // A move-only piece of work.
    class Job {
    public:
        template <class F>
        Job(F f) : impl_{std::make_unique<Impl<F>>(std::move(f))} {}
        void operator()() { impl_->run(); }

    private:
        struct Base {
            virtual ~Base() = default;
            virtual void run() = 0;
        };
        template <class F>
        struct Impl final : Base {
            explicit Impl(F f) : work{std::move(f)} {}
            void run() override { work(); }
            F work;
        };
        std::unique_ptr<Base> impl_;
    };

    // thread_count 0 is the inline form. `nice` lowers the priority of the threads (Linux, per thread).
    Pool(std::string name, std::size_t thread_count, int nice = 0);
    static std::size_t cores();  // at least 1
    ~Pool();                     // = join()
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    void post(Job job);  // the job must not throw
    void join();         // finishes what was posted, then ends the threads; posting afterwards runs inline
    std::size_t waiting() const;
    const std::string& name() const { return name_; }

private:
    void run(int nice);

    std::string name_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace axis
