// One signature of a PDF judged. Internal to signature/pdf.
#pragma once

#include "gateway/signature/pdf/document.hpp"
#include "gateway/signature/pdf/fields.hpp"
#include "gateway/signature/pdf/pdf_verifier.hpp"
#include "gateway/signature/pdf/range.hpp"

#include <vector>

namespace axis::signature::pdf {

// A valid time stamp over the first `covered_bytes` of the file.
struct Proof {
    std::uint64_t end = 0;
    Time at{};
};

struct File {
    const ByteSource& source;
    Reader& reader;
    Document& document;
    const std::vector<SignatureField>& fields;
    const TrustStore& trust;
    Time at{};
};

// An error only when the source could not be read. `range`: nothing when it has none.
Result<PdfSignature> judge_signature(
    const File& file, const SignatureField& field, const Read<Range>& range, const std::vector<Proof>& proofs
);

}  // namespace axis::signature::pdf
