// Scanner: the first and only code of ours that meets the bytes of a foreign envelope (architecture D1).
//
//   bytes ──► Scanner ──► skeleton (a few KiB of markup, for libxml2)
//                └──────► text of ContentTransferEncoded, whatever its length ──► HoleSink
//
// A byte-level state machine with O(1) memory beside the skeleton. It refuses what must never reach a parser:
// DOCTYPE, processing instructions other than the XML declaration, CDATA, NUL, anything but UTF-8 (declared
// or found), tags over tag_bytes_max, comments over comment_bytes_max, depth, element and attachment counts,
// texts over text_bytes_max, and in a diverted text anything but base64 characters and white space (so
// comments, entities and child elements there are refused too). A UTF-8 BOM and up to junk_bytes_max of junk
// before "<?xml" or the root are dropped and observed (edxml-standard.md §7.2 item 1). The skeleton has no
// bytes where a diverted text stood; Hole::offset says where it belongs. Skeleton with all texts spliced back
// is byte for byte the input (without BOM and junk). A MIME message of 2014 is taken apart by mime.hpp under
// the same promises. Any thread; one Scanner per message.
#pragma once

#include "gateway/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

struct ScanLimits {
    std::uint64_t envelope_bytes_max = 4ull * 1024 * 1024 * 1024;
    std::size_t skeleton_bytes_max = 8 * 1024 * 1024;
    std::size_t tag_bytes_max = 16 * 1024;
    std::size_t comment_bytes_max = 8 * 1024;
    std::size_t text_bytes_max = 64 * 1024;
    std::size_t depth_max = 64;
    std::size_t element_count_max = 100'000;
    std::size_t hole_count_max = 200;
    std::size_t attribute_count_max = 64;  // per tag
    std::size_t attribute_total_max = 200'000;
    std::size_t junk_bytes_max = 256;
};

struct Hole {
    std::size_t offset = 0;   // in the skeleton
    std::uint64_t bytes = 0;  // of the diverted text
    bool has_cr = false;
    std::uint64_t lines = 0;            // line feeds in it
    std::uint64_t last_line_bytes = 0;  // behind the last of them

    void pass(std::string_view piece, bool one_line = false);  // one_line: known to hold no line end
};

// Receives the diverted texts, one after the other.
class HoleSink {
public:
    virtual ~HoleSink() = default;
    virtual Result<> begin(std::size_t ordinal) = 0;
    virtual Result<> text(std::string_view piece) = 0;  // base64 characters and white space only
    virtual Result<> end() = 0;
};

struct Position {
    std::uint64_t line = 1;
    std::uint64_t column = 1;  // bytes
};

// Something tolerated, for `envelope check` and the operator: {"envelope.junk", "4 bytes before the XML
// declaration"}.
struct Observation {
    std::string code;
    std::string text;
};

class Scanner {
public:
    enum class Framing { any, xml };  // xml: a MIME message is refused, as it is inside another
    Scanner(ScanLimits limits, HoleSink& sink, Framing framing = Framing::any);
    ~Scanner();
    Scanner(Scanner&&) noexcept;

    // Refusals carry "line:column element" in Error::detail. After one, the scanner is spent.
    Result<> feed(std::string_view bytes);
    Result<> finish();  // envelope.malformed when the root is not closed or nothing came

    const std::string& skeleton() const;  // grows; what stands before a hole is there when it begins
    std::string take_skeleton();          // after finish(): it may be megabytes
    const std::vector<Hole>& holes() const;
    const Hole& dropped() const;  // the junk before the XML, in the form of a hole
    const std::vector<Observation>& observations() const;
    Position position() const;

private:
    struct Impl;
    Result<> feed_xml(std::string_view bytes);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::envelope
