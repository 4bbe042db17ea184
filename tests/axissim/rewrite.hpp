// What the real axis does to documents on their way, as faults: it parses and writes them anew, or zips
// attachments.
//
//   reserialise  CRLF line ends, other indentation, MessageHeader in the other known order, TraceHeaders
//                appended
//   reshape      the names of QCVN under one other prefix; recipients, manifest and attachments in the
//                reverse order
//   zip_wrap     every attachment inside a one-entry ZIP, ContentType application/zip, its name untouched
//
// The new file is written beside the stored one; attachments are streamed through. Blocking: files pool.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"

#include <filesystem>

namespace axis::sim {

struct Rewriting {
    bool reserialise = false;
    bool zip_wrap = false;
    bool reshape = false;
    bool any() const { return reserialise || zip_wrap || reshape; }
};

Result<> rewrite(
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    Rewriting how,
    Random& random,
    Time now
);

}  // namespace axis::sim
