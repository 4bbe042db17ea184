// Goal: the tree says of a document what libxml2's own tree says, in bounded memory. Method: both are printed
// in the same words and compared, over invented documents and the worst shapes known; each limit is passed by
// one.
#include "gateway/envelope/tree.hpp"

#include "tests/support/worst_shapes.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>
#include <libxml/parser.h>
#include <unistd.h>

using namespace axis;
using namespace axis::envelope;

TEST_SUITE_BEGIN("envelope");

namespace {

std::string view(const xmlChar* text) {
    return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

std::string named(std::string_view prefix, std::string_view uri, std::string_view name) {
    return std::string{prefix}.append("|").append(uri).append("|").append(name);
}

std::string of_libxml2(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE) return view(node->content);
    if (node->type == XML_COMMENT_NODE) return "";
    const auto name_of = [](const auto* n) {
        return named(
            n->ns == nullptr ? "" : view(n->ns->prefix),
            n->ns == nullptr ? "" : view(n->ns->href),
            view(n->name)
        );
    };
    auto out = "<" + name_of(node);
    bool comment = false;
    for (const auto* a = node->properties; a != nullptr; a = a->next) {
        const std::unique_ptr<xmlChar, void (*)(void*)> value{
            xmlNodeListGetString(node->doc, a->children, 1), xmlFree};
        out += " " + name_of(a) + "='" + view(value.get()) + "'";
    }
    for (const auto* child = node->children; child != nullptr; child = child->next)
        comment = comment || child->type == XML_COMMENT_NODE;
    out += comment ? " commented>" : ">";
    for (const auto* child = node->children; child != nullptr; child = child->next) out += of_libxml2(child);
    return out += "</>";
}

std::string of_tree(const Tree& tree, Tree::Number element) {
    const auto name_of = [&](std::size_t name_space, std::string_view name) {
        const auto& found = tree.name_spaces()[name_space];
        return named(found.prefix, found.uri, name);
    };
    auto out = "<" + name_of(tree.name_space(element), tree.name(element));
    for (const auto& a : tree.attributes(element)) {
        out += " " + name_of(a.name_space, tree.name(a)) + "='";
        out.append(tree.text(a.text_begin, a.text_end)).append("'");
    }
    out += tree.has_comment(element) ? " commented>" : ">";
    auto text = tree.content(element);
    for (auto child = element + 1; child < tree.end(element); child = tree.end(child)) {
        CHECK(tree.parent(child) == element);
        out.append(tree.text(text, tree.open(child))).append(of_tree(tree, child));
        text = tree.close(child);
    }
    return out.append(tree.text(text, tree.close(element))).append("</>");
}

void check_same(const std::string& bytes) {
    const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> doc{
        xmlReadMemory(
            bytes.data(),
            static_cast<int>(bytes.size()),
            nullptr,
            nullptr,
            XML_PARSE_NOERROR | XML_PARSE_NOWARNING
        ),
        xmlFreeDoc};
    Position where;
    const auto tree = Tree::parse({bytes}, where);
    CAPTURE(bytes.substr(0, 400));
    REQUIRE(tree.has_value() == (doc != nullptr));
    if (tree) CHECK(of_tree(*tree, 0) == of_libxml2(xmlDocGetRootElement(doc.get())));
}

std::string refusal(const std::string& bytes, const TreeLimits& limits) {
    Position where;
    const auto tree = Tree::parse({bytes}, where, limits);
    if (tree) return "parsed";
    return std::to_string(where.line) + ":" + std::to_string(where.column) + " " +
           test::name_of(tree.error().code) + " " + tree.error().detail;
}

}  // namespace

TEST_CASE("the tree says what libxml2's own tree says") {
    for (const auto* name : {"document.edxml", "status.edxml"}) {
        auto bytes = read_file(test::data_dir / name).value();
        const auto root = bytes.find("<edXML");  // the samples forget to declare these
        check_same(bytes.insert(root + 6, " xmlns:xlink='urn:x' xmlns:edXML='urn:e'"));
    }
    check_same("<a/>");
    check_same("<a b='&amp;&#38;&lt;&gt;&quot;&#65;&#x1EA1;&amp;#38;' c=''>&amp;&lt;&#65;&amp;#38;</a>");
    check_same("<a> 1 <b> 2 <c>3</c> 4 </b><b x='y'/> 5 <!-- 6 --> 7 </a>");
    check_same("<a xmlns='urn:a' xmlns:b='urn:b' b:c='1' c='2'><b:d xmlns=''><e xml:lang='vi'/></b:d><f/></a>"
    );
    check_same("<a xmlns:b='urn:1'><b:c xmlns:b='urn:2' b:d='1'/><b:c b:d='2'/></a>");
    check_same("<a b='1\n2\t3\r\n4'>1\r\n2</a>");
    check_same("<a><!-- 1 --><b><!-- 2 --></b></a><!-- 3 -->");
    check_same("<a>");
    check_same("<a b='1' b='2'/>");
    check_same("<a>&undeclared;</a>");
    check_same("text");
}

TEST_CASE("the tree says what libxml2's own tree says of the worst shapes") {
    for (const auto& shape : test::worst_shapes()) {
        if (shape.name.starts_with("MIME") || shape.name.starts_with("attachments")) continue;
        if (shape.name.find("prefix not declared") != std::string_view::npos) continue;
        CAPTURE(shape.name);
        check_same(shape.make(20'000));
    }
}

TEST_CASE("a document in pieces is the document, wherever it is cut") {
    const std::string bytes = "<?xml version='1.0'?>\n<a b='1&amp;2'>x<c/>\xE1\xBA\xA1<!-- y --></a>\n";
    Position where;
    const auto whole = of_tree(Tree::parse({bytes}, where).value(), 0);
    const std::string_view all = bytes;
    for (std::size_t i = 0; i <= all.size(); ++i) {
        const auto tree = Tree::parse({all.substr(0, i), "", all.substr(i)}, where);
        CHECK(of_tree(tree.value(), 0) == whole);
    }
}

TEST_CASE("an ampersand in the name of a namespace is one") {
    Position where;
    const auto tree = Tree::parse({"<a xmlns='urn:a&amp;b'/>"}, where).value();
    CHECK(tree.name_spaces()[tree.name_space(0)].uri == "urn:a&b");
}

TEST_CASE("prefixes the samples forget are declared, others refused") {
    const auto tree = [](const std::string& bytes) {
        Position where;
        return Tree::parse({bytes}, where);
    };
    const auto declared = tree("<!-- <a> --><a xlink:href='1'><edXML:b/></a>");
    CHECK(declared.value().prefixes_declared());
    CHECK(
        of_tree(declared.value(), 0) ==
        "<||a "
        "xlink|http://www.w3.org/1999/xlink|href='1'><edXML|http://www.mic.gov.vn/TBT/QCVN_102_2016|b></></>"
    );
    CHECK_FALSE(tree("<a><b/></a>").value().prefixes_declared());
    CHECK(tree("<a xlink:href='1'><b:c/></a>").error().detail == "a prefix is not declared");
    CHECK(tree("<a xmlns='relative'/>").error().detail == "a namespace name is not absolute");
}

TEST_CASE("names, namespaces and declarations are bounded, and the place is told") {
    TreeLimits limits;
    limits.name_count_max = 40;  // libxml2 has some of its own
    std::string many = "<a>\n";
    for (int i = 0; i < 50; ++i) many.append("<b").append(std::to_string(i)).append("/>");
    CHECK(refusal(many + "</a>", {}) == "parsed");
    CHECK(refusal(many + "</a>", limits).ends_with(" envelope.too_many names"));
    CHECK(refusal(many + "</a>", limits).starts_with("2:"));
    limits = {};
    limits.name_bytes_max = 20'000;
    const std::string one_name(15'000, 'n');
    CHECK(refusal("<a><" + one_name + "/></a>", {}) == "parsed");
    CHECK(refusal("<a><" + one_name + "/></a>", limits).ends_with("names"));
    limits = {};
    limits.name_space_count_max = 2;
    const std::string two = "<a xmlns='urn:a' xmlns:b='urn:b'><b:c/>\n";
    CHECK(refusal(two + "</a>", limits) == "parsed");
    CHECK(refusal(two + "<c xmlns='urn:c'/></a>", limits) == "2:17 envelope.too_many namespaces");
    limits = {};
    limits.declaration_count_max = 2;
    CHECK(refusal("<a><b xmlns='urn:a' xmlns:c='urn:c'/><b xmlns='urn:a'/></a>", limits) == "parsed");
    CHECK(refusal("<a xmlns='urn:a' xmlns:c='urn:c'><b xmlns='urn:a'/></a>", limits)
              .ends_with("envelope.too_many declarations of namespaces"));
}

TEST_CASE("an element that passes a limit is still looked at safely") {
    TreeLimits limits;
    limits.declaration_count_max = 1;
    const std::string values = " a='" + std::string(5000, 'v') + "' b='" + std::string(5000, 'w') + "'";
    CHECK(refusal("<a xmlns:b='urn:b' xmlns:c='urn:c'" + values + "/>", limits).ends_with("namespaces"));
    limits = {};
    limits.name_space_count_max = 0;
    CHECK(refusal("<b:a xmlns:b='urn:b' b:c='1'" + values + "/>", limits).ends_with("too_many namespaces"));
}

// libxml2's own tree complains of this on stderr whatever it is told, and a stranger must not write there.
TEST_CASE("an ID that occurs twice is not written to the log") {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> heard{std::tmpfile(), std::fclose};
    const int before = ::dup(STDERR_FILENO);
    ::dup2(::fileno(heard.get()), STDERR_FILENO);
    Position where;
    const auto tree = Tree::parse({"<a><b xml:id='c'/><b xml:id='c'/></a>"}, where);
    ::dup2(before, STDERR_FILENO);
    ::close(before);

    CHECK(tree.has_value());
    CHECK(::lseek(::fileno(heard.get()), 0, SEEK_END) == 0);
}

TEST_SUITE_END();
