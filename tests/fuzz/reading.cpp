#include "tests/fuzz/reading.hpp"

#include "gateway/envelope/check.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/package/difference.hpp"
#include "gateway/package/package.hpp"
#include "tests/fuzz/envelopes.hpp"

#include <optional>

namespace axis::fuzz {

namespace {

using namespace envelope;
using model::Document;
using model::Status;
using Content = std::variant<Document, Status>;

constexpr AttachmentLimits attachment_limits{.file_bytes_max = 60'000, .free_bytes = 4'000, .ratio_max = 20};

std::string told(const std::vector<Observation>& observations) {
    std::string text;
    for (const auto& seen : observations) text += "\n" + seen.code + " " + seen.text;
    return text;
}

struct Outcome {
    std::string said;  // with the observations
    std::optional<Checked> checked;
};

bool operator==(const Outcome& a, const Outcome& b) {
    if (a.said != b.said || !a.checked || !b.checked) return a.said == b.said;
    const auto &x = *a.checked, &y = *b.checked;
    return x.read.content == y.read.content && x.read.hole_of == y.read.hole_of &&
           x.read.dialect == y.read.dialect && x.read.has_signature == y.read.has_signature &&
           x.read.xmldsig == y.read.xmldsig && x.facts == y.facts && x.sha256 == y.sha256 &&
           x.bytes == y.bytes;
}

Outcome check(const Cut& cut) {
    SeededRandom random{7};
    Checker checker{random, {}, attachment_limits};
    const auto fed = cut.feed([&](std::string_view piece) { return checker.feed(piece); });
    if (!fed) return {said(fed), {}};
    auto checked = checker.finish();
    if (!checked) return {said(checked), {}};
    return {"ok" + told(checked->observations), std::move(*checked)};
}

Outcome check_whole(std::string_view bytes) {
    return check(Cut{bytes, bytes.size()});
}

void check_facts(const Checked& checked, std::string_view input, const std::vector<std::string>& texts) {
    require(checked.bytes == input.size() && checked.sha256 == sha256(input), "the whole is digested");
    require(checked.read.hole_of.size() == checked.facts.size(), "every attachment has its facts");
    for (std::size_t i = 0; i < checked.facts.size(); ++i) {
        const auto& text = texts.at(checked.read.hole_of[i]);
        const auto& facts = checked.facts[i];
        require(facts.text_sha256 == sha256(text) && facts.text_bytes == text.size(), "texts are digested");
        require(facts.has_cr == (text.find('\r') != std::string::npos), "carriage returns are seen");
    }
}

Result<Written> written(const Content& content) {
    return std::visit([](const auto& value) { return write(value); }, content);
}

// A refusal with its place `lines` farther down.
std::string lowered(std::string said, unsigned lines) {
    const auto at = said.find(": ") + 2;
    const auto end = std::min(said.find_first_not_of("0123456789", at), said.size());
    if (end == at || said.substr(end, 1) != ":") return said;
    const auto line = std::stoul(said.substr(at, end - at)) + lines;
    return said.replace(at, end - at, std::to_string(line));
}

void check_place(const std::string& refusal, std::string_view input) {
    const bool utf16 =
        input.substr(0, 4).find('\0') != std::string_view::npos;  // told at the very beginning only
    if (!input.starts_with('<') || utf16) return;
    const auto below = check_whole(std::string{"\n\n"}.append(input));
    require(below.said == lowered(refusal, 2), "a place is that of the input", refusal + "\n" + below.said);
}

// A recipient without code is read (deviations.hpp), and not written.
bool may_be_unwritable(const Content& content) {
    const auto* document = std::get_if<Document>(&content);
    return document && std::any_of(document->to.begin(), document->to.end(), [](const auto& to) {
               return to.code.empty();
           });
}

void check_writing(const Checked& checked, const std::vector<std::string>& texts) {
    const auto& content = checked.read.content;
    const auto out = written(content);
    if (!out && may_be_unwritable(content)) return;
    require(out.has_value(), "what reads can be written", said(out));
    std::vector<std::string> in_order;
    for (const auto hole : checked.read.hole_of) in_order.push_back(texts.at(hole));
    const auto bytes = splice(out->skeleton, out->hole_offsets, in_order);
    const auto again = check_whole(bytes);
    require(again.checked.has_value(), "what is written reads", again.said + "\n" + bytes);
    require(again.checked->read.content == content, "read(write(x)) is x", bytes);
    require(
        written(again.checked->read.content)->skeleton == out->skeleton, "and writes the same bytes", bytes
    );
}

// Only skeletons of QCVN 2016 are relayed.
void check_relaying(const Checked& checked, const Scanned& scanned) {
    if (checked.read.dialect != Dialect::qcvn_2016) return;
    const model::TraceHeader header{*model::AgencyCode::parse("G98"), "2026/11/21 09:21:07"};
    const auto relayed = append_trace(scanned.skeleton, scanned.holes, header);
    require(relayed.has_value(), "what reads can be relayed", said(relayed));
    const auto bytes = splice(relayed->skeleton, relayed->holes, scanned.texts);
    const auto again = check_whole(bytes);
    require(again.checked.has_value(), "what is relayed reads", again.said + "\n" + bytes);
    auto expected = checked.read.content;
    if (std::holds_alternative<Status>(expected)) return;  // its list is an extension
    std::get<Document>(expected).trace.push_back(header);
    require(again.checked->read.content == expected, "relaying adds a TraceHeader and nothing else", bytes);
}

// What a package says of an attachment.
Document as_in_package(Document document) {
    for (auto& attachment : document.attachments) {
        const auto facts = attachment.facts;
        attachment.facts = {{}, 0, false, facts.wrapped, facts.file_sha256, facts.file_bytes};
    }
    return document;
}

void check_package(const Document& document) {
    const package::Classes classes{model::SecurityClass::ordinary, false, false};
    const auto json = package::to_package_json(document, classes);
    const auto parsed = package::parse(json, {}, package::Demand::received);
    require(parsed.has_value(), "a package made from an envelope is taken", said(parsed) + "\n" + json);
    require(parsed->document == as_in_package(document), "and is the document", json);
    require(package::differences(document, document).empty(), "a document does not differ from itself");
    require(package::differences(document, parsed->document).empty(), "nor from itself as a package");
}

}  // namespace

void check_envelope(std::string_view input) {
    const auto outcome = check_whole(input);
    // One more way is enough: `scanner` tries them all.
    const auto again = check(Cut{input, 1 + input.size() % 61, true});
    require(again == outcome, "an envelope is checked the same however it is cut", outcome.said + again.said);
    if (!outcome.checked) return check_place(outcome.said, input);
    const auto& checked = *outcome.checked;
    const auto scanned = scan(Cut{input, input.size()}, {});
    check_facts(checked, input, scanned.texts);
    check_writing(checked, scanned.texts);
    check_relaying(checked, scanned);
    if (const auto* document = std::get_if<Document>(&checked.read.content)) return check_package(*document);
    const auto& status = std::get<Status>(checked.read.content);
    require(package::differences(status, status).empty(), "a status does not differ from itself");
}

}  // namespace axis::fuzz
