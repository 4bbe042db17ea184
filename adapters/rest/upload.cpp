// POST /v1/packages and /v1/envelopes: what software hands over, taken apart while it comes in.
#include "adapters/rest/fields.hpp"
#include "adapters/rest/package_parts.hpp"
#include "adapters/rest/parameters.hpp"
#include "adapters/rest/rest.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/ports/answers.hpp"

namespace axis::rest {

namespace {

// A class that is not said is not the ordinary one: the same three facts as in a package, all required.
Result<ports::Declared> declared_parameters(const http::Target& target) {
    for (const auto name : {"security_class", "restricted_publication", "denunciation"})
        if (!target.parameter(name)) return bad_parameter(name, "is required");
    auto security_class = word_parameter(target, "security_class", {"thuong", "mat", "toi_mat", "tuyet_mat"});
    auto restricted = flag_parameter(target, "restricted_publication");
    auto denunciation = flag_parameter(target, "denunciation");
    if (!security_class) return security_class.error();
    if (!restricted) return restricted.error();
    if (!denunciation) return denunciation.error();
    return ports::Declared{std::move(*security_class), *restricted, *denunciation};
}

}  // namespace

Task<Result<>> Api::submit_package(http::Exchange& exchange, Call call) {
    const auto& request = exchange.request();
    auto dry_run = flag_parameter(request.target, "dry_run");
    if (!dry_run) co_return dry_run.error();
    auto key = idempotency_key(request.headers);
    if (!key) co_return key.error();
    auto media = require_multipart(request.headers);
    if (!media) co_return media.error();
    auto upload = intake_.open_upload(std::move(call.caller), std::move(*key));
    if (!upload) co_return upload.error();

    PackageParts parts{**upload, limits_.package_bytes_max};
    http::MultipartLimits part_limits;
    part_limits.part_count_max = limits_.file_count_max + 1;
    auto parser = http::MultipartParser::open(*request.headers.get("content-type"), part_limits, parts);
    if (!parser) co_return parser.error();
    exchange.set_body_limit(limits_.upload_bytes_max);
    Take take = [&parser](std::string_view bytes) { return parser->feed(bytes); };
    auto received = co_await receive(exchange, std::move(take));
    if (received) received = parser->finish();
    if (received && parts.empty()) received = Error{errc::multipart_order, "no part came"};
    if (!received) co_return received.error();

    auto receipt = co_await intake_.submit(std::move(*upload), *dry_run);
    if (!receipt) co_return receipt.error();
    co_await answer(exchange, std::move(*receipt), *dry_run);
    co_return Result<>{};
}

Task<Result<>> Api::submit_envelope(http::Exchange& exchange, Call call) {
    const auto& request = exchange.request();
    auto dry_run = flag_parameter(request.target, "dry_run");
    if (!dry_run) co_return dry_run.error();
    auto declared = declared_parameters(request.target);
    if (!declared) co_return declared.error();
    auto key = idempotency_key(request.headers);
    if (!key) co_return key.error();
    auto media = require_xml(request.headers);
    if (!media) co_return media.error();
    auto upload = intake_.open_envelope(std::move(call.caller), std::move(*key), std::move(*declared));
    if (!upload) co_return upload.error();
    exchange.set_body_limit(limits_.upload_bytes_max);
    Take take = [&upload](std::string_view bytes) { return (*upload)->feed(bytes); };
    auto received = co_await receive(exchange, std::move(take));
    if (!received) co_return received.error();
    auto receipt = co_await intake_.submit(std::move(*upload), *dry_run);
    if (!receipt) co_return receipt.error();
    co_await answer(exchange, std::move(*receipt), *dry_run);
    co_return Result<>{};
}

Task<> Api::answer(http::Exchange& exchange, ports::Receipt receipt, bool dry_run) {
    http::Headers headers;
    if (!dry_run) headers.add("Location", "/v1/messages/" + receipt.id);
    std::string body = ports::to_json(receipt);
    const unsigned status = dry_run ? 200 : 202;
    co_await exchange.reply_json(status, std::move(body), std::move(headers));
}

// One hop to the files pool for each piece: parsed, hashed and written there. Our view of it holds until the
// next read().
Task<Result<>> Api::receive(http::Exchange& exchange, Take take) {
    for (;;) {
        auto piece = co_await exchange.read();
        if (!piece) co_return piece.error();
        if (piece->empty()) co_return Result<>{};
        const auto bytes = *piece;
        auto work = [&take, bytes] { return take(bytes); };
        auto taken = co_await offload(files_, std::move(work));
        if (!taken) co_return taken.error();
    }
}

}  // namespace axis::rest
