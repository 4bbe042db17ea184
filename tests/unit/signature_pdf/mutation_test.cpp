// Goal: whatever is done to a signed PDF, the answer comes, and it is never `valid` for bytes that were
// covered and changed. Method: a few thousand files with cuts, copies and words of the syntax at random
// places, seeded.
#include "gateway/base/random.hpp"
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

constexpr std::array<std::string_view, 24> words{
    "<<",
    ">>",
    "[",
    "]",
    "(",
    ")",
    "stream\n",
    "endstream",
    "endobj",
    "/V",
    "/Kids",
    "/FT/Sig",
    "/Fields",
    "<",
    "1 0 R",
    "/Length 4 0 R",
    "/Type/ObjStm",
    "/N 5",
    "/Prev 9",
    "/XRefStm 9",
    "-1",
    "99999999999",
    "/ByteRange[0 1 2 3]",
    "%"};

class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : random_{seed} {}

    std::string changed(std::string bytes) {
        for (auto left = 1 + random_.below(3); left > 0; --left) change(bytes);
        return bytes;
    }
    std::size_t below(std::size_t bound) { return random_.below(bound); }

private:
    // Half of the places near the end, where a reader begins.
    std::size_t place(const std::string& bytes) {
        const auto near = std::min<std::size_t>(bytes.size(), 1200);
        return below(2) == 0 ? below(bytes.size()) : bytes.size() - 1 - below(near);
    }
    void change(std::string& bytes) {
        const auto at = place(bytes);
        switch (below(8)) {
            case 1:
                bytes.erase(at, std::min<std::size_t>(1 + below(40), bytes.size() - 10));
                break;
            case 2:
                bytes.insert(at, words.at(below(words.size())));
                break;
            case 3:
                bytes.insert(at, bytes.substr(below(bytes.size()), below(300)));
                break;
            case 4:
                if (const auto digit = bytes.find_first_of("0123456789", at); digit != std::string::npos)
                    bytes[digit] = static_cast<char>('0' + below(10));
                break;
            case 5:
                bytes[at] = static_cast<char>(below(256));
                break;
            default:
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        }
    }
    SeededRandom random_;
};

// Whether the first `end` bytes are the same but for hexadecimal digits of signature values.
bool same_but_values(const std::string& a, const std::string& b, std::size_t end) {
    if (a.size() < end || b.size() < end) return false;
    for (std::size_t at = 0; at < end; ++at) {
        if (a[at] == b[at]) continue;
        const auto open = b.rfind('<', at);
        if (open == std::string::npos) return false;
        const auto close = b.find_first_not_of("0123456789abcdef", open + 1);
        if (close < at || close - open < 500) return false;
    }
    return true;
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("no change at random makes a covered byte another one unseen") {
    std::vector<std::string> originals;
    for (const bool packed : {false, true}) {
        PdfFile file{packed};
        file.sign(people().leader, people().pki);
        originals.push_back(file.bytes());
        file.sign(people().agency, people().pki);
        file.stamp(people().stamper);
        originals.push_back(file.bytes());
    }
    Mutator mutator{20261125};
    std::set<std::string> codes;
    for (int i = 0; i < 2000; ++i) {
        const auto& original = originals[mutator.below(originals.size())];
        const auto bytes = mutator.changed(original);
        const auto judgement = judge(bytes);
        codes.insert(code(judgement));
        if (judgement.verdict() != Verdict::valid) continue;
        for (const auto& one : judgement.signatures)
            CHECK(same_but_values(bytes, original, bytes.size() - one.added_bytes));
    }
    // It reached the depths of every step.
    for (const auto* reached :
         {"pdf.structure", "pdf.contents", "pdf.cms", "signature.digest", "signature.holds"})
        CHECK(codes.contains(reached));
}

TEST_SUITE_END();
