// What document software asks: messages, their files, events.
#include "adapters/rest/fields.hpp"
#include "adapters/rest/parameters.hpp"
#include "adapters/rest/rest.hpp"
#include "gateway/ports/answers.hpp"

#include <charconv>

namespace axis::rest {

namespace {

// An id that cannot be one names nothing.
Result<model::MessageId> message_id(const Api::Call& call) {
    const auto id = model::MessageId::parse(call.arguments.at(0));
    if (!id) return Error{errc::not_found, "not a message id"};
    return *id;
}

Result<std::size_t> ordinal(const std::string& text) {
    std::size_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    if (!whole || value == 0) return Error{errc::not_found, "attachments are numbered from 1"};
    return value;
}

Result<ports::Search> read_search(const http::Target& target) {
    auto number = text_parameter(target, "number");
    if (!number) return number.error();
    auto external_id = text_parameter(target, "external_id");
    if (!external_id) return external_id.error();
    auto state = state_parameter(target, "state");
    if (!state) return state.error();
    auto from = time_parameter(target, "from");
    if (!from) return from.error();
    auto to = time_parameter(target, "to");
    if (!to) return to.error();
    ports::Search search;
    search.number = std::move(*number);
    search.external_id = std::move(*external_id);
    search.state = std::move(*state);
    search.from = std::move(*from);
    search.to = std::move(*to);
    return search;
}

}  // namespace

Task<Result<>> Api::find_messages(http::Exchange& exchange, Call call) {
    auto search = read_search(exchange.request().target);
    if (!search) co_return search.error();
    auto found = co_await lookup_.find(std::move(call.caller), std::move(*search));
    if (!found) co_return found.error();
    co_await exchange.reply_json(200, std::move(*found));
    co_return Result<>{};
}

Task<Result<>> Api::get_message(http::Exchange& exchange, Call call) {
    auto id = message_id(call);
    if (!id) co_return id.error();
    auto message = co_await lookup_.message(std::move(call.caller), *id);
    if (!message) co_return message.error();
    co_await exchange.reply_json(200, std::move(*message));
    co_return Result<>{};
}

Task<Result<>> Api::get_envelope(http::Exchange& exchange, Call call) {
    auto id = message_id(call);
    if (!id) co_return id.error();
    auto envelope = co_await lookup_.envelope(std::move(call.caller), *id);
    if (!envelope) co_return envelope.error();
    http::Headers headers;
    headers.add("Content-Type", "application/xml");
    auto sent = co_await stream(exchange, std::move(headers), std::move(*envelope));
    co_return sent;
}

Task<Result<>> Api::get_attachment(http::Exchange& exchange, Call call) {
    auto id = message_id(call);
    if (!id) co_return id.error();
    auto n = ordinal(call.arguments.at(1));
    if (!n) co_return n.error();
    auto file = co_await lookup_.attachment(std::move(call.caller), *id, *n);
    if (!file) co_return file.error();
    http::Headers headers;
    headers.add("Content-Type", content_type(file->content_type));
    headers.add("Content-Disposition", content_disposition(file->name));
    headers.add("Repr-Digest", "sha-256=:" + file->sha256.base64() + ":");
    auto sent = co_await stream(exchange, std::move(headers), std::move(file->stream));
    co_return sent;
}

Task<Result<>> Api::get_events(http::Exchange& exchange, Call call) {
    const auto& target = exchange.request().target;
    auto after = number_parameter(target, "after", NumberRange());
    if (!after) co_return after.error();
    const NumberRange waits{0, limits_.wait_max.count(), 0};
    auto wait = number_parameter(target, "wait", waits);
    if (!wait) co_return wait.error();
    const auto most = static_cast<std::int64_t>(limits_.event_count_max);
    const NumberRange counts{1, most, most};
    auto limit = number_parameter(target, "limit", counts);
    if (!limit) co_return limit.error();

    const auto count = static_cast<std::size_t>(*limit);
    const Duration patience = std::chrono::seconds(*wait);
    auto events = co_await lookup_.events(std::move(call.caller), *after, count, patience);
    if (!events) co_return events.error();
    std::string body = ports::to_json(*events);
    co_await exchange.reply_json(200, std::move(body));
    co_return Result<>{};
}

// The first piece is read before the head leaves, so that a missing file is still an honest problem reply.
// After that an error leaves the reply unfinished, and the connection is cut.
Task<Result<>> Api::stream(
    http::Exchange& exchange, http::Headers headers, std::unique_ptr<ports::ByteStream> bytes
) {
    std::uint64_t left = bytes->length();
    for (;;) {
        auto piece = co_await bytes->next();
        if (!piece) co_return piece.error();
        if (piece->size() > left) co_return Error{errc::blob_damaged, "longer than its length"};
        if (!exchange.replied()) co_await exchange.begin(200, std::move(headers), left);
        if (piece->empty()) break;
        left -= piece->size();
        co_await exchange.write(*piece);
    }
    if (left > 0) co_return Error{errc::blob_damaged, "shorter than its length"};
    co_await exchange.finish();
    co_return Result<>{};
}

}  // namespace axis::rest
