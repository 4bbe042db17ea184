#include "gateway/delivery/desk.hpp"

#include "gateway/base/log.hpp"
#include "gateway/delivery/worker_protocol.hpp"

#include <signal.h>

#include <cerrno>
#include <charconv>

namespace axis::delivery {

namespace {

constexpr Duration look_every{1'000};

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_gone(std::int32_t pid) {
    return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

Task<> nothing(http::Exchange& exchange) {
    http::Headers none;
    co_await exchange.reply(204, std::move(none), std::string());
}

}  // namespace

std::vector<std::string> Desk::names() const {
    std::vector<std::string> out;
    for (const auto& [id, worker] : workers_) out.push_back(worker.name);
    return out;
}

Task<> Desk::handle(http::Exchange& exchange) {
    auto done = co_await answer(exchange);
    if (!done && !exchange.replied()) co_await exchange.problem(done.error());
}

Task<Result<>> Desk::answer(http::Exchange& exchange) {
    const auto& request = exchange.request();
    const auto& path = request.target.segments;
    if (path.empty() || path[0] != "workers") co_return Error{errc::not_found, request.target.path};
    if (path.size() == 1 && request.method == "POST") {
        auto done = co_await welcome(exchange);
        co_return done;
    }
    const auto known = path.size() > 1 ? workers_.find(path[1]) : workers_.end();
    if (known == workers_.end()) co_return Error{errc::not_found, "no such worker: say hello again"};
    known->second.heard = parts_.clock.uptime();
    const auto id = known->first;
    const std::string what = path.size() > 2 ? path[2] : "";
    Result<> done = Error{errc::not_found, request.target.path};
    if (path.size() == 3 && request.method == "POST" && what == "begin") {
        done = co_await begin(exchange, id);
    } else if (path.size() == 3 && request.method == "POST" && what == "settle") {
        done = co_await settle(exchange, id);
    } else if (path.size() == 5 && request.method == "GET" && what == "envelope") {
        done = co_await envelope(exchange, id);
    } else if (path.size() == 3 && request.method == "POST" && what == "beat") {
        co_await nothing(exchange);
        done = {};
    } else if (path.size() == 2 && request.method == "DELETE") {
        leave(id, "it went");
        co_await nothing(exchange);
        done = {};
    }
    co_return done;
}

Task<Result<>> Desk::welcome(http::Exchange& exchange) {
    auto body = co_await exchange.read_all(limits_.body_bytes_max);
    if (!body) co_return body.error();
    const auto hello = hello_of(*body);
    if (!hello) co_return Error{errc::http_malformed, "a name is wanted"};
    if (workers_.size() >= limits_.workers_max) co_return Error{errc::overloaded, "enough workers"};
    const auto id = model::MessageId::make(parts_.clock.now(), parts_.random).text();
    workers_[id] = {hello->name, exchange.request().peer.pid, parts_.clock.uptime()};
    log::info("worker.came", "worker", id, "name", hello->name);
    parts_.changed();
    auto text = to_json(Welcome{id, limits_.lease, limits_.beat_every});
    co_await exchange.reply_json(200, std::move(text));
    co_return Result<>{};
}

Task<Result<>> Desk::begin(http::Exchange& exchange, std::string worker) {
    auto body = co_await exchange.read_all(limits_.body_bytes_max);
    if (!body) co_return body.error();
    const auto reference = reference_of(*body);
    if (!reference) co_return Error{errc::http_malformed, "no reference"};
    auto begun = co_await parts_.offers.begin(worker, *reference);
    if (!begun) co_return begun.error();
    if (workers_.count(worker) == 0) {  // taken for lost meanwhile
        parts_.offers.lost(worker, "it was lost while it began");
        co_return Error{errc::stale, worker};
    }
    auto text = to_json(dispatch_of(*begun));
    co_await exchange.reply_json(200, std::move(text));
    co_return Result<>{};
}

Task<Result<>> Desk::envelope(http::Exchange& exchange, std::string worker) {
    const auto& path = exchange.request().target.segments;
    const auto delivery = number_in(path[3]), attempt = number_in(path[4]);
    if (!delivery || !attempt) co_return Error{errc::not_found, exchange.request().target.path};
    const Reference reference{model::DeliveryId{*delivery}, static_cast<int>(*attempt)};
    auto stored = parts_.offers.envelope_of(worker, reference);
    if (!stored) co_return Error{errc::stale, exchange.request().target.path};
    const auto stream = parts_.stream(std::move(*stored));
    auto piece = co_await stream->next();
    if (!piece) co_return piece.error();
    http::Headers headers;
    headers.add("Content-Type", "application/octet-stream");
    co_await exchange.begin(200, std::move(headers), stream->length());
    while (piece && !piece->empty()) {
        co_await exchange.write(*piece);
        piece = co_await stream->next();
    }
    if (!piece) co_return piece.error();  // the reply stays short: its length says so
    co_await exchange.finish();
    co_return Result<>{};
}

Task<Result<>> Desk::settle(http::Exchange& exchange, std::string worker) {
    auto body = co_await exchange.read_all(limits_.body_bytes_max);
    if (!body) co_return body.error();
    auto report = report_of(*body);
    if (!report) co_return Error{errc::http_malformed, "no report"};
    auto settled = co_await parts_.offers.settle(worker, report->reference, std::move(report->outcome));
    if (!settled) co_return settled.error();
    co_await nothing(exchange);
    co_return Result<>{};
}

void Desk::leave(const std::string& id, const std::string& why) {
    const auto at = workers_.find(id);
    if (at == workers_.end()) return;
    log::info("worker.went", "worker", id, "name", at->second.name, "reason", why);
    workers_.erase(at);
    parts_.offers.lost(id, why);
    parts_.changed();
}

void Desk::look() {
    std::vector<std::pair<std::string, std::string>> lost;
    for (const auto& [id, worker] : workers_) {
        if (is_gone(worker.pid))
            lost.emplace_back(id, "its process is gone");
        else if (parts_.clock.uptime() - worker.heard > limits_.lost_after)
            lost.emplace_back(id, "it was not heard any more");
    }
    for (const auto& [id, why] : lost) leave(id, why);
}

Task<> Desk::run() {
    while (!stopping_) {
        look();
        co_await parts_.clock.wait(ended_, parts_.clock.now() + look_every);
    }
}

void Desk::stop() {
    stopping_ = true;
    ended_.notify();
}

}  // namespace axis::delivery
