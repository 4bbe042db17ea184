#include "gateway/base/pool.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace axis {

Pool::Pool(std::string name, std::size_t thread_count, int nice) : name_{std::move(name)} {
    for (std::size_t i = 0; i < thread_count; ++i) threads_.emplace_back([this, nice] { run(nice); });
}

std::size_t Pool::cores() {
    return std::max(1u, std::thread::hardware_concurrency());
}

Pool::~Pool() {
    join();
}

// Woken with the lock free: else it wakes only to wait for that.
void Pool::post(Job job) {
    std::unique_lock lock{mutex_};
    const bool later = !stopping_ && !threads_.empty();
    if (later) jobs_.push_back(std::move(job));
    lock.unlock();
    if (later)
        wake_.notify_one();
    else
        job();
}

void Pool::join() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_all();
    }
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

std::size_t Pool::waiting() const {
    const std::lock_guard lock{mutex_};
    return jobs_.size();
}

void Pool::run(int nice) {
    pthread_setname_np(pthread_self(), ("axis-" + name_).substr(0, 15).c_str());
    if (nice != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), nice);
    for (;;) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
    }
}

}  // namespace axis
