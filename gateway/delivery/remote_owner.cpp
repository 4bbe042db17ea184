#include "gateway/delivery/remote_owner.hpp"

#include "gateway/base/log.hpp"
#include "gateway/delivery/worker_protocol.hpp"

namespace axis::delivery {

namespace {

constexpr Duration hello_again{1'000};

// A body that arrives in pieces, handed to whoever asks for the next one.
struct Pipe {
    explicit Pipe(asio::io_context& io) : wanted{io}, arrived{io} {}
    Wakeup wanted;
    Wakeup arrived;
    std::optional<std::string_view> piece;  // not taken yet
    bool given = false;                     // the last one may still be in use
    bool dropped = false;                   // nobody asks any more
    std::optional<Result<>> ended;
};

}  // namespace

struct RemoteOwner::State : std::enable_shared_from_this<RemoteOwner::State> {
    State(
        asio::io_context& io_,
        Clock& clock_,
        std::unique_ptr<http::Client> client_,
        std::string name_,
        std::function<void()> changed_
    )
        : io{io_},
          clock{clock_},
          client{std::move(client_)},
          name{std::move(name_)},
          changed{std::move(changed_)},
          ended{io},
          fetching{io} {}

    bool ready() const { return !worker.empty() && clock.uptime() < lease_until; }
    Task<Result<http::Reply>> call(std::string method, std::string path, std::string body);
    Task<> hello();
    Task<> beat();
    Task<> fetch(Reference reference, std::shared_ptr<Pipe> pipe);

    asio::io_context& io;
    Clock& clock;
    std::unique_ptr<http::Client> client;
    std::string name;
    std::function<void()> changed;
    Wakeup ended;
    bool stopping = false;
    std::string worker;  // as the owner knows us; empty: it does not
    Duration lease{0};
    Duration beat_every{0};
    Duration lease_until{0};  // of Clock::uptime
    TaskGroup fetching;
};

namespace {

class Sink final : public http::BodySink {
public:
    Sink(Clock& clock, std::shared_ptr<Pipe> pipe) : clock_{clock}, pipe_{std::move(pipe)} {}
    bool wants(unsigned status, const http::Headers&) override { return status == 200; }
    Task<Result<>> take(std::string_view piece) override {
        while (pipe_->given && !pipe_->dropped) co_await clock_.wait(pipe_->wanted, clock_.now() + patience);
        if (pipe_->dropped) co_return Error{errc::stale, "nobody reads it any more"};
        pipe_->piece = piece;
        pipe_->arrived.notify();
        // The view ends with this call: until the reader comes back for more it is in use.
        while ((pipe_->piece || pipe_->given) && !pipe_->dropped)
            co_await clock_.wait(pipe_->wanted, clock_.now() + patience);
        co_return Result<>{};
    }

private:
    static constexpr Duration patience{60'000};
    Clock& clock_;
    std::shared_ptr<Pipe> pipe_;
};

class RemoteEnvelope final : public ports::ByteStream {
public:
    RemoteEnvelope(
        Clock& clock, std::shared_ptr<Pipe> pipe, std::uint64_t length, std::function<bool()> may_send
    )
        : clock_{clock}, pipe_{std::move(pipe)}, length_{length}, may_send_{std::move(may_send)} {}
    ~RemoteEnvelope() override {
        pipe_->dropped = true;
        pipe_->wanted.notify();
    }
    std::uint64_t length() const override { return length_; }
    Task<Result<std::string_view>> next() override {
        pipe_->given = false;
        pipe_->wanted.notify();
        while (!pipe_->piece && !pipe_->ended) co_await clock_.wait(pipe_->arrived, clock_.now() + patience);
        if (!may_send_()) co_return Error{errc::worker_lost, "the lease is over"};
        if (!pipe_->piece && !*pipe_->ended) co_return pipe_->ended->error();
        if (!pipe_->piece) co_return std::string_view{};
        const auto piece = *std::exchange(pipe_->piece, std::nullopt);
        pipe_->given = true;
        co_return piece;
    }

private:
    static constexpr Duration patience{60'000};
    Clock& clock_;
    std::shared_ptr<Pipe> pipe_;
    std::uint64_t length_;
    std::function<bool()> may_send_;
};

Error refused(const http::Reply& reply) {
    if (reply.status == 409) return {errc::stale, reply.body};
    if (reply.status == 404) return {errc::not_found, reply.body};
    return {errc::peer_http, "HTTP " + std::to_string(reply.status)};
}

}  // namespace

// Any answer of the owner, a refusal too, is one; but only a known worker's call counts as heard.
Task<Result<http::Reply>> RemoteOwner::State::call(std::string method, std::string path, std::string body) {
    const auto asked = clock.uptime();
    http::Call call;
    call.method = std::move(method);
    call.path = std::move(path);
    call.body = std::move(body);
    auto reply = co_await client->call(std::move(call));
    if (!reply) co_return Error{reply.error().code, reply.error().detail};
    if (reply->status == 404) {
        worker.clear();
        changed();
    } else if (reply->status < 500) {
        lease_until = asked + lease;
    }
    if (reply->status >= 300) co_return refused(*reply);
    co_return std::move(*reply);
}

Task<> RemoteOwner::State::hello() {
    auto body = to_json(Hello{name});
    const auto asked = clock.uptime();
    auto reply = co_await call("POST", "/workers", std::move(body));
    if (!reply) {
        log::warn("worker.no_owner", "reason", to_string(reply.error()));
        co_return;
    }
    const auto welcome = welcome_of(reply->body);
    if (!welcome) co_return;
    worker = welcome->worker;
    lease = welcome->lease;
    beat_every = welcome->beat;
    lease_until = asked + lease;
    log::info("worker.known", "worker", worker);
    changed();
}

Task<> RemoteOwner::State::beat() {
    auto path = "/workers/" + worker + "/beat";
    auto reply = co_await call("POST", std::move(path), std::string());
    if (reply || ready()) co_return;
    if (worker.empty()) co_return;  // told already
    log::warn("worker.lease_over", "reason", to_string(reply.error()));
    worker.clear();
    changed();
}

Task<> RemoteOwner::State::fetch(Reference reference, std::shared_ptr<Pipe> pipe) {
    Sink sink{clock, pipe};
    http::Call call;
    call.path = "/workers/" + worker + "/envelope/" + to_string(reference.delivery) + "/" +
                std::to_string(reference.attempt);
    call.sink = &sink;
    auto reply = co_await client->call(std::move(call));
    if (!reply)
        pipe->ended = Error{errc::io_failed, reply.error().detail};
    else if (reply->status != 200)
        pipe->ended = refused(*reply);
    else
        pipe->ended = Result<>{};
    pipe->arrived.notify();
}

RemoteOwner::RemoteOwner(
    asio::io_context& io,
    Clock& clock,
    std::unique_ptr<http::Client> client,
    std::string name,
    std::function<void()> changed
)
    : state_{std::make_shared<State>(io, clock, std::move(client), std::move(name), std::move(changed))} {}

RemoteOwner::~RemoteOwner() = default;

bool RemoteOwner::ready() const {
    return state_->ready();
}

Task<> RemoteOwner::run() {
    const auto state = state_;
    while (!state->stopping) {
        if (state->worker.empty()) {
            co_await state->hello();
        } else {
            co_await state->beat();
        }
        const auto pause = state->worker.empty() ? hello_again : state->beat_every;
        co_await state->clock.wait(state->ended, state->clock.now() + pause);
    }
    co_await state->fetching.join();
}

void RemoteOwner::stop() {
    state_->stopping = true;
    state_->ended.notify();
}

Task<> RemoteOwner::go() {
    const auto state = state_;
    if (state->worker.empty()) co_return;
    auto path = "/workers/" + state->worker;
    co_await state->call("DELETE", std::move(path), std::string());
}

Task<Result<Begun>> RemoteOwner::begin(Reference reference) {
    const auto state = state_;
    if (!state->ready()) co_return Error{errc::peer_tcp, "no owner"};
    auto path = "/workers/" + state->worker + "/begin";
    auto body = to_json(reference);
    auto reply = co_await state->call("POST", std::move(path), std::move(body));
    if (!reply) co_return reply.error();
    auto dispatch = dispatch_from(reply->body);
    if (!dispatch) co_return Error{errc::peer_http, "the owner says something else"};
    auto pipe = std::make_shared<Pipe>(state->io);
    pipe->given = true;  // nothing is asked for yet
    state->fetching.spawn("envelope " + to_string(reference.delivery), state->fetch(reference, pipe));
    Begun begun;
    auto may_send = [state, worker = state->worker] { return state->worker == worker && state->ready(); };
    begun.envelope =
        std::make_unique<RemoteEnvelope>(state->clock, pipe, dispatch->bytes, std::move(may_send));
    begun.dispatch = std::move(*dispatch);
    co_return begun;
}

Task<Result<>> RemoteOwner::settle(Reference reference, model::Outcome outcome) {
    const auto state = state_;
    // Whoever took us for lost knows better by now; and who is not known cannot settle anything.
    if (!state->ready()) co_return Error{errc::stale, "the owner took us for lost"};
    auto path = "/workers/" + state->worker + "/settle";
    auto body = to_json(Report{reference, std::move(outcome)});
    auto reply = co_await state->call("POST", std::move(path), std::move(body));
    if (!reply) co_return reply.error();
    co_return Result<>{};
}

}  // namespace axis::delivery
