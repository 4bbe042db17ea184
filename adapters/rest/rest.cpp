#include "adapters/rest/rest.hpp"

#include "adapters/rest/fields.hpp"
#include "adapters/rest/parameters.hpp"
#include "gateway/base/log.hpp"

namespace axis::rest {

namespace {

// Who posts what no route takes learns that first, whatever the path.
Error no_such_method(const http::Headers& headers) {
    const bool foreign = headers.count("content-type") > 0 && !is_json(headers) && !is_multipart(headers);
    return foreign ? Error{errc::http_media_type} : Error{errc::http_method_not_allowed};
}

void log_refusal(const http::Request& request, const Error& error, bool cut) {
    if (cut)
        return log::error(
            "rest.reply_cut", "request", request.id, "path", request.target.path, "reason", error
        );
    if (row(error.code).http_status == 500)
        return log::error("rest.failed", "request", request.id, "path", request.target.path, "reason", error);
    log::debug("rest.refused", "request", request.id, "path", request.target.path, "reason", error);
}

}  // namespace

Api::Api(
    ports::Intake& intake,
    ports::Lookup& lookup,
    ports::Claims& claims,
    Pool& files,
    const Clock& clock,
    Limits limits,
    std::vector<TokenEntry> tokens
)
    : intake_{intake},
      lookup_{lookup},
      claims_{claims},
      files_{files},
      limits_{limits},
      tokens_{std::move(tokens), clock} {}

Task<> Api::handle(http::Exchange& exchange) {
    auto routed = find_route(exchange.request());
    std::string allow = routed.allow;
    Task<Result<>> work = serve(exchange, std::move(routed));
    auto served = co_await std::move(work);
    if (served) co_return;
    // Begun but not finished: the server cuts the connection, so that the peer sees that something is
    // missing.
    log_refusal(exchange.request(), served.error(), exchange.replied());
    if (exchange.replied()) co_return;
    co_await refuse(exchange, std::move(served.error()), std::move(allow));
}

Task<Result<>> Api::serve(http::Exchange& exchange, Routed routed) {
    const auto& request = exchange.request();
    if (routed.allow.empty()) co_return Error{errc::not_found, "no such path"};
    if (routed.route == nullptr) {
        // What is no HTTP is told first: the peer must not take a broken body for an understood one.
        exchange.set_body_limit(limits_.json_bytes_max);
        auto body = co_await exchange.read_all(limits_.json_bytes_max);
        const bool malformed = !body && body.error().code == errc::http_malformed;
        if (malformed) co_return body.error();
        co_return no_such_method(request.headers);
    }
    auto endpoint = tokens_.check(request);
    if (!endpoint) co_return endpoint.error();
    auto known = check_parameters(request.target, routed.route->parameters);
    if (!known) co_return known.error();

    Call call;
    call.caller.endpoint = std::move(*endpoint);
    call.caller.request_id = request.id;
    call.arguments = std::move(routed.arguments);
    Task<Result<>> work = (this->*routed.route->serve)(exchange, std::move(call));
    auto served = co_await std::move(work);
    co_return served;
}

Task<> Api::refuse(http::Exchange& exchange, Error error, std::string allow) {
    http::Headers headers;
    headers.add("Content-Type", "application/problem+json");
    if (error.code == errc::token_missing) headers.add("WWW-Authenticate", "Bearer");
    if (error.code == errc::token_unknown) headers.add("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    if (error.code == errc::http_method_not_allowed) headers.add("Allow", std::move(allow));
    const auto status = row(error.code).http_status;
    if (status == 503) headers.add("Retry-After", std::to_string(limits_.retry_after.count()));
    std::string body = http::problem_json(error, exchange.request().id);
    co_await exchange.reply(status, std::move(headers), std::move(body));
}

}  // namespace axis::rest
