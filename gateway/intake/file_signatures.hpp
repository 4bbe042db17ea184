// Signatures inside the files of a document (PDF), the ones with legal force (architecture D13): judged when
// the document is taken in, whoever sent it, and told beside the envelope's. They admit or refuse nothing.
//
//   texts ─► which begin as a PDF ─► bytes by place ─► signature/pdf ─► FileJudgement ─► records, event,
//   warning
//             (decoded, unwrapped)    small: memory · base64 in lines: the text itself · else: an unnamed
//             file
//
// Blocking: crypto pool. Values; any thread.
#pragma once

#include "gateway/ledger/records.hpp"
#include "gateway/model/document.hpp"
#include "gateway/signature/pdf/pdf_verifier.hpp"
#include "gateway/spool/spool.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::intake {

struct FileLimits {
    std::size_t judged_max = 50;  // files of one document; further ones are not_checked
    std::uint64_t in_memory_bytes_max = 1024 * 1024;
};

struct FileJudgement {
    int n = 0;  // the document's attachment, counted from 1
    // With one more check: "agency_is_sender", whether a valid signature speaks for `from`.
    signature::PdfJudgement judgement;
};

// Of the files that have a signature, or something written like one. `from`: the sender's code. Errors are
// ours: a text cannot be read, no room for the unnamed file.
Result<std::vector<FileJudgement>> judge_files(
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const spool::Spool& spool,
    const signature::TrustStore& trust,
    Time at,
    const FileLimits& limits = {}
);

// What responders could tell of them, each question once.
std::vector<signature::OcspQuery> open_questions(const std::vector<FileJudgement>& files);
// Those that had open questions, judged again in their places: the store has been told since.
Result<> judge_again(
    std::vector<FileJudgement>& files,
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const spool::Spool& spool,
    const signature::TrustStore& trust,
    Time at,
    const FileLimits& limits = {}
);

ledger::NewJudgement record_of(const FileJudgement& file);
// [{"file":1,"signature":…,"signature_detail":…},…]
std::string event_list(const std::vector<FileJudgement>& files);

// attachment.signature_broken: the receipt's word for a file whose signature will not hold anywhere.
bool broken(const FileJudgement& file);

}  // namespace axis::intake
