// Relay: what is added to an envelope that is written already.
//
// What we change in an envelope that somebody else wrote and we pass on is one TraceHeader more, behind
// the earlier ones (architecture D12; edxml-standard.md §1.7, §7.3). Every other byte stays as it is.
//
// The skeleton has been scanned and read before, as QCVN 2016. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/model/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

struct Relayed {
    std::string skeleton;
    std::vector<Hole> holes;  // the same texts, moved with the markup
};

// envelope.structure when there is no place for it, which a skeleton that was read has.
Result<Relayed> append_trace(
    std::string_view skeleton, const std::vector<Hole>& holes, const model::TraceHeader& header
);

// Where a Signature belongs: before the end tag of edXMLHeader. What reading says of a skeleton that is no
// envelope.
Result<std::size_t> signature_place(std::string_view skeleton);

}  // namespace axis::envelope
