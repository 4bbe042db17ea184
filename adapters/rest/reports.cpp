// What document software tells beside packages: statuses, and how far it has read its events.
#include "adapters/rest/fields.hpp"
#include "adapters/rest/rest.hpp"
#include "gateway/ports/answers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace axis::rest {

namespace json = boost::json;

namespace {

Result<std::int64_t> read_through(const std::string& body) {
    json::error_code ec;
    const auto value = json::parse(body, ec);
    const auto* object = ec ? nullptr : value.if_object();
    const auto* through = object == nullptr || object->size() != 1 ? nullptr : object->if_contains("through");
    const auto* number = through == nullptr ? nullptr : through->if_int64();
    if (number != nullptr && *number >= 0) return *number;
    return Error{errc::http_body, R"({"through": N} is wanted, N the seq of the last event that is settled)"};
}

}  // namespace

Task<Result<>> Api::report_status(http::Exchange& exchange, Call call) {
    const auto id = model::MessageId::parse(call.arguments.at(0));
    if (!id) co_return Error{errc::not_found, "not a message id"};
    auto media = require_json(exchange.request().headers);
    if (!media) co_return media.error();
    auto body = co_await exchange.read_all(limits_.json_bytes_max);
    if (!body) co_return body.error();
    auto receipts = co_await intake_.report(std::move(call.caller), *id, std::move(*body));
    if (!receipts) co_return receipts.error();
    std::string reply = ports::to_json(*receipts);
    co_await exchange.reply_json(202, std::move(reply));
    co_return Result<>{};
}

Task<Result<>> Api::acknowledge_events(http::Exchange& exchange, Call call) {
    auto media = require_json(exchange.request().headers);
    if (!media) co_return media.error();
    auto body = co_await exchange.read_all(limits_.json_bytes_max);
    if (!body) co_return body.error();
    auto through = read_through(*body);
    if (!through) co_return through.error();
    auto done = co_await intake_.acknowledge_events(std::move(call.caller), *through);
    if (!done) co_return done.error();
    co_await exchange.reply(204, http::Headers(), std::string());
    co_return Result<>{};
}

}  // namespace axis::rest
