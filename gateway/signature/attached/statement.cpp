#include "gateway/signature/attached/statement.hpp"

#include "gateway/base/error.hpp"
#include "gateway/base/text.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace axis::signature {

namespace {

// Kinds are found by their names, so that this table alone says what a statement holds.
const std::vector<FactKind> kinds{
    {"From", false, {"code"}},
    {"To", true, {"code"}},
    {"DocumentId", false, {"value"}},
    {"Code", false, {"number", "notation"}},
    {"Issued", false, {"date"}},
    {"Type", false, {"name"}},
    {"Subject", false, {"text"}},
    {"Content", false, {"text"}},
    {"Signer", false, {"competence", "position", "name"}},
    {"Due", false, {"date"}},
    {"Priority", false, {"value"}},
    {"Task", true, {"code"}},
    {"ResponseFor", true, {"organ", "code", "document", "date"}},
    {"Business", false, {"type", "document", "reason"}},
    {"Update", true, {"document", "receivers"}},
    {"Receiver", true, {"organ", "type"}},
    {"Replaced", true, {"document", "organ"}},
};

std::size_t kind_named(std::string_view name) {
    const auto at = std::ranges::find(kinds, name, &FactKind::name);
    AXIS_ASSERT(at != kinds.end());
    return static_cast<std::size_t>(at - kinds.begin());
}

// Nothing said and 0 mean the same in all of these.
std::string number(std::optional<int> value) {
    return value.value_or(0) == 0 ? "" : std::to_string(*value);
}

class Facts {
public:
    void add(std::string_view kind, std::vector<std::string> values) {
        for (auto& value : values) value = plain_text(value);
        if (std::ranges::all_of(values, &std::string::empty)) return;
        AXIS_ASSERT(values.size() == kinds[kind_named(kind)].attributes.size());
        out_.push_back({kind_named(kind), std::move(values)});
    }
    std::vector<Fact> take() { return std::move(out_); }

private:
    std::vector<Fact> out_;
};

void add_business(Facts& facts, const model::Business& business) {
    facts.add("Business", {number(static_cast<int>(business.type)), business.document_id, business.reason});
    for (const auto& update : business.updates) {
        facts.add("Update", {number(update.document), number(update.receiver)});
        for (const auto& receiver : update.receivers)
            facts.add(
                "Receiver", {receiver.organ.text(), receiver.type ? std::to_string(*receiver.type) : ""}
            );
    }
    for (const auto& replaced : business.replacements) {
        if (replaced.organs.empty()) facts.add("Replaced", {replaced.document_id, ""});
        for (const auto& organ : replaced.organs) facts.add("Replaced", {replaced.document_id, organ.text()});
    }
}

std::string attribute(std::string_view name, std::string_view value) {
    auto out = " " + std::string{name} + "=\"";
    for (const char c : value) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    return out + "\"";
}

}  // namespace

std::span<const FactKind> fact_kinds() {
    return kinds;
}

std::string plain_text(std::string_view text) {
    std::string out;
    bool blank = false;
    for (const char c : trimmed(text)) {
        const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!white || !blank) out += white ? ' ' : c;
        blank = white;
    }
    return nfc(out);
}

Statement statement_of(const model::Document& d) {
    Facts facts;
    facts.add("From", {d.from.code.text()});
    for (const auto& to : d.to) facts.add("To", {to.code.text()});
    facts.add("DocumentId", {d.document_id});
    facts.add("Code", {d.number, d.notation});
    facts.add("Issued", {d.issued.slashed()});
    facts.add("Type", {d.type.name});
    facts.add("Subject", {d.subject});
    facts.add("Content", {d.content});
    facts.add("Signer", {d.signer.competence, d.signer.position, d.signer.full_name});
    facts.add("Due", {d.due.slashed()});
    facts.add("Priority", {number(d.other.priority)});
    for (const auto& task : d.tasks) facts.add("Task", {task});
    for (const auto& r : d.response_for)
        facts.add("ResponseFor", {r.organ.text(), r.code, r.document_id, r.date.slashed()});
    add_business(facts, d.business);
    Statement out{facts.take(), {}};
    for (const auto& file : d.attachments)
        if (file.name != statement_file_name)
            out.files.push_back({plain_text(file.name), file.facts.file_bytes, file.facts.file_sha256});
    return out;
}

std::vector<model::Attachment> take_statements(model::Document& document) {
    auto& all = document.attachments;
    const auto taken = std::stable_partition(all.begin(), all.end(), [](const auto& a) {
        return a.name != statement_file_name;
    });
    std::vector<model::Attachment> out{std::move_iterator{taken}, std::move_iterator{all.end()}};
    all.erase(taken, all.end());
    return out;
}

std::string markup_of(const Statement& statement) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Statement xmlns=\"" +
                      std::string{statement_namespace} + "\">\n";
    for (const auto& fact : statement.facts) {
        const auto& kind = kinds.at(fact.kind);
        out.append("<").append(kind.name);
        for (std::size_t i = 0; i < fact.values.size(); ++i)
            if (!fact.values[i].empty()) out += attribute(kind.attributes.at(i), fact.values[i]);
        out += "/>\n";
    }
    for (const auto& file : statement.files)
        out += "<File" + attribute("name", file.name) + attribute("bytes", std::to_string(file.bytes)) +
               attribute("sha256", file.sha256.hex()) + "/>\n";
    return out + "</Statement>";
}

}  // namespace axis::signature
