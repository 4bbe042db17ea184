// The REST surface for document software (architecture §4; schemas/openapi.yaml is its contract).
//
//   request --path--> 404 --method--> 405 --token--> 401, 403 --parameters--> 400 --> Intake or Lookup -->
//   reply
//
// The token is looked at before anything else of a route. A positive answer leaves only after what it
// promises is committed (the ports say so). A refusal does not wait for the rest of a body; the server then
// closes. A stream that fails in its middle is cut, never ended as if it were whole. Thread: io; packages are
// taken apart on the files pool.
#pragma once

#include "adapters/rest/tokens.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/http/server.hpp"
#include "gateway/ports/claims.hpp"
#include "gateway/ports/intake.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace axis::rest {

struct Limits {
    std::uint64_t upload_bytes_max = 4ULL << 30;  // a whole package with its files
    std::size_t package_bytes_max = 1024 * 1024;  // its part named package
    std::size_t file_count_max = 200;
    std::size_t json_bytes_max = 64 * 1024;  // other bodies
    std::chrono::seconds wait_max{60};       // of a long poll
    std::size_t event_count_max = 100;       // of one answer
    std::chrono::seconds retry_after{10};    // said with every 503
};

class Api {
public:
    // The references outlive the Api.
    Api(ports::Intake& intake,
        ports::Lookup& lookup,
        ports::Claims& claims,
        Pool& files,
        const Clock& clock,
        Limits limits,
        std::vector<TokenEntry> tokens);

    Task<> handle(http::Exchange& exchange);  // the http::Handler; the Api outlives every call

    // One checked request: who asks, and what stood at the {places} of the path.
    struct Call {
        ports::Caller caller;
        std::vector<std::string> arguments;
    };
    struct Route {
        std::string_view method;
        std::string_view pattern;                  // "/v1/messages/{id}"
        std::vector<std::string_view> parameters;  // of the query; others are refused
        Task<Result<>> (Api::*serve)(http::Exchange&, Call);
    };
    static const std::vector<Route>& routes();

private:
    struct Routed {
        const Route* route = nullptr;
        std::vector<std::string> arguments;
        std::string allow;  // the methods this path knows; empty: no such path
    };
    static Routed find_route(const http::Request& request);

    Task<Result<>> serve(http::Exchange& exchange, Routed routed);
    Task<> refuse(http::Exchange& exchange, Error error, std::string allow);

    Task<Result<>> submit_package(http::Exchange& exchange, Call call);
    Task<Result<>> submit_envelope(http::Exchange& exchange, Call call);
    Task<Result<>> keep_file(http::Exchange& exchange, Call call);
    Task<Result<>> find_messages(http::Exchange& exchange, Call call);
    Task<Result<>> get_message(http::Exchange& exchange, Call call);
    Task<Result<>> get_envelope(http::Exchange& exchange, Call call);
    Task<Result<>> get_attachment(http::Exchange& exchange, Call call);
    Task<Result<>> report_status(http::Exchange& exchange, Call call);
    Task<Result<>> get_events(http::Exchange& exchange, Call call);
    Task<Result<>> acknowledge_events(http::Exchange& exchange, Call call);

    // The whole body, each piece of it taken on the files pool; what `take` refers to outlives the call.
    using Take = std::function<Result<>(std::string_view)>;
    Task<Result<>> receive(http::Exchange& exchange, Take take);
    Task<> answer(http::Exchange& exchange, ports::Receipt receipt, bool dry_run);
    Task<Result<>> stream(
        http::Exchange& exchange, http::Headers headers, std::unique_ptr<ports::ByteStream> bytes
    );

    ports::Intake& intake_;
    ports::Lookup& lookup_;
    ports::Claims& claims_;
    Pool& files_;
    Limits limits_;
    Tokens tokens_;
};

}  // namespace axis::rest
