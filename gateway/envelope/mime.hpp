// The MIME form of 2014 (công văn 2803/BTTTT-THH, edxml-standard.md §7.1): multipart/related, the first part
// the envelope in SOAP, every other part one file in base64.
//
//   header fields, blank line ─► boundary ─► part header ─► XML       ─► Scanner ─┐ (may repeat)
//                                   ▲                  └──► base64    ─► hole     │
//                                   └──────────────── delimiter line ◄───────────┘
//
// Like the Scanner: everything but the base64 texts (and junk before the XML) is the skeleton. Read only,
// never written. Named limits below and ScanLimits; refusals are envelope.* and attachment.base64. Internal
// to envelope/.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

inline constexpr std::size_t mime_header_bytes_max = 8 * 1024;  // of the message, and of each part

// Whether bytes that begin so are a MIME message; nothing while it cannot be told yet.
std::optional<bool> looks_like_mime(std::string_view head);

class MimeScanner {
public:
    MimeScanner(ScanLimits limits, HoleSink& sink);
    ~MimeScanner();

    Result<> feed(std::string_view bytes);
    Result<> finish();
    const std::string& skeleton() const;
    std::string take_skeleton();
    const std::vector<Hole>& holes() const;
    const Hole& dropped() const;
    const std::vector<Observation>& observations() const;  // of the XML
    Position position() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct MimePart {
    std::string content_id;  // without < >
    std::string content_type;
    std::string file_name;  // of Content-Disposition or Content-Type; may be empty
};

struct MimeMessage {
    std::string_view xml;         // into the skeleton
    std::vector<MimePart> files;  // one per hole
};

// Takes a scanned skeleton apart again.
Result<MimeMessage> read_mime(std::string_view skeleton, const std::vector<Hole>& holes);

}  // namespace axis::envelope
