// An edXML file without its attachments: the markup in memory, and where in the file each base64 text stands.
//
//   …<ContentTransferEncoded>JVBERi0x…</ContentTransferEncoded>…   ->   …>hole:0</…  +  {offset, length}
//
// axissim's own small scanner: a document of 400 MB becomes a few KiB before libxml2 sees it. DOCTYPE is
// refused. Bytes are pushed in; no I/O here. Any thread.
#pragma once

#include "gateway/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

struct Hole {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct Skeleton {
    std::string xml;
    std::vector<Hole> holes;
};

std::string hole_mark(std::size_t index);  // "hole:0"

class SkeletonScanner {
public:
    // xml_doctype, xml_tag_too_long, xml_too_large (the markup alone is over 4 MiB).
    Result<> feed(std::string_view bytes);
    // xml_malformed when the file ends inside markup or an attachment.
    Result<Skeleton> finish();

private:
    enum class State { text, markup, hole };
    void feed_text(std::string_view& bytes);
    Result<> feed_markup(std::string_view& bytes);
    void feed_hole(std::string_view& bytes);
    bool markup_complete(char c);
    void end_markup();

    State state_ = State::text;
    std::string markup_;  // from '<' to where we are
    char quote_ = 0;
    std::uint64_t position_ = 0;
    Skeleton skeleton_;
};

}  // namespace axis::sim
