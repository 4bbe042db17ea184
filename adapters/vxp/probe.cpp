#include "adapters/vxp/probe.hpp"

namespace axis::vxp {

namespace {

using Steps = std::vector<Step>;

constexpr std::string_view wrong_key = "axisd-deliberately-wrong-key";

std::string shown(const Answer& answer) {
    const Error reason = why(answer);
    if (reason.code == errc::none) return reason.detail;
    return to_string(reason);
}

// name, tcp and tls at once: the connection says how far it came.
bool add_connection(
    Steps& steps, bool tls, const boost::system::result<std::chrono::milliseconds, http::Failure>& made
) {
    const auto reached = made ? http::Phase::send_header : made.error().phase;
    const std::string fault = made ? std::string{} : to_string(Error{made.error().code, made.error().detail});
    steps.push_back(
        {"name", reached > http::Phase::name, reached > http::Phase::name ? "Đã phân giải tên máy." : fault}
    );
    if (!steps.back().ok) return false;
    steps.push_back(
        {"tcp", reached > http::Phase::tcp, reached > http::Phase::tcp ? "Đã mở kết nối TCP." : fault}
    );
    if (!steps.back().ok) return false;
    const std::string good = tls ? "TLS tốt, chứng thư khớp tên máy." : "Không dùng TLS (http://).";
    steps.push_back({"tls", made.has_value(), made ? good : fault});
    return made.has_value();
}

bool add_http(Steps& steps, const Answer& answer) {
    const bool ok = answer.is_json;
    steps.push_back({"http", ok, (ok ? "Trục trả lời JSON: " : "Trục không trả lời JSON: ") + shown(answer)});
    return ok;
}

bool refused_alike(const Answer& a, const Answer& b) {
    return a.is_json == b.is_json && a.http_status == b.http_status && a.status == b.status &&
           a.code == b.code;
}

Step control_step(const Answer& ours, const Answer& wrong) {
    if (succeeded(wrong))
        return {"control", false, "Trục chấp nhận cả khoá sai: trục không kiểm tra thông tin xác thực."};
    if (!wrong.is_json)
        return {
            "control",
            false,
            "Không có câu trả lời rõ ràng cho khoá sai, không kết luận được: " + shown(wrong)};
    if (!succeeded(ours) && refused_alike(ours, wrong))
        return {
            "control",
            false,
            "Khoá đúng và khoá sai bị từ chối như nhau: không phân biệt được lỗi nằm ở lớp xác thực nào "
            "(khoá, system_id hay một lớp đứng trước trục)."};
    return {"control", true, "Khoá sai bị từ chối: " + shown(wrong)};
}

}  // namespace

Task<Result<std::vector<Step>>> probe(
    asio::io_context& io, const Clock& clock, Settings settings, ClientLimits limits
) {
    Settings wrong_settings = settings;
    wrong_settings.secret = Secret{std::string{wrong_key}};
    const bool tls = settings.base_url.starts_with("https");
    auto client = Client::open(io, clock, std::move(settings), limits);
    if (!client) co_return client.error();
    auto wrong_client = Client::open(io, clock, std::move(wrong_settings), limits);
    if (!wrong_client) co_return wrong_client.error();

    Steps steps;
    auto connected = co_await (*client)->connect();
    const bool reached = add_connection(steps, tls, connected);
    if (!reached) co_return steps;
    const List<ReceivedItem> right = co_await (*client)->received_list(model::MessageKind::document);
    const bool spoke = add_http(steps, right.answer);
    if (!spoke) co_return steps;
    const bool accepted = succeeded(right.answer);
    const std::string verdict =
        accepted ? "Trục chấp nhận system_id và khoá." : "Trục từ chối: " + shown(right.answer);
    steps.push_back({"credentials", accepted, verdict});
    const List<ReceivedItem> wrong = co_await (*wrong_client)->received_list(model::MessageKind::document);
    steps.push_back(control_step(right.answer, wrong.answer));
    co_return steps;
}

}  // namespace axis::vxp
