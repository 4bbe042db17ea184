// The statement of profile `attached` (architecture D13; gateway/signature/attached) on its way through: held
// against the document it came with, made for what begins here.
//
//   arrival ─► statements taken out of the document ─► judge: unpacked, verified, compared
//   rendition ─► statement [─► time stamp] ─► the same rendition with one attachment more
//
// Blocking: crypto pool. Any thread.
#pragma once

#include "gateway/ledger/records.hpp"
#include "gateway/signature/attached/attached.hpp"
#include "gateway/spool/spool.hpp"

#include <optional>
#include <string_view>
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

// Whom to ask about their signers' revocation; a text that cannot be read asks nothing.
std::vector<signature::OcspQuery> questions_about(
    const std::vector<model::Attachment>& statements,
    const std::vector<spool::Staged>& texts,
    const signature::Question& question,
    const signature::TrustStore& trust
);

// A statement about what the receiver of these bytes will read, `files` being its files' facts. Nothing when
// nothing may be attached: it carries a statement already, or an XML signature that would break.
// signer.failed, and what signing says.
Result<std::optional<signature::SignedSkeleton>> statement_for(
    const ledger::StoredEnvelope& base,
    const std::vector<model::Attachment>& files,
    signature::KeySource& key,
    Time at,
    Random& random
);

struct WithStatement {
    ledger::StoredEnvelope envelope;
    spool::Staged text;  // the statement's, not published yet
};

Result<WithStatement> with_statement(
    const ledger::StoredEnvelope& base,
    const std::vector<spool::Staged>& texts,
    std::string_view statement,
    spool::Spool& spool,
    Random& random
);

}  // namespace axis::intake
