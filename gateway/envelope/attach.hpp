// Attach: one attachment more in an envelope that is written already, behind the others, listed in the
// manifest. Every other byte stays as it is.
//
// The skeleton has been scanned and read before, as a document of QCVN 2016. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/model/document.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

// A small file as an attachment of its own: content id, name and content type, and its text.
struct EncodedFile {
    model::Attachment attachment;
    std::string text;
};
EncodedFile encoded_file(std::string_view name, std::string_view bytes, Random& random);

struct Attached {
    std::string skeleton;
    std::vector<std::size_t> offsets;  // of the same texts and the new one
    std::size_t hole = 0;              // which of them is the new one's
};

// Content id, name and content type of `attachment` are written. envelope.structure when there is no place
// for it, which a skeleton that was read has.
Result<Attached> append_attachment(
    std::string_view skeleton, const std::vector<std::size_t>& offsets, const model::Attachment& attachment
);

}  // namespace axis::envelope
