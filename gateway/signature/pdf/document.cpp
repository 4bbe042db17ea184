#include "gateway/signature/pdf/document.hpp"

#include "gateway/signature/pdf/filter.hpp"
#include "gateway/signature/pdf/syntax.hpp"

#include <algorithm>

namespace axis::signature::pdf {

namespace {

constexpr std::size_t tail_bytes = 2048;  // the standard says 1024

}  // namespace

struct Document::Packed {
    std::uint32_t number = 0;
    std::string text;
    std::size_t first = 0;
    struct At {
        std::uint32_t number = 0;
        std::size_t offset = 0;  // from `first`
    };
    std::vector<At> objects;
};

Read<Document> Document::open(std::uint64_t end, Reader& reader) {
    Document out{end, reader};
    auto found = out.find_end();
    if (!found) return found.error();
    auto xref = read_xref(out.startxref_, end, reader);
    if (!xref) return xref.error();
    out.xref_ = std::move(*xref);
    if (out.xref_.trailer.has("Encrypt")) return Fault{Reason::pdf_encrypted, "", {}};
    const auto* root = out.xref_.trailer["Root"].as<Ref>();
    if (root == nullptr) return damaged("a trailer without /Root", out.startxref_);
    out.root_ = *root;
    return out;
}

Read<> Document::find_end() {
    const auto begin = end_ > tail_bytes ? end_ - tail_bytes : 0;
    const auto text = reader_->window(begin, end_, tail_bytes);
    if (!text) return text.error();
    const auto at = text->rfind("startxref");
    if (at == std::string::npos) return damaged("no startxref at the end", end_);
    Syntax syntax{std::string_view{*text}.substr(at), begin + at, reader_->limits()};
    if (!syntax.keyword("startxref") || !syntax.number(startxref_)) return syntax.fault();
    const auto eof = text->find("%%EOF", at);
    const auto between = syntax.place() - begin;
    if (eof == std::string::npos || !only_white(std::string_view{*text}.substr(between, eof - between)))
        return damaged("no %%EOF at the end", end_);
    ends_clean_ = only_white(std::string_view{*text}.substr(eof + 5));
    return {};
}

Read<Value> Document::get(Ref ref) {
    const auto* entry = xref_.find(ref.number);
    if (entry == nullptr) return Value{};
    if (entry->kind == XrefEntry::Kind::packed) return ref.generation == 0 ? packed(*entry) : Value{};
    return entry->second == ref.generation ? plain(*entry, true, true) : Value{};
}

Read<Value> Document::resolved(const Value& value) {
    const auto* ref = value.as<Ref>();
    return ref == nullptr ? Read<Value>{value} : get(*ref);
}

Read<Dict> Document::dict(const Value& value, std::string_view what) {
    auto found = resolved(value);
    if (!found) return found.error();
    if (found->is_null()) return Dict{};
    auto* dict = found->as<Dict>();
    if (dict == nullptr) return damaged(std::string{what} + " is no dictionary", end_);
    return std::move(*dict);
}

Read<Value> Document::plain(const XrefEntry& entry, bool may_be_stream, bool length_may_be_packed) {
    auto object = read_plain(entry.first, end_, *reader_, [&](Ref ref) -> Read<std::uint64_t> {
        if (!may_be_stream) return damaged("a length that is a stream", entry.first);
        return length(ref, length_may_be_packed);
    });
    if (!object) return object.error();
    if (object->ref != Ref{entry.number, entry.second})
        return damaged("another object than " + to_text({entry.number, entry.second}), entry.first);
    return std::move(object->value);
}

Read<std::uint64_t> Document::length(Ref ref, bool may_be_packed) {
    const auto* entry = xref_.find(ref.number);
    const bool is_packed = entry != nullptr && entry->kind == XrefEntry::Kind::packed;
    const bool is_plain = entry != nullptr && !is_packed && entry->second == ref.generation;
    if (!is_plain && !(is_packed && may_be_packed && ref.generation == 0))
        return damaged("a length that is not there: " + to_text(ref), end_);
    const auto value = is_packed ? packed(*entry) : plain(*entry, false, false);
    if (!value) return value.error();
    const auto* n = value->as<std::int64_t>();
    if (n == nullptr || *n < 0) return damaged("a length that is no number: " + to_text(ref), end_);
    return static_cast<std::uint64_t>(*n);
}

// Each object has its own piece of the text and is read in that alone, so that a stream costs its size
// however its objects are laid over each other.
Read<Value> Document::packed(const XrefEntry& entry) {
    if (entry.first > std::numeric_limits<std::uint32_t>::max())
        return damaged("an object stream of no number", end_);
    auto unpacked = unpack(static_cast<std::uint32_t>(entry.first));
    if (!unpacked) return unpacked.error();
    const auto& stream = **unpacked;
    const auto name =
        "object " + std::to_string(entry.number) + " in object stream " + std::to_string(stream.number);
    if (entry.second >= stream.objects.size() || stream.objects[entry.second].number != entry.number)
        return damaged(name + " is not there", end_);
    const auto next = entry.second + std::size_t{1};
    const auto begin = stream.first + stream.objects[entry.second].offset;
    const auto end =
        next < stream.objects.size() ? stream.first + stream.objects[next].offset : stream.text.size();
    auto charged = reader_->charge(end - begin);
    if (!charged) return charged.error();
    // A blank behind it ends its last word.
    const auto text = stream.text.substr(begin, end - begin) + " ";
    Syntax syntax{text, begin, reader_->limits()};
    auto value = syntax.value();
    syntax.skip_white();
    const bool good = syntax.state() == Syntax::State::good;
    if (!good && syntax.state() != Syntax::State::cut_off) return syntax.fault();
    if (!good || syntax.place() - begin != text.size() || value.as<Ref>() != nullptr)
        return damaged(name + " is not one object", end_);
    return value;
}

Read<std::shared_ptr<const Document::Packed>> Document::unpack(std::uint32_t number) {
    if (last_ && last_->number == number) return last_;
    const auto* entry = xref_.find(number);
    if (entry == nullptr || entry->kind != XrefEntry::Kind::plain || entry->second != 0)
        return damaged("no object stream " + std::to_string(number), end_);
    const auto value = plain(*entry, true, false);
    if (!value) return value.error();
    const auto* stream = value->as<Stream>();
    const auto* count = stream != nullptr ? stream->dict["N"].as<std::int64_t>() : nullptr;
    const auto* first = stream != nullptr ? stream->dict["First"].as<std::int64_t>() : nullptr;
    if (count == nullptr || first == nullptr || *count < 0 || *first < 0 ||
        !stream->dict["Type"].is_name("ObjStm"))
        return damaged("an object stream that is none", entry->first);

    auto out = std::make_shared<Packed>();
    out->number = number;
    auto text = decoded(*stream, end_, *reader_);
    if (!text) return text.error();
    out->text = std::move(*text);
    out->first = static_cast<std::size_t>(*first);
    if (out->first > out->text.size()) return damaged("/First of an object stream", entry->first);
    const auto head = out->text.substr(0, out->first) + " ";
    Syntax syntax{head, 0, reader_->limits()};
    for (std::int64_t i = 0; i < *count; ++i) {
        std::uint64_t object = 0, offset = 0;
        if (!syntax.number(object) || !syntax.number(offset) ||
            object > std::numeric_limits<std::uint32_t>::max() || offset > out->text.size() - out->first ||
            (!out->objects.empty() && offset <= out->objects.back().offset))
            return damaged("the table of an object stream", entry->first);
        out->objects.push_back({static_cast<std::uint32_t>(object), offset});
    }
    last_ = std::move(out);
    return last_;
}

}  // namespace axis::signature::pdf
