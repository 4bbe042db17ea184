#include "gateway/app/ctl/store/audit.hpp"

#include "gateway/app/ctl/files.hpp"
#include "gateway/app/ctl/members.hpp"
#include "gateway/app/ctl/store/chain_check.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/ledger/ledger_file.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <map>

namespace axis::ctl {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t line_bytes_max = 1024 * 1024;
constexpr const char* checkpoints_name = "journal.checkpoints";

std::string row_line(const ledger::ChainedRow& r) {
    return JsonObject{}
               .number("seq", r.row.seq)
               .number("at_ms", r.row.at.time_since_epoch().count())
               .text("actor", r.row.actor)
               .text("kind", r.row.kind)
               .maybe("message", r.message ? r.message->text() : "")
               .maybe("delivery", r.row.delivery ? to_string(*r.row.delivery) : "")
               .text("facts", r.row.facts)
               .text("hash", r.hash.hex())
               .done() +
           "\n";
}

// Each line without its end; the last may have none. Stops at the first error of `take`.
Result<> each_line(const fs::path& file, const std::function<Result<>(const std::string&)>& take) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return Error{errc::io_failed, file.string() + ": cannot be read"};
    for (std::string line; std::getline(in, line);) {
        if (line.size() > line_bytes_max)
            return Error{errc::evidence_refused, file.string() + ": a line is too long"};
        auto taken = line.empty() ? Result<>{} : take(line);
        if (!taken) return taken;
    }
    return in.bad() ? Result<>{Error{errc::io_failed, file.string()}} : Result<>{};
}

class Export {
public:
    Export(ledger::LedgerFile& ledger, NewFile& out, std::int64_t last)
        : ledger_{ledger}, out_{out}, last_{last} {}

    Result<AuditExported> write(std::int64_t first) {
        auto known = ledger_.checkpoints();
        if (!known) return known.error();
        for (auto& c : *known) checkpoints_.emplace(c.seq, std::move(c));
        auto written = ledger_.each_row(first, [&](const ledger::ChainedRow& row) -> Result<> {
            if (last_ > 0 && row.row.seq > last_) return Error{errc::stale};  // enough
            if (told_.rows++ == 0) {
                auto head = begin(row);
                if (!head) return head;
            }
            return this->row(row);
        });
        if (!written && written.error().code != errc::stale) return written.error();
        if (told_.rows == 0) return Error{errc::not_found, "no row " + std::to_string(first)};
        auto ended = out_.write(
            JsonObject{}
                .boolean("end", true)
                .number("rows", told_.rows)
                .text("hash", told_.last_hash)
                .done() +
            "\n"
        );
        if (!ended) return ended.error();
        return told_;
    }

private:
    Result<> begin(const ledger::ChainedRow& first) {
        const auto agency = checkpoints_.empty() ? "" : checkpoints_.begin()->second.agency;
        return out_.write(
            JsonObject{}
                .text("format", "axisd-audit-1")
                .maybe("agency", agency)
                .number("first", first.row.seq)
                .text("before", first.before.hex())
                .done() +
            "\n"
        );
    }
    Result<> row(const ledger::ChainedRow& row) {
        told_.last_hash = row.hash.hex();
        auto written = out_.write(row_line(row));
        const auto at = checkpoints_.find(row.row.seq);
        if (!written || at == checkpoints_.end()) return written;
        ++told_.checkpoints;
        return out_.write("{\"checkpoint\":" + ledger::to_json(at->second) + "}\n");
    }

    ledger::LedgerFile& ledger_;
    NewFile& out_;
    std::int64_t last_;
    std::map<std::int64_t, ledger::Checkpoint> checkpoints_;
    AuditExported told_;
};

// Of a file of checkpoints; half a line is what a power cut leaves.
Result<> expect_file(ChainCheck& check, const fs::path& file, const std::string& where) {
    std::size_t odd = 0;
    auto read = each_line(file, [&](const std::string& line) -> Result<> {
        if (const auto checkpoint = read_checkpoint(line))
            check.expect(*checkpoint, where);
        else
            ++odd;
        return {};
    });
    if (!read) return read;
    if (odd > 0) check.unknown("checkpoints", std::to_string(odd) + " lines of " + where + " are none");
    return {};
}

Result<> check_ledger(ChainCheck& check, const fs::path& state_dir) {
    // The file first: what it has, the ledger had before.
    const auto file = state_dir / checkpoints_name;
    const bool has_file = fs::exists(file);
    auto expected = has_file ? expect_file(check, file, checkpoints_name) : Result<>{};
    if (!expected) return expected;
    auto ledger = ledger::LedgerFile::open(state_dir / "ledger.db");
    if (!ledger) return ledger.error();
    auto known = (*ledger)->checkpoints();
    if (!known) return known.error();
    for (const auto& c : *known) check.expect(c, "ledger");
    if (!has_file && !known->empty()) check.differs("checkpoints", file.string() + " is gone");
    return (*ledger)->each_row(1, [&check](const ledger::ChainedRow& r) -> Result<> {
        const auto message = r.message ? r.message->text() : "";
        const auto delivery = r.row.delivery ? to_string(*r.row.delivery) : "";
        check.row({r.row.seq, r.row.at, r.row.actor, r.row.kind, message, delivery, r.row.facts}, r.hash);
        return {};
    });
}

// An export, line by line.
class ExportCheck {
public:
    explicit ExportCheck(ChainCheck& check) : check_{check} {}

    Result<> run(const fs::path& file) {
        auto marked = each_line(file, [this](const std::string& line) -> Result<> {
            if (!line.starts_with("{\"checkpoint\":") || !line.ends_with('}')) return {};
            const auto c = read_checkpoint(std::string_view{line}.substr(14, line.size() - 15));
            if (c)
                check_.expect(*c, "export");
            else
                check_.differs("checkpoints", "a checkpoint cannot be read");
            return {};
        });
        if (!marked) return marked;
        auto read = each_line(file, [this](const std::string& line) { return take(line); });
        if (!read) return read;
        if (!begun_) return Error{errc::evidence_refused, file.string() + ": no export of a journal"};
        if (!ended_) check_.differs("export", "its end is missing");
        return {};
    }

private:
    Result<> take(const std::string& line) {
        json::error_code ec;
        const auto value = json::parse(line, ec);
        if (!begun_) return begin(ec ? json::value{} : value);
        if (ec) {
            check_.differs("export", "a line cannot be read");
        } else if (ended_) {
            check_.differs("export", "there is more behind its end");
        } else if (member_of(value, "end") != nullptr) {
            end(value);
        } else if (member_of(value, "checkpoint") == nullptr) {
            row(value);
        }
        return {};
    }

    Result<> begin(const json::value& head) {
        const auto* first = member_of(head, "first");
        const auto before = Sha256::from_hex(member(head, "before"));
        if (member(head, "format") != "axisd-audit-1" || first == nullptr || !first->is_int64() || !before)
            return Error{errc::evidence_refused, "the first line is not an export's"};
        check_.begin(first->as_int64(), first->as_int64() == 1 ? Sha256{} : *before);
        begun_ = true;
        return {};
    }

    void row(const json::value& v) {
        const auto* seq = member_of(v, "seq");
        const auto* at = member_of(v, "at_ms");
        const auto hash = Sha256::from_hex(member(v, "hash"));
        if (seq == nullptr || !seq->is_int64() || at == nullptr || !at->is_int64() || !hash)
            return check_.differs("export", "a row cannot be read");
        const auto actor = member(v, "actor"), kind = member(v, "kind"), message = member(v, "message"),
                   delivery = member(v, "delivery"), facts = member(v, "facts");
        check_.row(
            {seq->as_int64(), Time{Duration{at->as_int64()}}, actor, kind, message, delivery, facts}, *hash
        );
    }

    void end(const json::value& v) {
        ended_ = true;
        const auto* rows = member_of(v, "rows");
        if (rows == nullptr || !rows->is_int64() || rows->as_int64() != check_.rows() ||
            member(v, "hash") != check_.last_hash().hex())
            check_.differs("export", "its end tells of other rows");
    }

    ChainCheck& check_;
    bool begun_ = false, ended_ = false;
};

}  // namespace

Result<AuditExported> export_audit(
    const fs::path& state_dir, std::int64_t first, std::int64_t last, const std::string& out
) {
    auto ledger = ledger::LedgerFile::open(state_dir / "ledger.db");
    if (!ledger) return ledger.error();
    auto file = NewFile::create(out);
    if (!file) return file.error();
    auto told = Export{**ledger, *file, last}.write(first);
    if (!told) return told.error();
    auto closed = file->close();
    if (!closed) return closed.error();
    file->keep();
    return told;
}

Result<std::vector<Finding>> verify_audit(const AuditQuestion& question) {
    std::optional<signature::TrustStore> trust;
    if (!question.trust.empty()) {
        auto loaded = signature::TrustStore::load(question.trust);
        if (!loaded) return loaded.error();
        trust.emplace(std::move(*loaded));
    }
    ChainCheck check{trust ? &*trust : nullptr};
    for (const auto& outside : question.outside) {
        auto expected = expect_file(check, outside, outside);
        if (!expected) return expected.error();
    }
    auto looked = question.export_file.empty() ? check_ledger(check, question.state_dir)
                                               : ExportCheck{check}.run(question.export_file);
    if (!looked) return looked.error();
    return check.findings();
}

}  // namespace axis::ctl
