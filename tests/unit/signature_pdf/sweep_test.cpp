// Goal: no byte of a signed PDF can be changed unseen. Method: one bit of each byte, one file after another.
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

struct Sweep {
    std::map<std::string, std::size_t> codes;
    std::vector<std::size_t> unseen;  // changed, and yet the signature held, or there was none
};

Sweep sweep(const std::string& bytes, std::size_t from, std::size_t to) {
    Sweep out;
    auto changed = bytes;
    for (auto at = from; at < to; ++at) {
        changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
        const auto judgement = judge(changed);
        changed[at] = bytes[at];
        ++out.codes[code(judgement)];
        const auto verdict = judgement.verdict();
        if (verdict != Verdict::invalid && verdict != Verdict::malformed && verdict != Verdict::dummy)
            out.unseen.push_back(at);
    }
    return out;
}

void check_unseen(const Sweep& found, const std::string& bytes) {
    for (const auto at : found.unseen) {
        INFO("byte ", at, " of ", bytes.size(), ": ", bytes.substr(at, 1));
        CHECK(code(judge([&] {
                  auto changed = bytes;
                  changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
                  return changed;
              }())) == "seen");
    }
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("every changed byte that is covered is seen") {
    for (const bool packed : {false, true}) {
        PdfFile file{packed};
        Placing where;
        where.room = 1600;
        file.sign(people().leader, people().pki, {}, where);
        REQUIRE(judge(file.bytes()).verdict() == Verdict::valid);

        // Without %PDF- nobody takes it for a PDF.
        auto found = sweep(file.bytes(), 5, file.gap_begin);
        check_unseen(found, file.bytes());
        CHECK(found.codes["signature.digest"] > file.gap_begin / 8);
        found = sweep(file.bytes(), file.gap_end, file.bytes().size());
        check_unseen(found, file.bytes());
        for (std::size_t at = 0; at < 5; ++at)
            CHECK(sweep(file.bytes(), at, at + 1).codes["signature.not_checked"] == 1);
    }
}

TEST_CASE("every changed byte of the signature's value is seen") {
    PdfFile file;
    Placing where;
    where.room = 1024;
    Signing how;
    how.chain = false;
    file.sign(people().leader, people().pki, how, where);
    REQUIRE(judge(file.bytes()).verdict() == Verdict::valid);

    auto found = sweep(file.bytes(), file.gap_begin, file.gap_end);

    check_unseen(found, file.bytes());
    CHECK(found.codes["pdf.contents"] > 0);
    CHECK(found.codes["pdf.cms"] > 0);
    CHECK(found.codes["signature.value"] > 0);
}

TEST_SUITE_END();
