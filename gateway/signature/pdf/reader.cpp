#include "gateway/signature/pdf/reader.hpp"

#include <algorithm>

namespace axis::signature::pdf {

Fault damaged(std::string detail, std::uint64_t at) {
    return {Reason::pdf_structure, std::move(detail) + " at byte " + std::to_string(at), {}};
}

Read<> Reader::charge(std::uint64_t bytes) {
    if (bytes > left_) return beyond("work_bytes_max");
    left_ -= bytes;
    return {};
}

Read<std::string> Reader::window(std::uint64_t at, std::uint64_t end, std::size_t bytes) {
    const auto there = at < end ? std::min<std::uint64_t>(end - at, bytes) : 0;
    auto charged = charge(there);
    if (!charged) return charged.error();
    std::string out(static_cast<std::size_t>(there), '\0');
    if (out.empty()) return out;
    auto read = source_.read(at, out);
    if (!read) return Fault{Reason::not_checked, "", read.error()};
    return out;
}

}  // namespace axis::signature::pdf
