// Document software in numbers: many connections, each posting one package after the other; at a given pace
// or as fast as answers come.
#include "tests/bench/ledger_rows.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/pieces.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace axis::bench {

namespace {

constexpr std::string_view number_mark = "4000000000";          // in the template, where the number stands
constexpr std::string_view random_mark = "RANDOMRANDOMRANDOM";  // and where no two may be alike

std::string digits(std::uint64_t value, std::size_t width) {
    auto text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
}

// One request after the other over one connection.
class Caller {
public:
    Caller(std::uint16_t port, std::string request) : request_{std::move(request)} {
        fd_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        must(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(fd_, F_SETFL, O_NONBLOCK);
        for (auto at = request_.find(number_mark); at != std::string::npos;
             at = request_.find(number_mark, at + 1))
            numbers_.push_back(at);
        random_ = request_.find(random_mark);
        must(!numbers_.empty() && random_ != std::string::npos, "the template lacks its marks");
    }
    ~Caller() { close(fd_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    int fd() const { return fd_; }
    bool busy() const { return busy_; }
    double since() const { return since_; }

    // True: the answer is here already.
    bool start(std::uint64_t number, double since) {
        for (const auto at : numbers_) request_.replace(at, number_mark.size(), digits(number, 10));
        request_.replace(random_, random_mark.size(), digits(number * 2654435761ULL, random_mark.size()));
        sent_ = 0;
        reply_.clear();
        busy_ = true;
        since_ = since;
        return go_on();
    }
    // True: the answer is here.
    bool go_on() {
        while (sent_ < request_.size()) {
            const auto n = send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
            if (n < 0) return false;
            sent_ += static_cast<std::size_t>(n);
        }
        char piece[8192];
        for (;;) {
            const auto n = recv(fd_, piece, sizeof piece, 0);
            must(n != 0, "axisd closed the connection");
            if (n < 0) return false;
            reply_.append(piece, static_cast<std::size_t>(n));
            if (!whole()) continue;
            busy_ = false;
            return true;
        }
    }
    int status() const { return std::atoi(reply_.c_str() + 9); }
    const std::string& reply() const { return reply_; }

private:
    bool whole() const {
        const auto head = reply_.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        const auto length = reply_.find("Content-Length: ");
        must(length < head, "an answer without a length");
        return reply_.size() >= head + 4 + std::strtoul(reply_.c_str() + length + 16, nullptr, 10);
    }

    int fd_;
    std::string request_;
    std::vector<std::size_t> numbers_;
    std::size_t random_;
    std::size_t sent_ = 0;
    std::string reply_;
    bool busy_ = false;
    double since_ = 0;
};

class Load {
public:
    Load(std::uint16_t port, const std::string& request, const LoadPlan& plan) : plan_{plan} {
        epoll_ = epoll_create1(0);
        for (std::size_t i = 0; i < plan.connections; ++i) {
            callers_.push_back(std::make_unique<Caller>(port, request));
            epoll_event event{};
            event.events = EPOLLIN | EPOLLOUT | EPOLLET;
            event.data.ptr = callers_.back().get();
            epoll_ctl(epoll_, EPOLL_CTL_ADD, callers_.back()->fd(), &event);
        }
    }
    ~Load() { close(epoll_); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    Rows run() {
        began_ = seconds(CLOCK_MONOTONIC);
        while (times_.size() < plan_.count) {
            start_all();
            epoll_event events[64];
            const int n = epoll_wait(epoll_, events, 64, plan_.per_second > 0 ? 1 : 1000);
            for (int i = 0; i < n; ++i) answered(*static_cast<Caller*>(events[i].data.ptr));
        }
        const auto took = seconds(CLOCK_MONOTONIC) - began_;
        std::sort(times_.begin(), times_.end());
        Rows out;
        out.add("seconds", took);
        out.add("rate", static_cast<double>(plan_.count) / took);
        out.add("p50_ms", times_[times_.size() / 2] * 1000);
        out.add("p99_ms", times_[times_.size() * 99 / 100] * 1000);
        out.add("most_ms", times_.back() * 1000);
        return out;
    }

private:
    // At a pace, an answer's time counts from when its question was due, not from when a connection was free.
    double due() const {
        return plan_.per_second > 0 ? began_ + static_cast<double>(next_) / plan_.per_second
                                    : seconds(CLOCK_MONOTONIC);
    }
    void start_all() {
        for (std::size_t i = 0; i < callers_.size(); ++i) {
            auto& caller = *callers_[turn_ % callers_.size()];
            ++turn_;  // in turn: a connection that is never used is closed
            if (caller.busy()) continue;
            if (next_ >= plan_.count) return;
            const auto at = due();
            if (at > seconds(CLOCK_MONOTONIC)) return;
            if (caller.start(plan_.first + next_++, at)) note(caller);
        }
    }
    void answered(Caller& caller) {
        if (caller.busy() && caller.go_on()) note(caller);
    }
    void note(const Caller& caller) {
        must(caller.status() == 202, caller.reply());
        times_.push_back(seconds(CLOCK_MONOTONIC) - caller.since());
    }

    LoadPlan plan_;
    int epoll_;
    std::vector<std::unique_ptr<Caller>> callers_;
    std::vector<double> times_;
    std::uint64_t next_ = 0;
    std::size_t turn_ = 0;
    double began_ = 0;
};

}  // namespace

Rows post(std::uint16_t port, const std::filesystem::path& request, const LoadPlan& plan) {
    std::ifstream file{request, std::ios::binary};
    std::stringstream text;
    text << file.rdbuf();
    return Load{port, text.str(), plan}.run();
}

}  // namespace axis::bench
