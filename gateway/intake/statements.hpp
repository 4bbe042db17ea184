// The statement of profile `attached` (architecture D13; gateway/signature/attached) on its way through: held
// against the document it came with, made for what begins here.
//
//   arrival ─► statements taken out of the document ─► judge: unpacked, verified, compared
//   acceptance ─► attach: a rendition with one attachment more for each delivery that wants one
//
// Blocking: crypto pool. Any thread.
#pragma once

#include "gateway/ledger/records.hpp"
#include "gateway/signature/attached/attached.hpp"
#include "gateway/spool/spool.hpp"

#include <vector>

namespace axis::intake {

// Of the statements that were taken out of `document`; at least one. Errors are ours: a text cannot be read.
Result<signature::Judgement> judge_statements(
    const std::vector<model::Attachment>& statements,
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const signature::Question& question,
    const signature::TrustStore& trust
);

struct StatementMaker {
    signature::KeySource& key;
    spool::Spool& spool;
    Random& random;
};

// Renditions with a statement for the deliveries `wanted`; its texts, which the caller publishes, and their
// rows in `a.blobs`. What carries a statement already, or an XML signature that would break, stays as it is.
// signer.failed, and what reading and staging texts say.
Result<std::vector<spool::Staged>> attach_statements(
    ledger::Acceptance& a,
    const std::vector<spool::Staged>& texts,
    const std::vector<std::size_t>& wanted,
    const StatementMaker& maker
);

}  // namespace axis::intake
