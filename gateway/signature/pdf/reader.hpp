// Reader: what is asked of the file while a PDF is taken apart, within limits. Internal to signature/pdf.
//
// Every byte that is looked at costs from one allowance for the whole verification, so that no structure,
// however it points to itself, takes longer than the allowance lasts.
#pragma once

#include "gateway/signature/cms/reading.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/pdf/source.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace axis::signature::pdf {

struct Limits {
    std::size_t signatures_max = 16;  // each costs a pass over the file
    std::size_t fields_max = 10'000;
    std::size_t xref_entries_max = 300'000;
    std::size_t xref_sections_max = 500;
    std::size_t object_bytes_max = 4 * 1024 * 1024;
    std::size_t values_max = 200'000;  // of one object
    std::size_t depth_max = 64;
    std::size_t decoded_bytes_max = 4 * 1024 * 1024;  // of one object or cross-reference stream
    cms::Limits cms;                                  // of one signature
    std::uint64_t work_bytes_max = 192 * 1024 * 1024;
};

// Why the file, or one signature of it, is not read further.
using cms::beyond;
using cms::Fault;
using cms::Read;

Fault damaged(std::string detail, std::uint64_t at);

class Reader {
public:
    Reader(const ByteSource& source, const Limits& limits)
        : source_{source}, limits_{limits}, left_{limits.work_bytes_max} {}

    // `bytes` from `at`, fewer at `end`.
    Read<std::string> window(std::uint64_t at, std::uint64_t end, std::size_t bytes);
    // Work that was done on bytes already in hand.
    Read<> charge(std::uint64_t bytes);

    const Limits& limits() const { return limits_; }
    std::uint64_t size() const { return source_.size; }

private:
    const ByteSource& source_;
    const Limits& limits_;
    std::uint64_t left_;
};

}  // namespace axis::signature::pdf
