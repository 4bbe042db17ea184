// The words a package has for numbers of the envelope (edxml-standard.md §1.5, §1.6, §1.7). Other numbers are
// legal there, disputed or wild: a package states them as KEY_raw.
#pragma once

#include "gateway/model/package.hpp"

#include <array>
#include <span>
#include <string_view>

namespace axis::package {

struct Word {
    std::string_view word;
    int number;
};
using Words = std::span<const Word>;

inline constexpr std::array<Word, 5> priorities{
    {{"thuong", 0}, {"khan", 1}, {"thuong_khan", 2}, {"hoa_toc", 3}, {"hoa_toc_hen_gio", 4}}};
inline constexpr std::array<Word, 2> groups{{{"phap_quy", 1}, {"hanh_chinh", 2}}};
// The number's meaning is disputed; this is the reading of VNPT's samples.
inline constexpr std::array<Word, 3> steerings{{{"khong", 1}, {"chi_dao", 2}, {"bao_cao", 3}}};
inline constexpr std::array<Word, 4> business_types{
    {{"new", 0}, {"revoke", 1}, {"update", 2}, {"replace", 3}}};
inline constexpr std::array<Word, 2> receiver_types{{{"removed", 0}, {"added", 1}}};
inline constexpr std::array<Word, 2> yes_or_no{{{"false", 0}, {"true", 1}}};  // true and false in JSON
inline constexpr std::array<Word, 4> security_classes{
    {{"thuong", static_cast<int>(model::SecurityClass::ordinary)},
     {"mat", static_cast<int>(model::SecurityClass::secret)},
     {"toi_mat", static_cast<int>(model::SecurityClass::top_secret)},
     {"tuyet_mat", static_cast<int>(model::SecurityClass::utmost_secret)}}};

// Empty when there is none.
constexpr std::string_view word_of(Words words, int number) {
    for (const auto& row : words)
        if (row.number == number) return row.word;
    return {};
}

}  // namespace axis::package
