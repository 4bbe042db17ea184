// Status: bản tin trạng thái, what one agency tells another about a document (edxml-standard.md §2).
// Business status and transport acknowledgement are never mixed: a Status is the former.
#pragma once

#include "gateway/model/document.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::model {

// "01" … "16" as two digits. Codes outside the table are kept, shown and flagged, never dropped.
namespace status_code {
inline constexpr std::string_view arrived = "01", refused = "02", registered = "03", assigned = "04",
                                  in_progress = "05", completed = "06", take_back = "13", agreed = "15",
                                  disagreed = "16";
// "1" -> "01", " 03 " -> "03"; other texts unchanged but trimmed.
std::string normal(std::string_view text);
bool known(std::string_view code);
bool needs_reason(std::string_view code);  // 02, 13, 16
// The wording of the axis' own SDK: "Đã đến", "Từ chối tiếp nhận", …; "Trạng thái 07" for an unknown one.
std::string label(std::string_view code);
std::string label_en(std::string_view code);
}  // namespace status_code

struct Status {
    Organization from;               // who reports
    DocumentReference response_for;  // organ: the other party (02: the sender; 13: the recipient)
    Staff staff;
    std::string code;  // normal form
    std::string description;
    std::string timestamp;   // as written, yyyy/MM/dd HH:mm:ss
    std::optional<Time> at;  // its meaning
    std::vector<Extension> extensions;
    friend bool operator==(const Status&, const Status&) = default;
};

}  // namespace axis::model
