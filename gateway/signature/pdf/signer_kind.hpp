// SignerKind: whether a certificate is a person's or an agency's, which NĐ 30/2020 Đ5 asks for and no field
// of a certificate says outright. What is looked at, in this order; the first that applies decides:
//
//   1. UID, as the public authorities write it: "CCCD:", "CMND:", "CMT:", "HC:" a person; "MST:", "MNS:",
//      "MSDN:", "BHXH:" an organisation
//   2. a given name, a surname or a title: a person
//   3. CN is also O or an OU: an organisation
//   4. CN begins with a word that names of agencies begin with, and names of persons do not
//   5. O or an OU is there, and CN is two to six words of letters alone: a person
//   6. unknown
//
// It cannot know whether the person is the competent one, whether an agency's certificate was used by whom
// it should be, or what an authority with habits of its own has meant: `because` tells the officer which rule
// it was. Any thread.
#pragma once

#include "gateway/signature/certificate.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace axis::signature {

enum class SignerKind : std::uint8_t { person, organisation, unknown };
std::string_view name(SignerKind kind);

struct SignerGuess {
    SignerKind kind = SignerKind::unknown;
    std::string_view because;
};
SignerGuess signer_kind(const Certificate& certificate);

}  // namespace axis::signature
