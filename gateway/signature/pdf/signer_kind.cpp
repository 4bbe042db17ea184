#include "gateway/signature/pdf/signer_kind.hpp"

#include "gateway/base/text.hpp"
#include "gateway/signature/openssl.hpp"

#include <algorithm>
#include <array>

namespace axis::signature {

namespace {

// Written as names of agencies are; compared without regard to the case of ASCII letters only, so both forms
// stand here where the first letters are others.
constexpr std::array<std::string_view, 34> agency_words{
    "Bộ ",        "BỘ ",      "Sở ",      "SỞ ",       "Ủy ban ",    "Uỷ ban ",    "ỦY BAN ",
    "UỶ BAN ",    "UBND ",    "HĐND ",    "Hội đồng ", "HỘI ĐỒNG ",  "Văn phòng ", "VĂN PHÒNG ",
    "Cục ",       "CỤC ",     "Chi cục ", "CHI CỤC ",  "Tổng cục ",  "TỔNG CỤC ",  "Trung tâm ",
    "TRUNG TÂM ", "Cổng ",    "CỔNG ",    "Viện ",     "VIỆN ",      "Trường ",    "TRƯỜNG ",
    "Công ty ",   "CÔNG TY ", "Kho bạc ", "KHO BẠC ",  "Thanh tra ", "THANH TRA "};
constexpr std::array<std::string_view, 4> person_ids{"CCCD:", "CMND:", "CMT:", "HC:"};
constexpr std::array<std::string_view, 4> organisation_ids{"MST:", "MNS:", "MSDN:", "BHXH:"};

template <class Words>
bool begins_with_one(const Words& words, std::string_view text) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return equal_ignoring_case(text.substr(0, word.size()), word);
    });
}

std::string plain(std::string_view text) {
    return nfc(trimmed(text));
}

// Two to six words; letters of any script, apostrophe and hyphen alone.
bool looks_like_a_name(std::string_view text) {
    std::size_t words = 1;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80;
        if (c == ' ') ++words;
        if (!letter && c != ' ' && c != '\'' && c != '-') return false;
    }
    return words >= 2 && words <= 6;
}

}  // namespace

std::string_view name(SignerKind kind) {
    constexpr std::array<std::string_view, 3> names{"person", "organisation", "unknown"};
    return names.at(static_cast<std::size_t>(kind));
}

SignerGuess signer_kind(const Certificate& certificate) {
    const auto* subject = X509_get_subject_name(certificate.handle());
    for (const auto& id : name_values(subject, NID_userId)) {
        if (begins_with_one(person_ids, id)) return {SignerKind::person, "UID"};
        if (begins_with_one(organisation_ids, id)) return {SignerKind::organisation, "UID"};
    }
    for (const int nid : {NID_givenName, NID_surname, NID_title})
        if (!name_values(subject, nid).empty()) return {SignerKind::person, "given name, surname or title"};

    const auto names = name_values(subject, NID_commonName);
    if (names.empty()) return {};
    const auto own = plain(names.front());
    auto above = name_values(subject, NID_organizationName);
    for (auto& unit : name_values(subject, NID_organizationalUnitName)) above.push_back(std::move(unit));
    const bool same = std::any_of(above.begin(), above.end(), [&](const std::string& other) {
        return equal_ignoring_case(plain(other), own);
    });
    if (same) return {SignerKind::organisation, "CN is also O or OU"};
    if (begins_with_one(agency_words, own)) return {SignerKind::organisation, "first word of CN"};
    if (!above.empty() && looks_like_a_name(own)) return {SignerKind::person, "CN has the form of a name"};
    return {};
}

}  // namespace axis::signature
