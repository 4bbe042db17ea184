// AgencyCode: mã định danh of an agency, as written, compared without case and outer blanks.
//
// Old form 000.00.00.G22 (QCVN 102:2016), new form G22 or G12.18 (QĐ 20/2020, at most 35 characters), digits
// of an enterprise, and much that follows no rule occur side by side: a code that does not fit the forms is
// still a code. Old and new forms of one agency are made equal by the directory's aliases, never computed.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace axis::model {

class AgencyCode {
public:
    static constexpr std::size_t characters_max = 64;

    AgencyCode() = default;  // no agency
    // Nothing when not given (not_given.hpp), over-long, not UTF-8, or carrying blanks inside, control or
    // zero-width characters.
    static std::optional<AgencyCode> parse(std::string_view text);

    const std::string& text() const { return text_; }  // as written, trimmed
    const std::string& key() const { return key_; }    // for comparing and looking up: upper case, NFC
    bool empty() const { return text_.empty(); }
    bool well_formed() const;  // fits QĐ 20/2020 or QCVN 102; asked only of codes we own or register

    friend bool operator==(const AgencyCode& a, const AgencyCode& b) { return a.key_ == b.key_; }
    friend auto operator<=>(const AgencyCode& a, const AgencyCode& b) { return a.key_ <=> b.key_; }

private:
    std::string text_;
    std::string key_;
};
inline std::string to_string(const AgencyCode& code) {
    return code.text();
}

}  // namespace axis::model
