#include "gateway/intake/statements.hpp"

#include "gateway/envelope/attach.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/reader.hpp"
#include "gateway/intake/compose.hpp"

#include <algorithm>
#include <optional>

namespace axis::intake {

namespace {

Result<std::optional<std::string>> file_of(
    const model::Attachment& attachment, const std::vector<spool::Staged>& texts
) {
    const auto& text = text_of(texts, attachment);
    return envelope::file_in(
        [&text](const auto& sink) { return pass_text(text, sink); }, attachment.facts.wrapped
    );
}

std::vector<envelope::Hole> holes_of(const ledger::StoredEnvelope& stored) {
    std::vector<envelope::Hole> out(stored.holes.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i].offset = stored.holes[i].offset;
    return out;
}

// What the receiver will read in these bytes; nothing when nothing may be attached to them.
Result<std::optional<model::Document>> document_in(
    const ledger::StoredEnvelope& stored, const std::vector<model::Attachment>& files, Random& random
) {
    auto read = envelope::read(stored.skeleton, holes_of(stored), random);
    if (!read) return read.error();
    auto* document = std::get_if<model::Document>(&read->content);
    const bool ours = read->dialect == envelope::Dialect::qcvn_2016 && !read->xmldsig;
    if (document == nullptr || !ours) return std::optional<model::Document>{};
    const auto carries = [](const model::Attachment& a) { return a.name == signature::statement_file_name; };
    if (std::ranges::any_of(document->attachments, carries)) return std::optional<model::Document>{};
    AXIS_ASSERT(document->attachments.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) document->attachments[i].facts = files[i].facts;
    return std::optional{std::move(*document)};
}

Result<spool::Staged> staged(std::string_view text, spool::Spool& spool) {
    auto writer = spool.writer();
    auto written = writer.write(text);
    if (!written) return written.error();
    return writer.finish();
}

Result<ledger::StoredEnvelope> extended(
    const ledger::StoredEnvelope& base,
    const std::vector<spool::Staged>& texts,
    const model::Attachment& attachment,
    const spool::Staged& statement
) {
    std::vector<std::size_t> offsets;
    for (const auto& hole : base.holes) offsets.push_back(hole.offset);
    auto attached = envelope::append_attachment(base.skeleton, offsets, attachment);
    if (!attached) return attached.error();
    ledger::StoredEnvelope out;
    out.skeleton = std::move(attached->skeleton);
    out.holes = base.holes;
    const auto place = static_cast<std::ptrdiff_t>(attached->hole);
    out.holes.insert(out.holes.begin() + place, {0, statement.sha256(), statement.bytes(), false});
    for (std::size_t i = 0; i < out.holes.size(); ++i) out.holes[i].offset = attached->offsets[i];
    std::vector<const spool::Staged*> all;
    for (const auto& text : texts) all.push_back(&text);
    all.insert(all.begin() + place, &statement);
    auto completed = complete(out, all);
    if (!completed) return completed.error();
    return out;
}

}  // namespace

Result<signature::Judgement> judge_statements(
    const std::vector<model::Attachment>& statements,
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const signature::Question& question,
    const signature::TrustStore& trust
) {
    const auto read = [&texts](const model::Attachment& one) { return file_of(one, texts); };
    return signature::judge_statements(statements, document, read, question, trust);
}

std::vector<signature::OcspQuery> questions_about(
    const std::vector<model::Attachment>& statements,
    const std::vector<spool::Staged>& texts,
    const signature::Question& question,
    const signature::TrustStore& trust
) {
    const signature::StatementLimits limits;
    if (statements.size() != 1 || statements.front().facts.file_bytes > limits.bytes_max) return {};
    const auto xml = file_of(statements.front(), texts);
    if (!xml || !*xml) return {};
    return signature::open_questions(**xml, question, trust, limits);
}

Result<std::optional<signature::SignedSkeleton>> statement_for(
    const ledger::StoredEnvelope& base,
    const std::vector<model::Attachment>& files,
    signature::KeySource& key,
    Time at,
    Random& random
) {
    auto document = document_in(base, files, random);
    if (!document) return document.error();
    if (!*document) return std::optional<signature::SignedSkeleton>{};
    auto made = signature::sign_statement(signature::statement_of(**document), key, at);
    if (!made) return made.error();
    return std::optional{std::move(*made)};
}

Result<WithStatement> with_statement(
    const ledger::StoredEnvelope& base,
    const std::vector<spool::Staged>& texts,
    std::string_view statement,
    spool::Spool& spool,
    Random& random
) {
    const auto added = envelope::encoded_file(signature::statement_file_name, statement, random);
    auto text = staged(added.text, spool);
    if (!text) return text.error();
    auto envelope = extended(base, texts, added.attachment, *text);
    if (!envelope) return envelope.error();
    return WithStatement{std::move(*envelope), std::move(*text)};
}

}  // namespace axis::intake
