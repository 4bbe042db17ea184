#include "gateway/amqp/connection.hpp"

#include "gateway/amqp/link.hpp"
#include "gateway/amqp/rounds.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/pool.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <mutex>

namespace axis::amqp {

namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds fuse_looked_at_every{1};
constexpr std::chrono::seconds long_enough{30};  // a life that forgives the failures before it

struct Command {
    enum class Verb { publish, acknowledge, reject, give_back };
    Verb verb = Verb::publish;
    std::string queue;
    Message message;
    Confirms::Done done;
    Receipt receipt;
};

// A file to be woken by, from any thread. Rung often and answered once, it costs one write.
class Bell {
public:
    Bell() : fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} { AXIS_ASSERT(fd_ >= 0); }
    ~Bell() { ::close(fd_); }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    void ring() {
        if (!rung_.exchange(true)) ::eventfd_write(fd_, 1);
    }
    // Until it rings, `socket` (or -1) has something to read, or `until`. True: the socket has.
    bool wait(int socket, Moment until) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const auto wait = std::clamp<long long>(left.count(), 0, 60'000);
        pollfd files[2]{{fd_, POLLIN, 0}, {socket, POLLIN, 0}};
        ::poll(files, socket < 0 ? 1 : 2, static_cast<int>(wait));
        if (files[0].revents != 0) {
            eventfd_t count = 0;
            ::eventfd_read(fd_, &count);
            rung_ = false;  // what rings from now on is seen after this wait, or rings again
        }
        return files[1].revents != 0;
    }

private:
    int fd_;
    std::atomic<bool> rung_{false};
};

}  // namespace

// Of two threads: what stands behind the mutex and the atomics is of both, the rest is named.
struct Connection::Impl : std::enable_shared_from_this<Impl> {
    Impl(
        asio::io_context& io_,
        Clock& clock_,
        Broker broker_,
        Limits limits_,
        std::vector<Queue> queues_,
        Listener listener_
    )
        : io{io_},
          clock{clock_},
          broker{std::move(broker_)},
          limits{limits_},
          queues{std::move(queues_)},
          listener{std::move(listener_)} {}

    // -- its thread
    void live();
    void look_after(bool opened, const std::string& now_silent);
    Result<> serve(Link& link);
    Result<> obey(Link& link);
    Result<> carry_out(Link& link, Command command);
    void expire(Link& link, Moment now) const;
    void refuse_commands(const Error& why);
    std::deque<Command> take_commands();
    LinkEvents link_events(std::string host);
    template <class F>
    void on_io(F report);

    // -- the io thread
    void order(Command command);
    void stands(Standing now, const std::string& why);

    asio::io_context& io;
    Clock& clock;
    const Broker broker;
    const Limits limits;
    const std::vector<Queue> queues;
    const Listener listener;  // called on the io thread
    Wakeup ended{io};
    Standing standing = Standing::away;
    std::size_t publishing = 0;
    bool closed = false;

    Fuse fuse;
    Bell bell;
    std::atomic<bool> stopping{false};
    std::atomic<bool> blocked{false};
    std::mutex mutex;
    std::deque<Command> commands;
    std::uint64_t life = 0;  // of the thread, like the next two
    std::string silent;      // the queue whose consumer got no answer last time
    std::string forsaken;    // to be deleted: nobody leads it
    Pool thread{"amqp", 1};
};

template <class F>
void Connection::Impl::on_io(F report) {
    auto run = [self = shared_from_this(), report = std::move(report)]() mutable {
        if (!self->closed) report(*self);
    };
    asio::post(io, std::move(run));
}

void Connection::Impl::stands(Standing now, const std::string& why) {
    if (std::exchange(standing, now) != now || now == Standing::away)
        if (listener.standing) listener.standing(now, why);
}

LinkEvents Connection::Impl::link_events(std::string host) {
    LinkEvents events;
    events.received = [this](Content content) {
        Received received{
            {life, content.tag},
            std::move(content.queue),
            content.again,
            content.oversized,
            std::move(content.message)};
        on_io([received = std::move(received)](Impl& self) mutable {
            if (self.listener.received) self.listener.received(std::move(received));
        });
    };
    events.blocked = [this, host = std::move(host)](bool now, const std::string& why) {
        blocked = now;
        auto text = now ? host + ": " + why : host;
        on_io([now, text = std::move(text)](Impl& self) {
            self.stands(now ? Standing::blocked : Standing::open, text);
        });
    };
    return events;
}

void Connection::Impl::live() {
    Rounds rounds{broker.hosts.size(), limits.back_off_min, limits.back_off_max};
    while (!stopping) {
        ++life;
        blocked = false;
        const auto began = std::chrono::steady_clock::now();
        const auto& host = broker.hosts[rounds.host()];
        Result<> done;
        {
            Link link{broker, host, limits, queues, fuse, link_events(to_string(host))};
            done = link.open(forsaken);
            look_after(done.has_value(), link.silent());
            if (done) {
                refuse_commands(Error{errc::broker_down, "the connection was lost meanwhile"});
                on_io([name = to_string(host)](Impl& self) { self.stands(Standing::open, name); });
                done = serve(link);
            }
            if (!done) link.confirms().lost(done.error());
            if (done && link.tell()) link.say_goodbye();
            if (done) link.confirms().lost(Error{errc::broker_down, "stopping"});
        }
        if (stopping) break;
        auto why = to_string(host) + ": " + done.error().detail;
        on_io([why = std::move(why)](Impl& self) { self.stands(Standing::away, why); });
        refuse_commands(done.error());
        const auto now = std::chrono::steady_clock::now();
        const auto until = now + rounds.ended(now - began > long_enough);
        while (!stopping && std::chrono::steady_clock::now() < until) bell.wait(-1, until);
    }
    refuse_commands(Error{errc::broker_down, "stopping"});
}

// RabbitMQ 3.10 forgets who leads a queue when it dies soon after the queue was declared; no restart mends
// that.
void Connection::Impl::look_after(bool opened, const std::string& now_silent) {
    if (opened) {
        silent.clear();
        forsaken.clear();
    }
    if (now_silent.empty()) return;
    const auto is_it = [&](const Queue& queue) { return queue.name == now_silent && queue.expendable; };
    const bool twice = now_silent == std::exchange(silent, now_silent);
    if (!twice) return;
    if (std::any_of(queues.begin(), queues.end(), is_it)) forsaken = now_silent;
    log::warn("queue.no_leader", "queue", now_silent, "deleted", !forsaken.empty());
}

Result<> Connection::Impl::serve(Link& link) {
    auto look_at = std::chrono::steady_clock::now() + limits.look_every;
    bool readable = false;
    while (!stopping) {
        auto done = readable || link.holds_more() ? link.drain() : Result<>{};
        readable = false;
        if (done) done = obey(link);
        const auto now = std::chrono::steady_clock::now();
        const auto acks_due = link.acks_due();
        if (done && acks_due && *acks_due <= now) done = link.tell();
        if (!done) return done;
        const auto due = link.confirms().next_due();
        if (due && *due <= now) {
            if (!blocked) return Error{errc::broker_down, "no confirmation within confirm_wait"};
            expire(link, now);
            continue;
        }
        if (now >= look_at) {
            look_at = now + limits.look_every;
            if (blocked) continue;  // it reads nothing now, and would seem dead
            auto seen = link.look();
            if (!seen) return seen.error();
            on_io([looks = std::move(*seen)](Impl& self) mutable {
                if (self.listener.looked) self.listener.looked(std::move(looks));
            });
            continue;  // something may have arrived with the answers
        }
        if (link.holds_more()) continue;
        readable = bell.wait(
            link.socket(), std::min({look_at, due.value_or(look_at), link.acks_due().value_or(look_at)})
        );
    }
    return {};
}

void Connection::Impl::expire(Link& link, Moment now) const {
    link.confirms().expire(now, Error{errc::broker_blocked, "the broker takes nothing now"});
}

std::deque<Command> Connection::Impl::take_commands() {
    const std::lock_guard lock{mutex};
    return std::exchange(commands, {});
}

Result<> Connection::Impl::obey(Link& link) {
    auto taken = take_commands();
    while (!taken.empty()) {
        auto command = std::move(taken.front());
        taken.pop_front();
        auto done = carry_out(link, std::move(command));
        if (done) continue;
        for (auto& left : taken)
            if (left.done) left.done(done.error());
        return done;
    }
    return {};
}

Result<> Connection::Impl::carry_out(Link& link, Command command) {
    if (command.verb == Command::Verb::publish) {
        const auto due = std::chrono::steady_clock::now() + limits.confirm_wait;
        link.confirms().add(command.queue, command.message.id, due, std::move(command.done));
        return link.publish(command.queue, command.message);
    }
    if (command.receipt.life != life) return {};
    if (command.verb == Command::Verb::acknowledge) {
        link.acknowledge(command.receipt.tag);
        return {};
    }
    return link.reject(command.receipt.tag, command.verb == Command::Verb::give_back);
}

void Connection::Impl::refuse_commands(const Error& why) {
    for (auto& command : take_commands())
        if (command.done) command.done(why);
}

void Connection::Impl::order(Command command) {
    {
        const std::lock_guard lock{mutex};
        commands.push_back(std::move(command));
    }
    bell.ring();
}

std::string to_string(const Host& host) {
    return host.name + ":" + std::to_string(host.port);
}

std::string_view name(Standing standing) {
    constexpr std::array<std::string_view, 3> names{"away", "open", "blocked"};
    return names.at(static_cast<std::size_t>(standing));
}

void report(Standing now, const std::string& why, std::string_view serves, const OnCondition& on_condition) {
    if (now == Standing::open)
        log::info("broker.open", "host", why, "for", serves);
    else
        log::warn(now == Standing::away ? "broker.down" : "broker.blocked", "reason", why, "for", serves);
    if (!on_condition) return;
    on_condition("broker.down", now == Standing::away, why);
    on_condition("broker.blocked", now == Standing::blocked, why);
}

Connection::Connection(
    asio::io_context& io,
    Clock& clock,
    Broker broker,
    Limits limits,
    std::vector<Queue> queues,
    Listener listener
)
    : impl_{std::make_shared<Impl>(
          io, clock, std::move(broker), limits, std::move(queues), std::move(listener)
      )} {
    impl_->thread.post([impl = impl_.get()] { impl->live(); });
}

Connection::~Connection() {
    stop();
}

void Connection::stop() {
    impl_->closed = true;
    impl_->standing = Standing::away;
    impl_->stopping = true;
    impl_->fuse.blow_if_older(std::chrono::milliseconds{0});  // a call that is under way may never end
    impl_->bell.ring();
    impl_->thread.join();
    impl_->ended.notify();
}

Standing Connection::standing() const {
    return impl_->standing;
}

Task<> Connection::run() {
    const auto impl = impl_;
    while (!impl->closed) {
        co_await impl->clock.wait(impl->ended, impl->clock.now() + fuse_looked_at_every);
        impl->fuse.blow_if_older(impl->limits.call_wait);
    }
}

Task<Result<>> Connection::publish(std::string queue, Message message) {
    const auto impl = impl_;
    if (impl->standing == Standing::away) co_return Error{errc::broker_down, "no connection"};
    if (impl->standing == Standing::blocked)
        co_return Error{errc::broker_blocked, "the broker takes nothing now"};
    if (impl->publishing >= impl->limits.publishing_max)
        co_return Error{
            errc::broker_busy, std::to_string(impl->publishing) + " messages are not confirmed yet"};
    Command command;
    command.queue = std::move(queue);
    command.message = std::move(message);
    auto home = co_await asio::this_coro::executor;
    auto initiate = [impl, home, command = std::move(command)](auto handler) mutable {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        command.done = [kept, home, guard = asio::make_work_guard(home)](Result<> result) {
            auto finish = [kept, result = std::move(result)]() mutable {
                std::move (*kept)(std::exception_ptr{}, std::move(result));
            };
            asio::post(home, std::move(finish));
        };
        impl->order(std::move(command));
    };
    using Handler = void(std::exception_ptr, Result<>);
    auto answer = asio::async_initiate<const asio::use_awaitable_t<>, Handler>(
        std::move(initiate), asio::use_awaitable
    );
    ++impl->publishing;
    auto result = co_await std::move(answer);
    --impl->publishing;
    co_return result;
}

void Connection::acknowledge(Receipt receipt) {
    impl_->order({Command::Verb::acknowledge, {}, {}, {}, receipt});
}

void Connection::reject(Receipt receipt) {
    impl_->order({Command::Verb::reject, {}, {}, {}, receipt});
}

void Connection::give_back(Receipt receipt) {
    impl_->order({Command::Verb::give_back, {}, {}, {}, receipt});
}

}  // namespace axis::amqp
