// Profile `attached` (architecture D13): a signed statement about a document, in one attachment more, so that
// it holds however an axis writes the rest anew.
//
//   Document ─► Statement ─► Signature by KeySource ─► one file more
//   that file ─► markup ─► tree ─► allow-list ─► value ─► chain ─► digest ─► each fact, each file ─►
//   Judgement
//
// A file is compared by its unwrapped bytes, a fact as it reads. The signature itself is the envelope's: the
// same algorithms, certificates, signing time and trust. CPU: crypto pool; blocking where a key is asked. Any
// thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/signature/attached/statement.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/key_source.hpp"
#include "gateway/signature/trust_store.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace axis::signature {

struct StatementLimits {
    std::size_t bytes_max = 8 * 1024 * 1024;
    std::size_t file_count_max = 10'000;
    std::size_t fact_count_max = 20'000;
    std::size_t tag_bytes_max = 512 * 1024;  // a subject, every character of it escaped
    std::size_t tag_attribute_count_max = 8;
    std::size_t depth_max = 16;
};

// A statement without texts of its own: add_time_stamp() puts a token in. signer.failed. envelope.too_large:
// larger than anybody would look at. envelope.malformed: characters that XML has not.
Result<SignedSkeleton> sign_statement(
    const Statement& statement, KeySource& key, Time at, const StatementLimits& limits = {}
);

// What the statement `xml` says of a document that is `found`. Everything is a judgement.
Judgement verify_statement(
    const std::string& xml,
    const Statement& found,
    const Question& question,
    const TrustStore& trust,
    const StatementLimits& limits = {}
);

// What a responder would have to be asked: as of an envelope (envelope_verifier.hpp).
std::vector<OcspQuery> open_questions(
    const std::string& xml,
    const Question& question,
    const TrustStore& trust,
    const StatementLimits& limits = {}
);

// The unpacked bytes of an attachment; nothing: it cannot be unpacked. Errors are ours.
using ReadFile = std::function<Result<std::optional<std::string>>(const model::Attachment& attachment)>;

// Of all that were taken out of `document` (at least one). Of two neither is looked at: no reader could know
// which one counts. An error is the one of `read`.
Result<Judgement> judge_statements(
    const std::vector<model::Attachment>& statements,
    const model::Document& document,
    const ReadFile& read,
    const Question& question,
    const TrustStore& trust,
    const StatementLimits& limits = {}
);

}  // namespace axis::signature
