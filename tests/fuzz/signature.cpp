// signature: the input is an envelope. Its verdict is the same however its texts are handed over, and tells
// what it rests on. Nobody here has a key: what is valid or weak is a message that was signed when the seeds
// were made, and reads as one of them, with the same files.
#include "gateway/envelope/check.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "tests/fuzz/envelopes.hpp"
#include "tests/fuzz/signed_seeds.hpp"

#include <algorithm>
#include <optional>

using namespace axis;
using namespace axis::fuzz;
using signature::Judgement;
using signature::Verdict;

namespace {

struct Message {
    envelope::Read read;
    std::vector<Sha256> files;
    std::string from;
};

// As the verdict is asked of: through scanner and reader first.
std::optional<Message> message_in(std::string_view bytes) {
    SeededRandom random{3};
    envelope::Checker checker{random};
    if (!checker.feed(bytes)) return std::nullopt;
    auto checked = checker.finish();
    if (!checked) return std::nullopt;
    Message out{std::move(checked->read), {}, {}};
    for (const auto& facts : checked->facts) out.files.push_back(facts.file_sha256);
    if (auto* document = std::get_if<model::Document>(&out.read.content)) {
        out.from = document->from.code.text();
        for (auto& attachment : document->attachments)
            attachment.facts = {};  // of the text: line ends are free
    } else {
        out.from = std::get<model::Status>(out.read.content).from.code.text();
    }
    return out;
}

bool same(const Message& a, const Message& b) {
    return a.read.content == b.read.content && a.files == b.files;
}

const std::vector<Message>& signed_messages() {
    static const auto all = [] {
        std::vector<Message> out;
        for (const auto& text : signed_seeds("outcomes.tsv")) out.push_back(message_in(text).value());
        return out;
    }();
    return all;
}

std::string told(const Result<Judgement>& judgement) {
    if (!judgement) return said(judgement);
    std::string out{signature::row(judgement->reason).code};
    out += " " + judgement->detail + " " + judgement->algorithm + " " + judgement->claimed_at + " " +
           judgement->anchor;
    for (const auto& check : judgement->checks)
        out += "\n" + std::string{check.name} + " " + std::string{signature::name(check.outcome)} + " " +
               check.detail;
    return out;
}

Result<Judgement> judged(const Scanned& scanned, const std::string& from, std::size_t piece_max) {
    SeededRandom random{piece_max};
    signature::SplitEnvelope split{scanned.skeleton, {}, {}};
    for (const auto& hole : scanned.holes) split.offsets.push_back(hole.offset);
    split.text = [&](std::size_t n, const signature::TextSink& sink) {
        return Cut{scanned.texts.at(n), piece_max}.feed(sink);
    };
    return signature::verify_envelope(split, {from, seeds_hold_at(), false}, seeds_trust(), random);
}

void check_verdict(const Judgement& judgement, const Message& message) {
    const auto verdict = judgement.verdict();
    const auto failed = [](const signature::Check& check) {
        return check.outcome == signature::Check::Outcome::failed;
    };
    const bool any = std::any_of(judgement.checks.begin(), judgement.checks.end(), failed);
    const bool good = verdict == Verdict::valid || verdict == Verdict::weak;
    require(!good || !any, "a good verdict has no failed check");
    require(good || any || verdict == Verdict::absent, "a refusal names the check that failed");
    if (!good) return;
    require(
        judgement.signer.has_value() && !judgement.anchor.empty(), "a good verdict names signer and anchor"
    );
    const auto& units = judgement.signer->units;
    require(
        std::find(units.begin(), units.end(), message.from) != units.end(), "the signer speaks for the sender"
    );
    const auto known = [&](const Message& one) { return same(one, message); };
    require(
        std::any_of(signed_messages().begin(), signed_messages().end(), known),
        "what is valid was signed",
        told(judgement)
    );
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = text_of(data, size);
    const auto message = message_in(input);
    if (!message) return 0;
    const auto scanned = scan(Cut{input, input.size()}, {});
    const auto whole = judged(scanned, message->from, input.size());
    require(told(judged(scanned, message->from, 1)) == told(whole), "one verdict however texts are cut");
    require(told(judged(scanned, message->from, 7)) == told(whole), "one verdict however texts are cut");
    require(whole.has_value(), "a verdict, when every text can be read");
    check_verdict(*whole, *message);
    return 0;
}
