// A time-stamp authority of our own, in bytes. Tokens themselves: signature_pdf/signer.hpp.
#pragma once

#include "tests/unit/signature_pdf/signer.hpp"

#include <string>
#include <string_view>

namespace axis::test {

Subject stamper(std::string cn = "TSA Thử nghiệm");  // a certificate for time stamps and nothing else

// The answer to a question (DER) at a time; an authority whose certificate is not for it is a bug of the
// test.
std::string stamp_answer(const Party& authority, const std::string& question, std::string_view at);
// The same said by anybody: the words are the right ones, the signer need not be.
std::string stamp_answer_by(
    const Party& signer,
    const Pki& pki,
    const Party& authority,
    const std::string& question,
    std::string_view at
);
// An answer that holds this token; one that holds none.
std::string answer_with(const std::string& token, unsigned char status = 0);

}  // namespace axis::test
