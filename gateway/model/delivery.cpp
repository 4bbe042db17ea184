#include "gateway/model/delivery.hpp"

#include "gateway/model/status.hpp"

#include <array>

namespace axis::model {

namespace {
struct Row {
    DeliveryState state;
    std::string_view name, label, label_en;
};
constexpr std::array<Row, 8> rows{{
    {DeliveryState::queued, "queued", "Chưa gửi", "Not sent yet"},
    {DeliveryState::sending, "sending", "Đang gửi", "Being sent"},
    {DeliveryState::offered, "offered", "Chờ đơn vị lấy về", "Waiting to be fetched"},
    {DeliveryState::reconciling, "reconciling", "Đang đối soát", "Being reconciled"},
    {DeliveryState::held, "held", "Tạm giữ", "Held"},
    {DeliveryState::quarantined, "quarantined", "Gửi lỗi", "Failed"},
    {DeliveryState::cancelled, "cancelled", "Đã huỷ trước khi gửi", "Cancelled before sending"},
    {DeliveryState::done, "done", "Đã gửi", "Sent"},
}};

const Row& row_of(DeliveryState state) {
    return rows[static_cast<std::size_t>(state)];
}
}  // namespace

std::string_view name(DeliveryState state) {
    return row_of(state).name;
}

std::optional<DeliveryState> delivery_state(std::string_view text) {
    for (const auto& row : rows)
        if (row.name == text) return row.state;
    return std::nullopt;
}

std::string label(DeliveryState state, std::string_view status) {
    return status.empty() ? std::string{row_of(state).label} : status_code::label(status);
}

std::string label_en(DeliveryState state, std::string_view status) {
    return status.empty() ? std::string{row_of(state).label_en} : status_code::label_en(status);
}

std::string_view name(MessageKind kind) {
    return kind == MessageKind::document ? "document" : "status";
}

std::string_view name(Verdict verdict) {
    constexpr std::array<std::string_view, 5> names{
        "accepted", "rejected", "deferred", "unauthorised", "unknown"};
    return names[static_cast<std::size_t>(verdict)];
}

}  // namespace axis::model
