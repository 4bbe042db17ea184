// POST /v1/files: one file, to be named by its claim in a message that travels where size is bounded.
#include "adapters/rest/fields.hpp"
#include "adapters/rest/rest.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace axis::rest {

namespace json = boost::json;

namespace {

std::string claim_json(const ports::Claim& claim) {
    json::object out;
    out["claim"] = claim.claim;
    out["bytes"] = claim.bytes;
    out["sha256"] = claim.sha256.hex();
    out["until"] = to_local_text(claim.until);
    return json::serialize(out);
}

}  // namespace

Task<Result<>> Api::keep_file(http::Exchange& exchange, Call call) {
    const auto& headers = exchange.request().headers;
    auto announced = repr_digest(headers);
    if (!announced) co_return announced.error();
    if (is_multipart(headers)) co_return Error{errc::http_media_type, "the body is the file, without a form"};
    auto upload = claims_.open(std::move(call.caller));
    if (!upload) co_return upload.error();
    exchange.set_body_limit(limits_.upload_bytes_max);
    Sha256Hasher hasher;  // before it is kept: what was damaged on the way leaves nothing
    Take take = [&](std::string_view bytes) {
        if (*announced) hasher.update(bytes);
        return (*upload)->file(bytes);
    };
    auto received = co_await receive(exchange, std::move(take));
    if (!received) co_return received.error();
    if (const auto came = hasher.finish(); *announced && came != **announced)
        co_return Error{errc::file_digest, came.hex()};

    auto claim = co_await claims_.keep(std::move(*upload));
    if (!claim) co_return claim.error();
    std::string body = claim_json(*claim);
    co_await exchange.reply_json(201, std::move(body));
    co_return Result<>{};
}

}  // namespace axis::rest
