// Goal: the octets that are hashed are those the standard says. Method: the public C14N vectors (libxml2's
// and Santuario's), each canonicalised as envelopes are (Tree), and as the profile for all documents does:
// there the expected octets' digest is put into a signature, and only its value may be wrong.
#include "gateway/signature/tree.hpp"
#include "gateway/signature/xmldsig/markup.hpp"
#include "gateway/signature/xmldsig/verifier.hpp"
#include "tests/unit/signature/support.hpp"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <map>
#include <memory>

using namespace axis;
using namespace axis::signature;

TEST_SUITE_BEGIN("signature");

namespace {

namespace fs = std::filesystem;
const fs::path corpora = test::shared_dir / "corpora/signature";
constexpr std::string_view c14n11_uri = "http://www.w3.org/2006/12/xml-c14n11";

struct Vector {
    fs::path input, expected;
    std::string algorithm;
    std::string subset;                                         // XPath; empty: the whole document
    std::vector<std::pair<std::string, std::string>> prefixes;  // of the XPath
    std::string inclusive_prefixes;                             // of exclusive C14N
};

std::string read(const fs::path& path) {
    return read_file(path).value();
}

// -- the suites

// An XPath as the suites keep it: the text of an element that declares its prefixes.
void read_subset(const fs::path& path, Vector& vector) {
    auto* doc = xmlReadFile(path.c_str(), nullptr, XML_PARSE_NONET);
    REQUIRE(doc != nullptr);
    auto* root = xmlDocGetRootElement(doc);
    auto* text = xmlNodeGetContent(root);
    vector.subset = reinterpret_cast<const char*>(text);
    xmlFree(text);
    for (const auto* ns = root->nsDef; ns != nullptr; ns = ns->next)
        vector.prefixes.emplace_back(
            reinterpret_cast<const char*>(ns->prefix), reinterpret_cast<const char*>(ns->href)
        );
    xmlFreeDoc(doc);
}

std::vector<Vector> of_libxml2() {
    const auto folder = corpora / "c14n-libxml2";
    const std::map<std::string, std::string> algorithms{
        {"without-comments", std::string{canonical_uri(Canonical::inclusive)}},
        {"with-comments", std::string{canonical_uri(Canonical::inclusive)} + "#WithComments"},
        {"exc-without-comments", std::string{canonical_uri(Canonical::exclusive)}},
        {"1-1-without-comments", std::string{c14n11_uri}}};
    std::vector<Vector> out;
    for (const auto& [kind, algorithm] : algorithms) {
        for (const auto& entry : fs::directory_iterator{folder / "expected" / kind}) {
            const auto input = (folder / "input" / kind / entry.path().filename()).string();
            Vector vector{input + ".xml", entry.path(), algorithm, {}, {}, {}};
            if (fs::exists(input + ".xpath")) read_subset(input + ".xpath", vector);
            if (fs::exists(input + ".ns")) vector.inclusive_prefixes = trimmed(read(input + ".ns"));
            out.push_back(std::move(vector));
        }
    }
    return out;
}

std::vector<Vector> of_santuario() {
    const auto folder = corpora / "c14n-santuario";
    const std::string inclusive{canonical_uri(Canonical::inclusive)};
    const std::string exclusive{canonical_uri(Canonical::exclusive)};
    const auto below = [](const std::string& name) {
        return "(//. | //@* | //namespace::*)[ancestor-or-self::*[local-name()='" + name + "']]";
    };
    struct Row {
        std::string input, expected, algorithm, subset;
    };
    std::vector<Row> rows{
        {"in/31_input.xml", "in/31_c14n-comments.xml", inclusive + "#WithComments", ""},
        {"in/34_input_validatingParser.xml", "in/34_c14n_validatingParser.xml", inclusive, ""},
        {"in/default_ns_redefinition_input.xml",
         "in/default_ns_redefinition_c14n.xml",
         inclusive,
         below("Object")},
        {"inExcl/example2_2_1.xml", "inExcl/example2_2_1_c14nized.xml", inclusive, below("elem2")},
        {"inExcl/example2_2_2.xml", "inExcl/example2_2_2_c14nized.xml", inclusive, below("elem2")},
        {"inExcl/example2_2_1.xml", "inExcl/example2_2_c14nized_exclusive.xml", exclusive, below("elem2")},
        {"inExcl/example2_2_2.xml", "inExcl/example2_2_c14nized_exclusive.xml", exclusive, below("elem2")},
        {"inExcl/example2_2_3.xml", "inExcl/example2_2_3_c14nized_exclusive.xml", exclusive, below("p")},
        {"inExcl/example2_4.xml", "inExcl/example2_4_c14nized.xml", exclusive, below("elem2")}};
    for (const auto* number : {"31", "32", "33", "34", "35", "36", "37", "38"}) {
        const auto stem = "in/" + std::string{number};
        const auto subset = number == std::string{"37"} ? read(folder / "in/37_subset.xpath") : "";
        rows.push_back({stem + "_input.xml", stem + "_c14n.xml", inclusive, subset});
    }
    std::vector<Vector> out;
    for (auto& row : rows)
        out.push_back({folder / row.input, folder / row.expected, row.algorithm, row.subset, {}, {}});
    return out;
}

// -- what the XPath selects

struct FreeResult {
    void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
};
using Nodes = std::unique_ptr<xmlXPathObject, FreeResult>;

Nodes select(xmlNode* context_node, const std::string& path, const Vector& vector) {
    auto* context = xmlXPathNewContext(context_node->doc);
    context->node = context_node;
    for (const auto& [prefix, uri] : vector.prefixes)
        xmlXPathRegisterNs(
            context,
            reinterpret_cast<const xmlChar*>(prefix.c_str()),
            reinterpret_cast<const xmlChar*>(uri.c_str())
        );
    Nodes nodes{xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(path.c_str()), context)};
    xmlXPathFreeContext(context);
    REQUIRE(nodes);
    REQUIRE(nodes->type == XPATH_NODESET);
    return nodes;
}

// The one element that the subset is, with everything below it; nothing when it is another set of nodes.
xmlNode* apex_of(const Tree& tree, const Vector& vector) {
    const auto chosen = select(tree.root(), vector.subset, vector);
    xmlXPathNodeSetSort(chosen->nodesetval);
    if (xmlXPathNodeSetIsEmpty(chosen->nodesetval)) return nullptr;
    auto* first = xmlXPathNodeSetItem(chosen->nodesetval, 0);
    if (first->type != XML_ELEMENT_NODE) return nullptr;
    const auto whole = select(
        first,
        "descendant-or-self::node() | descendant-or-self::*/@* | descendant-or-self::*/namespace::*",
        vector
    );
    return xmlXPathNodeSetGetLength(whole->nodesetval) == xmlXPathNodeSetGetLength(chosen->nodesetval)
               ? first
               : nullptr;
}

// -- the other profile

std::string quoted_name(const xmlNode* element) {
    const std::string name{reinterpret_cast<const char*>(element->name)};
    if (element->ns == nullptr || element->ns->prefix == nullptr) return name;
    return std::string{reinterpret_cast<const char*>(element->ns->prefix)} + ":" + name;
}

void replace(std::string& text, std::string_view begin, std::string_view end, const std::string& with) {
    const auto from = text.find(begin) + begin.size();
    text.replace(from, text.find(end, from) - from, with);
}

std::string signature_over(const std::string& octets, const std::string& uri, const std::string& transforms) {
    auto out = read(test::data_dir / "xmldsig/enveloped.xml");
    out = out.substr(out.find("<Signature "));
    out.resize(out.find("</message>"));
    replace(out, "<Reference URI=\"", "\"", uri);
    replace(out, "<DigestValue>", "<", sha256(octets).base64());
    replace(out, "<Transforms>", "</Transforms>", transforms);
    return out;
}

// The input with a signature over it whose digest is that of the expected octets. An apex below the root gets
// an Id for it, in the input and in the octets: there behind the namespaces, before every attribute.
std::string with_signature(const Vector& vector, const xmlNode* apex) {
    auto text = read(vector.input);
    auto octets = read(vector.expected);
    const auto exclusive = std::string{canonical_uri(Canonical::exclusive)};
    std::string list;
    if (!vector.inclusive_prefixes.empty())
        list = "<i:InclusiveNamespaces xmlns:i=\"" + exclusive + "\" PrefixList=\"" +
               vector.inclusive_prefixes + "\"/>";
    const auto canonical = "<Transform Algorithm=\"" + vector.algorithm + "\">" + list + "</Transform>";
    std::string signature;
    if (apex == nullptr) {
        const std::string enveloped =
            "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
        signature = signature_over(octets, "#xpointer(/)", enveloped + canonical);
    } else {
        const std::string id = " Id=\"c14n-apex\"";
        const auto name = "<" + quoted_name(apex);
        text.insert(text.find(name) + name.size(), id);
        auto end = octets.find_first_of(" >");
        while (octets.substr(end).starts_with(" xmlns"))
            end = octets.find('"', octets.find('"', end) + 1) + 1;
        octets.insert(end, id);
        signature = signature_over(octets, "#c14n-apex", canonical);
    }
    return text.insert(text.rfind("</"), signature);
}

struct Score {
    int same = 0;
    std::vector<std::string> different;
    std::map<std::string, int> refused;

    std::string line() const {
        auto out = std::to_string(same) + " the same, " + std::to_string(different.size()) +
                   " different; not taken by choice:";
        const char* separator = " ";
        for (const auto& [why, count] : refused) {
            out += separator + std::to_string(count) + " " + why;
            separator = ", ";
        }
        return out;
    }
};

bool same_by_tree(const Vector& vector, const Tree& tree, xmlNode* apex) {
    Canonical method{};
    if (!canonical_method(vector.algorithm, method) || !vector.inclusive_prefixes.empty()) return true;
    return (apex == nullptr ? tree.canonical(method) : tree.canonical(apex, method)) == read(vector.expected);
}

bool same_by_document(const Vector& vector, const xmlNode* apex) {
    if (read(vector.input).find("Signature") != std::string::npos)
        return true;  // one of its own would be judged
    static const auto trust = test::trust_in(test::data_dir / "trust");
    const auto judgement = verify_document(with_signature(vector, apex), trust, test::moment("2026-06-01"));
    return test::code_of(judgement) == "signature.value";  // a digest that differs is told before
}

void judge(const Vector& vector, Score& score) {
    const auto text = read(vector.input);
    if (const auto fault = markup_fault(text, {})) {
        ++score.refused[fault->reason == Reason::doctype ? "with a DOCTYPE" : "not in UTF-8"];
        return;
    }
    const auto tree = Tree::parse(text);
    REQUIRE(tree);
    auto* apex = vector.subset.empty() ? nullptr : apex_of(*tree, vector);
    if (!vector.subset.empty() && apex == nullptr)
        ++score.refused["sets of nodes that are no element"];
    else if (same_by_tree(vector, *tree, apex) && same_by_document(vector, apex))
        ++score.same;
    else
        score.different.push_back(vector.expected.string());
}

}  // namespace

TEST_CASE("every public C14N vector gives its octets in both profiles, or is not taken, as the README tells"
) {
    if (!test::corpus_is_there(corpora)) return;
    Score score;
    auto all = of_libxml2();
    for (auto& vector : of_santuario()) all.push_back(std::move(vector));
    for (const auto& vector : all) {
        CAPTURE(vector.expected.string());
        judge(vector, score);
    }
    for (const auto& file : score.different) CHECK_MESSAGE(false, file);
    CHECK(all.size() == 60);
    const auto told = std::to_string(all.size()) + ": " + score.line();
    MESSAGE(told);
    const auto readme = read(fs::path{AXIS_SOURCE_DIR} / "gateway/signature/README.md");
    CHECK(readme.find(told) != std::string::npos);
}

TEST_SUITE_END();
