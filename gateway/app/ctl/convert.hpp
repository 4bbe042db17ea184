// Conversions between a package on disk (package.json and its files beside) and an envelope. Two passes over
// an envelope, one over each file; memory does not grow with the files. What fails leaves no new file behind.
// Blocking. Errors: io_failed, and those of package/, policy/ and envelope/.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/package/import.hpp"
#include "gateway/package/package.hpp"

#include <optional>
#include <string>
#include <vector>

namespace axis::ctl {

struct ToEnvelope {
    std::string package;  // path of the JSON
    std::string files;    // folder of the files; empty: beside it
    std::string out;
    model::AgencyCode trace;  // empty: no trace of one's own
    // The envelope this package was made from, not the one the daemon would send for it: its keys, trace,
    // content ids and extensions stay, and poor data pass.
    bool as_received = false;
};
// The same checks as the daemon's but those that need its directory, which also completes names there.
Result<model::Document> to_envelope(const ToEnvelope& task, Time now, Random& random);

// The folder is made when it is missing; nothing in it is overwritten. The paths written, package.json last.
// message_not_document for a status.
Result<std::vector<std::string>> to_package(
    const std::string& envelope,
    const std::string& folder,
    const std::optional<package::Classes>& classes,
    Random& random
);

// The strict form, the texts of the attachments as they are. To standard output without `out`.
Result<> rewrite(const std::string& envelope, const std::string& out, Random& random);

// package.json and the files that came inside; paths as above.
Result<std::vector<std::string>> write_package(const package::Imported& imported, const std::string& folder);

}  // namespace axis::ctl
