// Checker: a whole foreign envelope in one pass, nothing kept but its metadata.
//
//   bytes ─► Scanner ─► skeleton ─► read()          ┐
//               └─► AttachmentDecoder + SHA-256 ────┴─► Checked     (names and labels meet the bytes at the
//               end)
//
// What axisctl's `envelope check` and `envelope show` stand on; intake joins the same parts itself, with the
// spool between them. No files, memory O(1) beside the skeleton. Any thread, one at a time per object.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/reader.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/model/document.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace axis::envelope {

struct Checked {
    Read read;                                  // a document's attachments carry their facts
    std::vector<model::AttachmentFacts> facts;  // per attachment, the same
    Sha256 sha256;                              // of the bytes fed
    std::uint64_t bytes = 0;
    std::vector<Observation> observations;  // of scanner, reader and decoders
};

class Checker {
public:
    explicit Checker(Random& random, ScanLimits scan = {}, AttachmentLimits attachment = {});
    ~Checker();
    Checker(Checker&&) noexcept;
    // Everything the scanner, the decoder and the reader refuse. After a refusal the checker is spent.
    Result<> feed(std::string_view bytes);
    Result<Checked> finish();
    const std::string& skeleton() const;
    const std::vector<Hole>& holes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::envelope
