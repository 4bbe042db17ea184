#include "gateway/intake/inquiries.hpp"

#include "gateway/base/log.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

namespace axis::intake {

namespace {

http::ClientLimits client_limits(const InquiryLimits& limits) {
    http::ClientLimits out;
    out.connect_wait = out.tls_wait = out.progress_wait = out.reply_wait = out.total_wait =
        limits.answer_wait;
    out.header_bytes_max = 16 * 1024;
    out.connections_max = limits.connections_max;
    return out;
}

}  // namespace

std::string too_late(const InquiryLimits& limits) {
    return "no answer within " + std::to_string(limits.wait.count()) + " ms";
}

Result<std::unique_ptr<Inquiries>> Inquiries::open(
    asio::io_context& io,
    const Clock& clock,
    const std::vector<std::string>& addresses,
    Alarm alarm,
    InquiryLimits limits
) {
    std::unique_ptr<Inquiries> out{new Inquiries{clock, std::move(alarm), limits}};
    for (const auto& address : addresses) {
        auto client = http::Client::open(io, {address, "", true}, client_limits(limits));
        if (!client) return client.error();
        out->authorities_[address].client = std::move(*client);
    }
    return out;
}

Task<Result<std::string>> Inquiries::post(
    std::string address, std::string content_type, std::string question
) {
    const auto found = authorities_.find(address);
    AXIS_ASSERT(found != authorities_.end());
    auto& authority = found->second;
    if (clock_.now() < authority.paused_until) co_return authority.last;

    http::Call call;
    call.method = "POST";
    call.headers.add("Content-Type", std::move(content_type));
    call.body = std::move(question);
    call.reply_bytes_max = limits_.answer_bytes_max;
    auto reply = co_await authority.client->call(std::move(call));
    if (reply && reply->status == 200) {
        alarm_(false, address, "");
        co_return std::move(reply->body);
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    const bool cut = state.cancelled() != asio::cancellation_type::none;
    const auto code = reply ? errc::peer_http : reply.error().code;
    const auto why = cut     ? too_late(limits_)
                     : reply ? "HTTP " + std::to_string(reply->status)
                             : std::string{row(code).code} + " " + reply.error().detail;
    authority.last = {code, address + ": " + why + " (asked " + to_local_text(clock_.now()) + ")"};
    authority.paused_until = clock_.now() + limits_.pause;
    log::warn("inquiry.unanswered", "address", address, "reason", why);
    alarm_(true, address, why);
    co_return authority.last;
}

}  // namespace axis::intake
