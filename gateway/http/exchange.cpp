// What every Exchange can do, whatever carries it.
#include "gateway/http/server.hpp"

namespace axis::http {

Task<Result<std::string>> Exchange::read_all(std::size_t bytes_max) {
    set_body_limit(bytes_max);
    std::string body;
    for (;;) {
        auto piece = co_await read();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return body;
        body += *piece;
    }
}

Task<> Exchange::problem(Error error, unsigned retry_after_seconds) {
    Headers headers;
    headers.add("Content-Type", "application/problem+json");
    if (retry_after_seconds > 0) headers.add("Retry-After", std::to_string(retry_after_seconds));
    std::string body = problem_json(error, request().id);
    co_await reply(row(error.code).http_status, std::move(headers), std::move(body));
}

Task<> Exchange::reply_json(unsigned status, std::string json, Headers headers) {
    headers.set("Content-Type", "application/json");
    co_await reply(status, std::move(headers), std::move(json));
}

}  // namespace axis::http
