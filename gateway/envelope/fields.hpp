// The fields of a header: element → value, one function per complex type. Internal to envelope/.
#pragma once

#include "gateway/envelope/xml.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

namespace axis::envelope {

// MessageHeader and, when there is one, TraceHeaderList; faults go to the nodes' Findings.
model::Document document_fields(const Node& header, const Node& trace);
model::Status status_fields(const Node& header);

}  // namespace axis::envelope
