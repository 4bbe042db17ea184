// xmldsig: the input is an XML document. Nobody here has a key: a good verdict says who signed, under which
// anchor, and where it covers the whole document, the text outside of signatures is one that was signed when
// the seeds were made.
#include "gateway/signature/xmldsig/verifier.hpp"
#include "tests/fuzz/signed_seeds.hpp"

#include <libxml/parser.h>

#include <algorithm>
#include <memory>
#include <optional>

using namespace axis;
using namespace axis::fuzz;
using signature::Judgement;
using signature::Verdict;

namespace {

struct FreeXml {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// Names and texts of what stands outside of signatures, in order.
void outside(const xmlNode* node, std::string& out) {
    for (; node != nullptr; node = node->next) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) out += view(node->content);
        if (node->type != XML_ELEMENT_NODE) continue;
        const auto space = node->ns == nullptr ? std::string_view{} : view(node->ns->href);
        if (view(node->name) == "Signature" && space == "http://www.w3.org/2000/09/xmldsig#") continue;
        out.append("<").append(view(node->name)).append(" ").append(space).append(">");
        outside(node->children, out);
        out += "</>";
    }
}

std::string outside(std::string_view document) {
    const std::unique_ptr<xmlDoc, FreeXml> doc{xmlReadMemory(
        document.data(),
        static_cast<int>(document.size()),
        nullptr,
        "UTF-8",
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
    )};
    require(doc != nullptr, "what is valid is well-formed");
    std::string out;
    outside(doc->children, out);
    return out;
}

const std::vector<std::string>& signed_texts() {
    static const auto all = [] {
        std::vector<std::string> out;
        for (const auto* table : {"xmldsig.tsv", "outcomes.tsv"})
            for (const auto& text : signed_seeds(table)) out.push_back(outside(text));
        return out;
    }();
    return all;
}

bool covers_all(const Judgement& judgement) {
    const auto coverage = [](const signature::Check& check) { return check.name == "coverage"; };
    const auto at = std::find_if(judgement.checks.begin(), judgement.checks.end(), coverage);
    require(at != judgement.checks.end(), "coverage is told");
    return at->outcome == signature::Check::Outcome::passed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = text_of(data, size);
    const auto judgement = signature::verify_document(input, seeds_trust(), seeds_hold_at());
    const auto verdict = judgement.verdict();
    if (verdict != Verdict::valid && verdict != Verdict::weak) {
        require(verdict == Verdict::absent || !judgement.checks.empty(), "a refusal names its check");
        return 0;
    }
    require(
        judgement.signer.has_value() && !judgement.anchor.empty(), "a good verdict names signer and anchor"
    );
    const auto text = outside(input);
    const bool known = std::find(signed_texts().begin(), signed_texts().end(), text) != signed_texts().end();
    require(!covers_all(judgement) || known, "what is covered was signed", text);
    return 0;
}
