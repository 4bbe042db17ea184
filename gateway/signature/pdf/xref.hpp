// Xref: where each object stands (ISO 32000-1 §7.5.4, §7.5.8): tables, streams and both together, along
// /Prev, the newest first. Nothing is repaired: what does not lead to the end of the chain refuses the file.
// Internal to signature/pdf. Memory: 24 bytes an entry.
#pragma once

#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/value.hpp"

#include <cstdint>
#include <vector>

namespace axis::signature::pdf {

struct XrefEntry {
    enum class Kind : std::uint8_t { free, plain, packed };
    std::uint32_t number = 0;
    Kind kind = Kind::free;
    std::uint32_t second = 0;  // plain: generation; packed: index in the stream
    std::uint64_t first = 0;   // plain: offset; packed: number of the object stream
    bool operator==(const XrefEntry&) const = default;
};

struct Xref {
    std::vector<XrefEntry> entries;       // by number, the newest of each, without free ones
    Dict trailer;                         // the newest
    std::vector<std::uint64_t> sections;  // their places, the newest first

    const XrefEntry* find(std::uint32_t number) const;
};

// `begin`: what startxref says; nothing is read from `end` on.
Read<Xref> read_xref(std::uint64_t begin, std::uint64_t end, Reader& reader);

// An object that stands in the file by itself: "12 0 obj … endobj". A stream whose /Length is a reference
// asks `length` for it.
struct PlainObject {
    Ref ref;
    Value value;
};
using LengthOf = std::function<Read<std::uint64_t>(Ref ref)>;
Read<PlainObject> read_plain(std::uint64_t at, std::uint64_t end, Reader& reader, const LengthOf& length);

}  // namespace axis::signature::pdf
