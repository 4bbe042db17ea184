#include "adapters/amqp/unit.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/base/within.hpp"
#include "gateway/http/server.hpp"
#include "gateway/ports/answers.hpp"
#include "gateway/ports/idempotency.hpp"

#include <algorithm>
#include <utility>

namespace axis::software {

namespace {

constexpr std::size_t header_bytes_max = 64 * 1024;  // all headers of a message have to fit into one frame

// To the command of that key.
amqp::Message answer_to(const std::string& key, std::string type, std::string body) {
    amqp::Message out;
    out.type = std::move(type);
    out.body = std::move(body);
    out.id = key;
    out.correlation_id = key;
    return out;
}

}  // namespace

std::string in_queue(const std::string& prefix, const model::EndpointName& endpoint) {
    return prefix + ".in." + endpoint.text;
}

std::string out_queue(const std::string& prefix, const model::EndpointName& endpoint) {
    return prefix + ".out." + endpoint.text;
}

std::string refused_queue(const std::string& prefix, const model::EndpointName& endpoint) {
    return prefix + ".refused." + endpoint.text;
}

Unit::Unit(UnitParts parts, std::string prefix, model::EndpointName endpoint, UnitLimits limits)
    : parts_{parts},
      endpoint_{std::move(endpoint)},
      out_{out_queue(prefix, endpoint_)},
      refused_{refused_queue(prefix, endpoint_)},
      limits_{limits},
      moved_{parts.io},
      work_{parts.io} {}

ports::Caller Unit::caller(std::string request) const {
    return {endpoint_, std::move(request)};
}

void Unit::begin_life() {
    ++life_;
    moved_.notify();
    work_.spawn("events of " + endpoint_.text, tell_events(life_));
}

// Left alone when the group is full: handed out again when the connection ends, and the prefetch is smaller.
void Unit::received(amqp::Received received) {
    work_.spawn("command of " + endpoint_.text, carry_out(std::move(received), life_));
}

void Unit::out_waits(std::uint32_t messages) {
    out_waiting_ = messages;
}

Task<> Unit::stop(Duration grace) {
    stopping_ = true;
    moved_.notify();
    work_.close();
    const bool ended = co_await within(grace, work_.join());
    if (ended) co_return;
    work_.cancel();
    co_await work_.join();
}

Task<> Unit::pause() {
    if (stopping_) co_return;
    const auto until = parts_.clock.now() + limits_.again_after;
    co_await parts_.clock.wait(moved_, until);
}

Task<> Unit::carry_out(amqp::Received received, std::uint64_t life) {
    if (mutated(Mutation::ack_before_commit)) parts_.post.acknowledge(received.receipt);
    auto answer = co_await obey(received);
    bool waits = false;
    while (!answer && row(answer.error().code).retryable) {
        if (!std::exchange(waits, true))  // once: it may be for a day
            log::warn(
                "command.waits",
                "endpoint",
                endpoint_.text,
                "key",
                received.message.id,
                "reason",
                answer.error()
            );
        co_await pause();
        if (!alive(life)) co_return;
        answer = co_await obey(received);
    }
    crash_point("command_committed");
    bool told = true;
    const auto receipt = received.receipt;
    if (!answer)
        told = co_await refuse(std::move(received), std::move(answer.error()), life);
    else if (*answer)
        told = co_await tell(out_, std::move(**answer), life);
    crash_point("command_answered");
    if (told) parts_.post.acknowledge(receipt);
}

Task<Result<std::optional<amqp::Message>>> Unit::obey(const amqp::Received& received) {
    auto read = [this, &received] { return read_command(received, limits_.command); };
    auto command = co_await offload(parts_.files, std::move(read));
    if (!command) co_return command.error();
    const auto& key = received.message.id;
    amqp::Message answer;
    if (const auto* package = std::get_if<SubmitPackage>(&*command)) {
        auto receipt = co_await submit(*package, key);
        if (!receipt) co_return receipt.error();
        answer = answer_to(key, "receipt", ports::to_json(*receipt));
    } else if (auto* status = std::get_if<ReportStatus>(&*command)) {
        auto statuses = co_await parts_.intake.report(caller(key), status->about, std::move(status->status));
        if (!statuses) co_return statuses.error();
        answer = answer_to(key, "statuses", ports::to_json(*statuses));
    } else {
        const auto through = std::get<AcknowledgeEvents>(*command).through;
        auto settled = co_await settle(through, key);
        if (!settled) co_return settled.error();
        co_return std::optional<amqp::Message>{};
    }
    co_return std::optional{std::move(answer)};
}

Task<Result<ports::Receipt>> Unit::submit(const SubmitPackage& command, std::string key) {
    auto upload = parts_.intake.open_upload(caller(key), key);
    if (!upload) co_return upload.error();
    auto handed = co_await hand_over(**upload, command);
    if (!handed) co_return handed.error();
    auto receipt = co_await parts_.intake.submit(std::move(*upload), command.dry_run);
    co_return receipt;
}

// What came in the message takes one hop; what was left with us before comes in pieces.
Task<Result<>> Unit::hand_over(ports::PackageUpload& upload, const SubmitPackage& command) {
    auto inside = [&upload, &command]() -> Result<> {
        auto done = upload.package(command.package);
        for (const auto& file : command.files) {
            if (!file.claim.empty()) continue;
            if (done) done = upload.begin_file(file.name);
            if (done) done = upload.file(file.bytes);
            if (done) done = upload.end_file();
        }
        return done;
    };
    auto done = co_await offload(parts_.files, std::move(inside));
    if (!done) co_return done.error();
    for (const auto& file : command.files) {
        if (file.claim.empty()) continue;
        auto handed = co_await hand_over(upload, file);
        if (!handed) co_return handed.error();
    }
    co_return Result<>{};
}

Task<Result<>> Unit::hand_over(ports::PackageUpload& upload, const CommandFile& file) {
    auto stream = co_await parts_.claims.read(caller(), file.claim);
    if (!stream) co_return stream.error();
    auto begin = [&upload, &file] { return upload.begin_file(file.name); };
    auto done = co_await offload(parts_.files, std::move(begin));
    while (done) {
        auto piece = co_await (*stream)->next();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        const auto bytes = *piece;
        auto feed = [&upload, bytes] { return upload.file(bytes); };
        done = co_await offload(parts_.files, std::move(feed));
    }
    if (!done) co_return done.error();
    auto end = [&upload] { return upload.end_file(); };
    done = co_await offload(parts_.files, std::move(end));
    co_return done;
}

// In turn: the core takes one acknowledgement of an endpoint at a time.
Task<Result<>> Unit::settle(std::int64_t through, std::string request) {
    const auto turn = settling_.take();
    co_await turn->come();
    auto settled = co_await parts_.intake.acknowledge_events(caller(std::move(request)), through);
    if (settled) moved_.notify();
    co_return settled;
}

// First to where it can be looked at, then to whoever waits for the answer.
Task<bool> Unit::refuse(amqp::Received received, Error why, std::uint64_t life) {
    auto& refused = received.message;
    const auto key = refused.id;
    log::info("command.refused", "endpoint", endpoint_.text, "key", key, "type", refused.type, "reason", why);
    const auto request = ports::is_idempotency_key(key) ? key : std::string{};
    auto answer = answer_to(key, "problem", http::problem_json(why, request));
    answer.content_type = "application/problem+json";
    const bool fits = answer.body.size() <= header_bytes_max;
    refused.headers = {{"problem", fits ? answer.body : http::problem_json(Error{why.code}, {})}};
    const bool kept = co_await tell(refused_, std::move(refused), life);
    if (!kept) co_return false;
    const bool told = co_await tell(out_, std::move(answer), life);
    co_return told;
}

// Until the broker has it, or the life is over.
Task<bool> Unit::tell(std::string queue, amqp::Message message, std::uint64_t life) {
    while (alive(life)) {
        auto told = co_await parts_.post.publish(queue, message);
        if (told) co_return true;
        if (told.error().code == errc::broker_refused)  // of the others an alarm tells
            log::warn("queue.not_told", "queue", queue, "type", message.type, "reason", told.error());
        co_await pause();
    }
    co_return false;
}

Task<> Unit::tell_events(std::uint64_t life) {
    std::int64_t told = -1;
    std::int64_t settled = -1;
    auto moved_at = parts_.clock.uptime();
    while (alive(life)) {
        auto now_settled = co_await parts_.lookup.acknowledged(caller());
        if (!now_settled) {
            co_await pause();
            continue;
        }
        const auto uptime = parts_.clock.uptime();
        if (std::exchange(settled, *now_settled) != *now_settled) moved_at = uptime;
        const bool lost = out_waiting_ == 0 && uptime - moved_at >= limits_.events_lost_after;
        if (lost) moved_at = uptime;
        told = lost ? settled : std::max(told, settled);
        const auto room = limits_.events_ahead - (told - settled);
        if (room <= 0) {
            co_await pause();
            continue;
        }
        const auto count = std::min(limits_.events_at_once, static_cast<std::size_t>(room));
        auto events = co_await parts_.lookup.events(caller(), told, count, limits_.events_wait);
        if (!events) {
            co_await pause();
            continue;
        }
        if (events->json.empty()) continue;
        amqp::Message message;
        message.type = "events";
        message.body = ports::to_json(*events);
        message.id = std::to_string(events->last);
        const bool heard = co_await tell(out_, std::move(message), life);
        if (!heard) co_return;
        told = events->last;
        moved_at = parts_.clock.uptime();
    }
}

}  // namespace axis::software
