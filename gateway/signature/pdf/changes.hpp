// Changes: what was added to a PDF after one of its signatures was made. Internal to signature/pdf.
//
//   the file up to a signature (then) ──objects──┐
//                                                ├─► which are new or others ─► each by an allow-list
//   the file as it is (now) ─────────objects─────┘
//
// Allowed are further signatures with their fields and places on pages, what long-term validation needs
// (DSS), and facts about the file (Info, XMP). All else is content: it changes what is read after it was
// signed (incremental saving, shadow attacks, forms filled in, notes). An object that is only pointed to when
// it is signed and comes into being later is content too.
#pragma once

#include "gateway/signature/pdf/document.hpp"
#include "gateway/signature/pdf/fields.hpp"

#include <string>
#include <vector>

namespace axis::signature::pdf {

enum class Added { nothing, signatures, content };

struct Changes {
    Added added = Added::nothing;
    std::string detail;          // the first thing that is content
    std::size_t signatures = 0;  // that were added
};

// `then` ends where a signature's range does, `now` is the whole file, `fields` are the signed ones of it.
Read<Changes> changes_between(
    Document& then, Document& now, const std::vector<SignatureField>& fields, Reader& reader
);

}  // namespace axis::signature::pdf
