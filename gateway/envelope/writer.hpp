// Writer: Document or Status → the reference SDK's exact form: prefixes, child order, dates
// (edxml-standard.md §1.1, §1.2 "SDK order", §1.11, §7.3). Byte-stable: the same value gives the same bytes.
// Attachment texts are holes; whoever sends splices them in. Optional values that are empty are not written;
// nothing is invented. What a reader would not read back as it is, is refused with its element
// (envelope.field), never dropped: characters XML 1.0 cannot carry, texts and entries that say nothing, words
// with blanks at their edges, unsafe file names, and what an envelope cannot miss. Thread: any.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace axis::envelope {

struct Written {
    std::string skeleton;
    std::vector<std::size_t> hole_offsets;  // one per attachment, in order
};

// What the SDK writes although nobody said it, and peers expect (§7.3): Direction false, Paper 0. For
// documents that begin here; what others wrote stays as it is.
void add_sdk_defaults(model::Document& document);

Result<Written> write(const model::Document& document);
Result<Written> write(const model::Status& status);

}  // namespace axis::envelope
