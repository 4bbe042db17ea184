// Xsd: the schemas of schemas/edxml-102-*.xsd, part of the program. For what we wrote ourselves, for tests
// and for an operator's own files: libxml2's validator never runs on hostile input inside the daemon
// (architecture D12). Any thread, also one object for several threads.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace axis::envelope {

class Xsd {
public:
    enum class Which { emit, accept };
    explicit Xsd(Which which);
    ~Xsd();
    Xsd(Xsd&&) noexcept;

    // envelope.schema: "line:column path/of/element: why", and how many more there are. The texts in the
    // holes count as base64. envelope.malformed for what is no XML.
    Result<> check(std::string_view skeleton, const std::vector<Hole>& holes) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::envelope
