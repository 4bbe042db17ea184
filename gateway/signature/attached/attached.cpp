#include "gateway/signature/attached/attached.hpp"

#include "gateway/signature/attached/comparison.hpp"
#include "gateway/signature/attached/statement_form.hpp"
#include "gateway/signature/form_judge.hpp"
#include "gateway/signature/signature_element.hpp"

namespace axis::signature {

namespace {

using Outcome = Check::Outcome;

// What the comparison found, said after the signature was found to be over the statement as it stands: what
// differs is no longer a question of whom one trusts.
void compare(Judgement& told, const Statement& stated, const Statement& found) {
    const auto differences = differences_of(stated, found);
    const auto note = [&](std::string_view name, const std::string& detail, std::size_t count) {
        told.checks.push_back(
            {name,
             detail.empty() ? Outcome::passed : Outcome::failed,
             detail.empty() ? std::to_string(count) : detail}
        );
    };
    note("facts", differences.facts, stated.facts.size());
    note("files", differences.files, stated.files.size());
    if (!differences.reason) return;
    told.reason = *differences.reason;
    told.detail = *differences.reason == Reason::attached_fact || differences.files.empty()
                      ? differences.facts
                      : differences.files;
}

}  // namespace

Result<SignedSkeleton> sign_statement(
    const Statement& statement, KeySource& key, Time at, const StatementLimits& limits
) {
    auto xml = markup_of(statement);
    const auto tree = Tree::parse(xml);
    const auto canonical = tree ? tree->canonical(Canonical::exclusive) : std::nullopt;
    if (!canonical) return Error{errc::xml_malformed, "a statement that is no XML"};
    const auto suite = suite_of(key.chain().front());
    Digest digest{suite.digest.digest};
    digest.update(*canonical);
    auto element = signature_element(digest.finish(), suite, key, at);
    if (!element) return element.error();
    const auto place = xml.rfind("</");
    xml.insert(place, element->text);
    if (xml.size() > limits.bytes_max || statement.files.size() > limits.file_count_max ||
        statement.facts.size() > limits.fact_count_max)
        return Error{errc::xml_too_large, "attached statement"};
    return SignedSkeleton{std::move(xml), {}, std::move(element->stamped), place + element->stamp_place};
}

Judgement verify_statement(
    const std::string& xml,
    const Statement& found,
    const Question& question,
    const TrustStore& trust,
    const StatementLimits& limits
) {
    const auto read = read_statement(xml, limits);
    if (const auto* why = std::get_if<Malformed>(&read)) return malformed(*why);
    const auto& [tree, form, statement] = std::get<StatementForm>(read);
    const auto content = [](std::string_view canonical, Digest& digest) -> Result<bool> {
        digest.update(canonical);
        return true;
    };
    auto judged = judge_form(tree, form, question, trust, content);
    AXIS_ASSERT(judged.has_value());  // nothing is read
    const auto verdict = judged->verdict();
    const bool as_signed = verdict != Verdict::invalid && verdict != Verdict::malformed;
    if (as_signed) compare(*judged, statement, found);
    return std::move(*judged);
}

std::vector<OcspQuery> open_questions(
    const std::string& xml, const Question& question, const TrustStore& trust, const StatementLimits& limits
) {
    const auto read = read_statement(xml, limits);
    if (std::holds_alternative<Malformed>(read)) return {};
    const auto& found = std::get<StatementForm>(read);
    return open_questions(found.tree, found.form, question, trust);
}

Result<Judgement> judge_statements(
    const std::vector<model::Attachment>& statements,
    const model::Document& document,
    const ReadFile& read,
    const Question& question,
    const TrustStore& trust,
    const StatementLimits& limits
) {
    AXIS_ASSERT(!statements.empty());
    if (statements.size() > 1)
        return malformed({Reason::attached_several, std::to_string(statements.size())});
    const auto& statement = statements.front();
    if (statement.facts.file_bytes > limits.bytes_max) return malformed({Reason::attached_limit, "bytes"});
    const auto xml = read(statement);
    if (!xml) return xml.error();
    if (!*xml) return malformed({Reason::attached_form, "the attachment cannot be unpacked"});
    return verify_statement(**xml, statement_of(document), question, trust, limits);
}

}  // namespace axis::signature
