// The envelope as elements, before any field is read: where each dialect has them. Internal to envelope/.
#pragma once

#include "gateway/envelope/reader.hpp"
#include "gateway/envelope/xml.hpp"

#include <vector>

namespace axis::envelope {

struct Parts {
    Dialect dialect = Dialect::qcvn_2016;
    Node header;
    Node message;  // MessageHeader or Status
    bool status = false;
    // Of a document; a status has none by the standard, so that what stands there is unknown, and kept.
    Node trace;
    std::vector<Node> references;
    std::vector<Node> attachments;
};

// Tells the dialect by the root. A missing or doubtful part is a fault of the findings.
Parts parts_of(Findings& findings);

}  // namespace axis::envelope
