// statement: the input is what came as axisd-signature.xml beside the letter of
// tests/data/signature/attached. Nobody here has a key: a good verdict names signer and anchor, has held
// every fact and file against the letter, and failed nothing; any other names the check that failed.
#include "gateway/envelope/check.hpp"
#include "gateway/signature/attached/attached.hpp"
#include "tests/fuzz/signed_seeds.hpp"

#include <algorithm>

using namespace axis;
using namespace axis::fuzz;
using signature::Check;
using signature::Verdict;

namespace {

struct Letter {
    signature::TrustStore trust = signature::TrustStore::load(signed_data / "attached/trust").value();
    signature::Statement facts = read();
    Time at{};

    Letter() { parse_time("2027-01-01", at); }
    static signature::Statement read() {
        SeededRandom random{3};
        envelope::Checker checker{random};
        const auto text = read_file(signed_data / "attached/letter.edxml").value();
        require(checker.feed(text).has_value(), "the letter is an envelope");
        return signature::statement_of(std::get<model::Document>(checker.finish().value().read.content));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Letter letter;
    const auto input = text_of(data, size);
    const auto judgement = signature::verify_statement(
        std::string{input}, letter.facts, {"G98", letter.at, false}, letter.trust
    );
    const auto count = [&](Check::Outcome outcome, std::string_view name) {
        return std::ranges::count_if(judgement.checks, [&](const Check& check) {
            return check.outcome == outcome && (name.empty() || check.name == name);
        });
    };
    const auto failed = count(Check::Outcome::failed, {});
    if (judgement.verdict() != Verdict::valid && judgement.verdict() != Verdict::weak) {
        require(failed > 0, "a refusal names the check that failed");
        return 0;
    }
    require(failed == 0, "a good verdict has no failed check");
    require(
        judgement.signer.has_value() && !judgement.anchor.empty(), "a good verdict names signer and anchor"
    );
    for (const auto* name : {"structure", "value", "digest", "binding", "facts", "files"})
        require(count(Check::Outcome::passed, name) == 1, "everything was looked at", name);
    return 0;
}
