// Verifies the signatures inside a PDF file, the ones with legal force (architecture D13, NĐ 30/2020 Đ5).
//
//   source ─► structure, strictly ─► signature fields ─► each, cheap checks first:
//       range and gap ─► CMS, value ─► digest over the range ─► what was added after it ─► chain, revocation
//
// A file whose structure would have to be repaired is refused: two readers would show two documents. Limits
// stand in pdf/reader.hpp; memory stays below about 100 MB whatever the file is, usually a few; time: one
// pass over the file for each signature, and a bounded amount of work on its structure.
// CPU: crypto pool; blocking where the source is. Any thread.
#pragma once

#include "gateway/signature/judgement.hpp"
#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/remains.hpp"
#include "gateway/signature/pdf/signer_kind.hpp"
#include "gateway/signature/pdf/source.hpp"
#include "gateway/signature/trust_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

inline constexpr std::string_view pdf_begin = "%PDF-";

enum class AddedLater : std::uint8_t {
    unknown,     // it was not asked, another check had failed
    nothing,     // or white space
    signatures,  // further ones, and what validating them needs
    content      // anything else
};
std::string_view name(AddedLater added);

struct PdfSignature {
    std::string field;        // its name
    bool time_stamp = false;  // of the document: nobody's signature
    Judgement judgement;
    std::uint64_t covered_bytes = 0;  // from the first on, but for the signature's own value
    std::uint64_t added_bytes = 0;    // after them
    AddedLater added = AddedLater::unknown;
    SignerKind kind = SignerKind::unknown;
    std::optional<Time> proven_at;  // it existed by then, as a time stamp shows that holds
    PdfRemains remains;             // for evidence
    // What a responder could tell of a signature that holds otherwise; the answers go to TrustStore::learn.
    std::vector<OcspQuery> open;
};

struct PdfJudgement {
    Reason reason = Reason::absent;  // of the signature that is worst; time stamps count when they are wrong
    std::string detail;
    std::uint64_t file_bytes = 0;
    std::vector<PdfSignature> signatures;  // in the order they were made
    // "structure"; "person_and_agency": at least one valid signature of each, by two certificates
    std::vector<Check> checks;

    Verdict verdict() const { return row(reason).verdict; }
};

// An error only when the source could not be read. What does not begin as a PDF is not_checked, one without
// signatures absent. `at`: when signatures have to hold that no time stamp proves to be older.
Result<PdfJudgement> verify_pdf(
    const ByteSource& source, Time at, const TrustStore& trust, const pdf::Limits& limits = {}
);

}  // namespace axis::signature
