#include "tests/unit/envelope/foreign.hpp"

#include "tests/support/extensions.hpp"
#include "tests/unit/envelope/support.hpp"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <stdexcept>
#include <vector>

namespace axis::test {

namespace {

const std::string qcvn = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
constexpr std::string_view file_text = "ContentTransferEncoded";

// Readers trim these; of all other texts every blank counts.
const std::set<std::string, std::less<>> words{
    "OrganId",
    "DocumentId",
    "CodeNumber",
    "CodeNotation",
    "Code",
    "DueDate",
    "PromulgationDate",
    "Type",
    "TypeDetail",
    "Priority",
    "PageAmount",
    "SteeringType",
    "PromulgationAmount",
    "Direction",
    "Timestamp",
    "StatusCode",
    "DocumentInfo",
    "DocumentReceiver",
    "ReceiverType",
    "Paper",
    "ContentId",
    "AttachmentName",
    "ContentType",
    "BussinessDocType"};

// Which elements may be added, empty, where there are none of that name: their parent and how they stand
// there.
const std::multimap<std::string, std::string, std::less<>> optional_elements{
    {"From", "Fax"},
    {"To", "Email"},
    {"To", "OrganizationInCharge"},
    {"MessageHeader", "DueDate"},
    {"MessageHeader", "ApplicationType"},
    {"Bussiness", "Paper"},
    {"Bussiness", "DocumentId"},
    {"TraceHeader", "OrganId"},
    {"ResponseFor", "Code"},
    {"OtherInfo", "Priority"},
    {"Attachment", "Format"},
    {"Reference", "Description"}};

// Unknown elements as nobody of ours would write them: prefixes that mean something else to us, two that
// would become one, comments, declarations that are not needed.
const std::array<std::string, 6> wild{
    "<edXML:x xmlns:edXML='urn:axis:a' xmlns:other='urn:axis:b' other:k='1' edXML:k='2'><other:y/></edXML:x>",
    "<z:Zip xmlns:z='" + qcvn + "' z:a='&quot;1\"'>10<!-- of 3 -->000<z:Zip/></z:Zip>",
    "<x xmlns='urn:axis:d' xmlns:unused='urn:axis:u'><!-- c --><y xmlns=''/>\r\n</x>",
    "<p:a xmlns:p='urn:axis:p?a=1&amp;b' xml:space='preserve' p:b='&#10;'> &#x1E69;<p:a "
    "xmlns:p='urn:axis:q'/></p:a>",
    "<other:x xmlns:other='urn:axis:a' xmlns:edXML='urn:axis:b' edXML:k=''/>",
    "<Zip xmlns='" + qcvn + "' xmlns:q='" + qcvn + "' q:a='1'><Zip xmlns='urn:axis:z'/></Zip>"};

std::string_view name_of(const xmlNode* node) {
    return reinterpret_cast<const char*>(node->name);
}

using Nodes = std::vector<const xmlNode*>;

Nodes elements_of(const xmlNode* node) {
    Nodes found;
    for (const auto* child = node->children; child != nullptr; child = child->next)
        if (child->type == XML_ELEMENT_NODE) found.push_back(child);
    return found;
}

class Writer {
public:
    Writer(Choices& choices, const std::vector<std::string>& texts)
        : choices_{choices}, texts_{texts}, bare_{choices.rarely()} {}

    Foreign run(const xmlNode* root) {
        static const std::array<std::string, 5> declarations{
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n",
            "",
            "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
            "\xEF\xBB\xBF",
            "1212<?xml version=\"1.0\"?>\n"};
        out_ = choices_.one_of(declarations);
        const auto spaces = " xmlns=\"" + qcvn + "\" xmlns:edXML='" + qcvn + "'\n xmlns:q=\"" + qcvn + "\"";
        element(root, bare_ ? "" : spaces, false);
        between();
        return {std::move(out_), unknown_count_};
    }

private:
    void element(const xmlNode* node, const std::string& declarations, bool in_envelope) {
        const auto tag = tag_of(node, declarations.empty());
        out_ += "<" + tag.name + declarations + tag.attributes + ">";
        const bool inside = in_envelope || name_of(node) == "edXMLEnvelope";
        const auto children = elements_of(node);
        if (children.empty())
            text(node);
        else
            content(node, shuffled(children), inside);
        out_ += "</" + tag.name + (choices_.rarely() ? " >" : ">");
    }

    struct Tag {
        std::string name, attributes;
    };

    Tag tag_of(const xmlNode* node, bool below_root) {
        static const std::array<std::string, 3> prefixes{"edXML:", "", "q:"};
        Tag tag{std::string{name_of(node)}, {}};
        const bool file = name_of(node) == file_text;
        if (!file && choices_.rarely()) tag.name = respelt(std::move(tag.name));
        if (!bare_) tag.name.insert(0, choices_.one_of(prefixes));
        if (below_root && choices_.rarely()) tag.attributes = " id='a>\"b' q=\"'\"";
        return tag;
    }

    std::string respelt(std::string name) {
        const std::string sic = "Bussiness";
        if (name.starts_with(sic)) return name.replace(0, sic.size(), "Business");
        if (name.ends_with("Id")) name.back() = 'D';
        return name;
    }

    // In any order, but elements of one name in theirs.
    Nodes shuffled(const Nodes& nodes) {
        auto order = nodes;
        if (choices_.maybe())
            for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[choices_.below(i)]);
        std::map<std::string_view, Nodes> of_name;
        for (const auto* node : nodes) of_name[name_of(node)].push_back(node);
        std::map<std::string_view, std::size_t> used;
        for (auto& node : order) node = of_name[name_of(node)][used[name_of(node)]++];
        return order;
    }

    void content(const xmlNode* node, const Nodes& children, bool in_envelope) {
        add_empty(node, children);
        for (const auto* child : children) {
            between();
            add_unknown(in_envelope);
            element(child, "", in_envelope);
        }
        between();
    }

    // What is empty is nothing. Elsewhere than in a document these names are not the standard's.
    void add_empty(const xmlNode* node, const Nodes& children) {
        static const std::array<std::string, 4> nothing{"", " ", "null", "\r\n null\t"};
        const auto there = [&](std::string_view name) {
            return std::any_of(children.begin(), children.end(), [&](const auto* child) {
                return name_of(child) == name;
            });
        };
        if (there("StatusCode")) return;
        const auto [begin, end] = optional_elements.equal_range(name_of(node));
        for (auto at = begin; at != end; ++at)
            if (!there(at->second) && choices_.rarely())
                out_ += "<" + at->second + ">" + choices_.one_of(nothing) + "</" + at->second + ">";
        if (name_of(node) == "MessageHeader" && choices_.rarely())
            out_ += "<ResponseFor/><To><Fax> </Fax></To>";
    }

    void add_unknown(bool in_envelope) {
        if (bare_ || !choices_.rarely()) return;
        out_ += choices_.below(3) == 2 ? choices_.one_of(wild) : unknown_element(choices_, in_envelope);
        ++unknown_count_;
    }

    void between() {
        static const std::array<std::string, 8> blanks{
            "", "", "\r\n", "\n  ", "\t", "<!-- a -->", "<!-- <To> -->", " "};
        out_ += choices_.one_of(blanks);
    }

    void text(const xmlNode* node) {
        static const std::array<std::string, 4> edges{"", " ", "\r\n  ", "\t"};
        const std::unique_ptr<xmlChar, void (*)(void*)> value{xmlNodeGetContent(node), xmlFree};
        const std::string_view said{reinterpret_cast<const char*>(value.get())};
        if (name_of(node) == file_text) {
            out_ += texts_.at(std::stoul(std::string{said}));
            return;
        }
        const bool word = words.contains(name_of(node));
        if (word) out_ += choices_.one_of(edges);
        for (const char c : said) character(c);
        if (word) out_ += choices_.one_of(edges);
    }

    void character(char c) {
        const bool ascii = static_cast<unsigned char>(c) < 0x80;
        if (c == '<')
            out_ += "&lt;";
        else if (c == '&')
            out_ += "&amp;";
        else if (c == '>')
            out_ += "&gt;";
        else if (c == '\r' || (ascii && choices_.rarely()))
            out_ += "&#" + std::to_string(static_cast<int>(c)) + ";";
        else
            out_ += c;
    }

    Choices& choices_;
    const std::vector<std::string>& texts_;
    bool bare_;  // no namespace anywhere
    std::string out_;
    std::size_t unknown_count_ = 0;
};

}  // namespace

Foreign foreign_form(
    const envelope::Written& written, const std::vector<std::string>& texts, Choices& choices
) {
    std::vector<std::string> ordinals;
    for (std::size_t i = 0; i < texts.size(); ++i) ordinals.push_back(std::to_string(i));
    const auto whole = joined(written.skeleton, written.hole_offsets, ordinals);
    const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> doc{
        xmlReadMemory(whole.data(), static_cast<int>(whole.size()), nullptr, "UTF-8", XML_PARSE_NONET),
        xmlFreeDoc};
    if (!doc) throw std::runtime_error{"what we wrote is not XML"};
    return Writer{choices, texts}.run(xmlDocGetRootElement(doc.get()));
}

void showValue(const Foreign& foreign, std::ostream& out) {
    out << foreign.bytes;
}

}  // namespace axis::test
