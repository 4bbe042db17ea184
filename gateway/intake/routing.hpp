// Routing: recipients of a document grouped into ways, one per endpoint (architecture D8). Pure; any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/directory/directory.hpp"
#include "gateway/model/document.hpp"

#include <string>
#include <vector>

namespace axis::intake {

struct Way {
    directory::Endpoint endpoint;
    std::vector<std::size_t> recipients;  // ordinals
};

// Submit is all or nothing: recipient_unknown, _closed, _unroutable, _duplicate, each named at /to/N, all at
// once.
Result<std::vector<Way>> route_all(
    const directory::Directory& directory, const std::vector<model::Organization>& to
);

// What came from outside: which of its recipients are ours, and their ways. Others are left out.
struct LocalWays {
    std::vector<model::Organization> recipients;
    std::vector<Way> ways;
};
LocalWays route_local(const directory::Directory& directory, const std::vector<model::Organization>& to);

}  // namespace axis::intake
