#include "tests/unit/envelope/rewriting.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/tags.hpp"
#include "gateway/model/date.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace axis::test {

namespace {

// An element with every byte of it: each child has the text before it, and `last` stands before the end tag.
struct Element {
    std::string name;
    std::string begin, end;
    std::string before;
    std::vector<Element> children;
    std::string last;

    std::string text() const {
        auto out = before + begin;
        for (const auto& child : children) out += child.text();
        return out + last + end;
    }
};

struct Document {
    Element root;
    std::string behind;
};

Document parsed(std::string_view bytes) {
    std::vector<Element> open;
    Document document;
    std::size_t done = 0;
    const auto close = [&](Element element) {
        if (open.empty())
            document.root = std::move(element);
        else
            open.back().children.push_back(std::move(element));
    };
    for (auto tag = envelope::next_tag(bytes, 0); tag; tag = envelope::next_tag(bytes, tag->end)) {
        const auto before = std::string{bytes.substr(done, tag->begin - done)};
        const auto markup = std::string{bytes.substr(tag->begin, tag->end - tag->begin)};
        done = tag->end;
        if (tag->closing) {
            auto element = std::move(open.back());
            open.pop_back();
            element.last = before;
            element.end = markup;
            close(std::move(element));
            continue;
        }
        Element element{std::string{tag->local()}, markup, {}, before, {}, {}};
        if (tag->empty)
            close(std::move(element));
        else
            open.push_back(std::move(element));
    }
    document.behind = bytes.substr(done);
    return document;
}

void each(Element& element, const std::function<void(Element&)>& change) {
    for (auto& child : element.children) each(child, change);
    change(element);
}

std::string without_junk(const std::string& bytes) {
    return bytes.substr(std::min(bytes.find("<?xml"), bytes.size()));
}

std::string with_line_ends(const std::string& bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) out += '\r';
        out += bytes[i];
    }
    return out;
}

void drop_signature(Element& element) {
    std::erase_if(element.children, [](const Element& child) { return child.name == "Signature"; });
}

// From the inside: what only held empty elements is empty itself.
void drop_empty(Element& element) {
    std::erase_if(element.children, [](const Element& child) {
        return child.children.empty() && trimmed(child.last).empty();
    });
}

void write_date(Element& element) {
    if (element.name == "PromulgationDate" || element.name == "DueDate")
        element.last = model::Date::read(element.last).slashed();
}

// The SDK's order (edxml-standard.md §1.11); elements of one name keep theirs.
const std::map<std::string, std::vector<std::string>, std::less<>>& orders() {
    static const std::map<std::string, std::vector<std::string>, std::less<>> table{
        {"From",
         {"OrganId",
          "OrganizationInCharge",
          "OrganName",
          "OrganAdd",
          "Email",
          "Telephone",
          "Fax",
          "Website"}},
        {"ResponseFor", {"OrganId", "Code", "DocumentId", "PromulgationDate"}},
        {"StaffInfo", {"Department", "DepartmentId", "Staff", "StaffId", "Email", "Mobile"}},
        {"Attachment",
         {"ContentId", "AttachmentName", "Description", "ContentType", "ContentTransferEncoded"}}};
    return table;
}

void put_in_order(Element& element) {
    const auto order = orders().find(element.name);
    if (order == orders().end()) return;
    const auto rank = [&](const Element& child) {
        return std::find(order->second.begin(), order->second.end(), child.name) - order->second.begin();
    };
    std::stable_sort(element.children.begin(), element.children.end(), [&](const auto& a, const auto& b) {
        return rank(a) < rank(b);
    });
}

// Two blanks a level, one element a line; only white space is changed.
void set_blanks(Element& element, std::size_t level) {
    const auto line = [](std::string& blanks, std::size_t at) {
        if (trimmed(blanks).empty()) blanks = "\r\n" + std::string(2 * at, ' ');
    };
    for (auto& child : element.children) {
        line(child.before, level + 1);
        set_blanks(child, level + 1);
    }
    if (!element.children.empty()) line(element.last, level);
}

}  // namespace

const std::vector<std::string>& rewriting_names() {
    static const std::vector<std::string> names{
        "junk", "line-ends", "signature", "empty", "dates", "order", "blanks"};
    return names;
}

std::string rewritten(std::string bytes, const std::set<std::string>& names) {
    if (names.contains("junk")) bytes = without_junk(bytes);
    if (names.contains("line-ends")) bytes = with_line_ends(bytes);
    auto document = parsed(bytes);
    if (names.contains("signature")) each(document.root, drop_signature);
    if (names.contains("empty")) each(document.root, drop_empty);
    if (names.contains("dates")) each(document.root, write_date);
    if (names.contains("order")) each(document.root, put_in_order);
    if (names.contains("blanks")) {
        set_blanks(document.root, 0);
        if (trimmed(document.behind).empty()) document.behind = "\r\n";
    }
    return document.root.text() + document.behind;
}

}  // namespace axis::test
