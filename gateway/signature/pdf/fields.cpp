#include "gateway/signature/pdf/fields.hpp"

#include <algorithm>
#include <set>

namespace axis::signature::pdf {

namespace {

constexpr std::size_t depth_max = 32;

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string from_utf16(std::string_view bytes) {
    constexpr std::uint32_t unknown = 0xfffd;
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        if (at + 1 >= bytes.size()) return unknown;
        return static_cast<std::uint32_t>(
            static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1])
        );
    };
    const auto surrogate = [](std::uint32_t u, std::uint32_t base) { return (u & 0xfc00) == base; };
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto code = unit(at);
        if (surrogate(code, 0xd800) && surrogate(unit(at + 2), 0xdc00)) {
            code = 0x10000 + ((code & 0x3ff) << 10) + (unit(at + 2) & 0x3ff);
            at += 2;
        }
        append_utf8(out, surrogate(code, 0xd800) || surrogate(code, 0xdc00) ? unknown : code);
    }
    return out;
}

// A node of the tree of fields, with what it has from those above it.
struct Node {
    Ref ref;
    std::string name;
    bool is_signature = false;
    Value value;
    std::size_t depth = 0;
    std::size_t field = 0;  // in `found_`, + 1, when it is only a place of that field
};

class Fields {
public:
    Fields(Document& document, const Limits& limits) : document_{document}, limits_{limits} {}

    Read<std::vector<SignatureField>> collect() {
        const auto root = document_.dict(Value{document_.root_ref()}, "/Root");
        if (!root) return root.error();
        if (root->entries().empty()) return damaged("no catalogue", document_.end());
        const auto form = document_.dict((*root)["AcroForm"], "/AcroForm");
        if (!form) return form.error();
        auto pushed = push((*form)["Fields"], {});
        while (pushed && !waiting_.empty()) {
            const auto node = std::move(waiting_.back());
            waiting_.pop_back();
            pushed = visit(node);
        }
        if (!pushed) return pushed.error();
        return std::move(found_);
    }

private:
    Read<> push(const Value& list, const Node& above) {
        const auto value = document_.resolved(list);
        if (!value) return value.error();
        if (value->is_null()) return {};
        const auto* kids = value->as<Array>();
        if (kids == nullptr || above.depth > depth_max)
            return damaged("the fields of the form", document_.end());
        for (auto kid = kids->rbegin(); kid != kids->rend(); ++kid) {
            const auto* ref = kid->as<Ref>();
            if (ref == nullptr) return damaged("a field that is no object of its own", document_.end());
            if (!seen_.insert(*ref).second)
                return damaged("a field that is reached twice: " + to_text(*ref), document_.end());
            if (seen_.size() > limits_.fields_max) return beyond("fields_max");
            waiting_.push_back(above);
            waiting_.back().ref = *ref;
            ++waiting_.back().depth;
        }
        return {};
    }

    Read<> visit(Node node) {
        const auto read = document_.dict(Value{node.ref}, "a field");
        if (!read) return read.error();
        const auto& dict = *read;
        // Without a name of its own it is a place of the field above.
        const auto* name = dict["T"].as<String>();
        if (node.field > 0 && name == nullptr) {
            found_[node.field - 1].objects.push_back(node.ref.number);
            return push(dict["Kids"], node);
        }
        node.field = 0;
        if (name != nullptr) node.name += (node.name.empty() ? "" : ".") + to_utf8(*name);
        if (dict.has("FT")) node.is_signature = dict["FT"].is_name("Sig");
        if (dict.has("V")) node.value = dict["V"];
        if (node.is_signature && !node.value.is_null()) {
            auto added = add(node);
            if (!added) return added.error();
            node.field = found_.size();
        }
        return push(dict["Kids"], node);
    }

    Read<> add(const Node& node) {
        const auto* value = node.value.as<Ref>();
        if (value == nullptr) return damaged("a signature that is no object of its own", document_.end());
        const auto object = document_.get(*value);
        if (!object) return object.error();
        if (object->is_null())
            return damaged("a signature that is not there: " + to_text(*value), document_.end());
        // Else the gap, a place in the file, could be anything's but this value's.
        if (document_.xref().find(value->number)->kind != XrefEntry::Kind::plain)
            return damaged("a signature in an object stream", document_.end());
        const auto* dict = object->as<Dict>();
        if (dict == nullptr) return damaged("a signature that is no dictionary", document_.end());
        if (!values_.insert(*value).second)
            return damaged("two fields claim the signature " + to_text(*value), document_.end());
        if (values_.size() > limits_.signatures_max) return beyond("signatures_max");
        found_.push_back({node.name, {node.ref.number}, *value, *dict});
        return {};
    }

    Document& document_;
    const Limits& limits_;
    std::vector<Node> waiting_;
    std::set<Ref> seen_;
    std::set<Ref> values_;
    std::vector<SignatureField> found_;
};

}  // namespace

std::string to_utf8(const String& text) {
    const std::string_view bytes{text.bytes};
    if (bytes.substr(0, 2) == "\xfe\xff") return from_utf16(bytes.substr(2));
    if (bytes.substr(0, 3) == "\xef\xbb\xbf") return std::string{bytes.substr(3)};
    std::string out;
    for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
    return out;
}

Read<std::vector<SignatureField>> signature_fields(Document& document, const Limits& limits) {
    return Fields{document, limits}.collect();
}

}  // namespace axis::signature::pdf
