#include "gateway/model/status.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>
#include <array>

namespace axis::model::status_code {

namespace {
struct Row {
    std::string_view code, label, label_en;
    bool needs_reason;
};
constexpr std::array<Row, 9> rows{{
    {"01", "Đã đến", "Arrived", false},
    {"02", "Từ chối tiếp nhận", "Refused", true},
    {"03", "Đã tiếp nhận", "Registered", false},
    {"04", "Phân công", "Assigned", false},
    {"05", "Đang xử lý", "In progress", false},
    {"06", "Hoàn thành", "Completed", false},
    {"13", "Lấy lại", "Take back", true},
    {"15", "Đồng ý cập nhật, lấy lại", "Agreed", false},
    {"16", "Từ chối cập nhật, lấy lại", "Disagreed", true},
}};

const Row* find(std::string_view code) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.code == code; });
    return at == rows.end() ? nullptr : &*at;
}
}  // namespace

std::string normal(std::string_view text) {
    text = trimmed(text);
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') return "0" + std::string{text};
    return std::string{text};
}

bool known(std::string_view code) {
    return find(code) != nullptr;
}

bool needs_reason(std::string_view code) {
    const auto* found = find(code);
    return found && found->needs_reason;
}

std::string label(std::string_view code) {
    const auto* found = find(code);
    return found ? std::string{found->label} : "Trạng thái " + std::string{code};
}

std::string label_en(std::string_view code) {
    const auto* found = find(code);
    return found ? std::string{found->label_en} : "Status " + std::string{code};
}

}  // namespace axis::model::status_code
