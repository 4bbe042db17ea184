#include "gateway/signature/pdf/syntax.hpp"
#include "gateway/signature/pdf/xref.hpp"

#include <algorithm>
#include <functional>

namespace axis::signature::pdf {

namespace {

constexpr std::size_t first_window_bytes = 256;
constexpr std::size_t end_words_bytes = 64;  // around endstream and endobj

struct Parsed {
    PlainObject object;
    bool stream = false;
    std::uint64_t data = 0;  // where a stream's data begins
};

Parsed parse(Syntax& syntax) {
    Parsed out;
    if (!syntax.object_begin(out.object.ref)) return out;
    out.object.value = syntax.value();
    if (syntax.keyword("endobj")) return out;
    out.stream = out.object.value.as<Dict>() != nullptr && syntax.keyword("stream") && syntax.stream_begin();
    if (!out.stream) syntax.refuse();
    out.data = syntax.place();
    return out;
}

// That the data ends where /Length says.
Read<> ends_there(std::uint64_t at, std::uint64_t end, Reader& reader) {
    const auto text = reader.window(at, end, end_words_bytes);
    if (!text) return text.error();
    Syntax syntax{*text, at, reader.limits()};
    if (!syntax.keyword("endstream") || !syntax.keyword("endobj"))
        return damaged("a stream that does not end where its length says", at);
    return {};
}

}  // namespace

Read<PlainObject> read_plain(std::uint64_t at, std::uint64_t end, Reader& reader, const LengthOf& length) {
    const auto bytes_max = reader.limits().object_bytes_max;
    for (auto bytes = first_window_bytes;; bytes = std::min(bytes * 4, bytes_max)) {
        const auto text = reader.window(at, end, bytes);
        if (!text) return text.error();
        Syntax syntax{*text, at, reader.limits()};
        auto parsed = parse(syntax);
        if (syntax.state() == Syntax::State::cut_off) {
            if (text->size() < bytes) return damaged("an object that does not end", at);
            if (bytes >= bytes_max) return beyond("object_bytes_max");
            continue;
        }
        if (syntax.state() != Syntax::State::good) return syntax.fault();
        if (!parsed.stream) return std::move(parsed.object);

        auto* dict = parsed.object.value.as<Dict>();
        const auto& said = (*dict)["Length"];
        std::uint64_t data_bytes = 0;
        if (const auto* ref = said.as<Ref>()) {
            const auto resolved = length(*ref);
            if (!resolved) return resolved.error();
            data_bytes = *resolved;
        } else if (const auto* n = said.as<std::int64_t>(); n != nullptr && *n >= 0) {
            data_bytes = static_cast<std::uint64_t>(*n);
        } else {
            return damaged("a stream without a length", at);
        }
        if (data_bytes > end || parsed.data > end - data_bytes)
            return damaged("a stream longer than the file", at);
        auto ends = ends_there(parsed.data + data_bytes, end, reader);
        if (!ends) return ends.error();
        return PlainObject{parsed.object.ref, Stream{std::move(*dict), parsed.data, data_bytes}};
    }
}

}  // namespace axis::signature::pdf
