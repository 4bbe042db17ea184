#include "gateway/app/ctl/store/chain_check.hpp"

#include "gateway/app/ctl/members.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/signature/detached.hpp"

#include <boost/json.hpp>

namespace axis::ctl {

namespace {
using Outcome = Finding::Outcome;
}

void ChainCheck::differs(std::string what, std::string detail) {
    findings_.push_back({Outcome::differs, std::move(what), std::move(detail)});
}
void ChainCheck::unknown(std::string what, std::string detail) {
    findings_.push_back({Outcome::unknown, std::move(what), std::move(detail)});
}
void ChainCheck::holds(std::string what, std::string detail) {
    findings_.push_back({Outcome::holds, std::move(what), std::move(detail)});
}

void ChainCheck::expect(const ledger::Checkpoint& checkpoint, const std::string& where) {
    expected_.emplace(checkpoint.seq, Expected{checkpoint, where});
}

void ChainCheck::begin(std::int64_t first, const Sha256& before) {
    first_ = next_ = first;
    before_ = before;
    if (first > 1)
        unknown("journal", "begins at row " + std::to_string(first) + "; what was before is not here");
}

std::string ChainCheck::named(const Expected& e) const {
    return "checkpoint at row " + std::to_string(e.checkpoint.seq) + " (" + e.where + ")";
}

void ChainCheck::row(const ledger::ChainFields& row, const Sha256& hash) {
    const bool follows = row.seq == next_ && ledger::chained(before_, row) == hash;
    if (!follows && !std::exchange(broken_, true))
        differs(
            "journal",
            row.seq == next_ ? "row " + std::to_string(row.seq) + " is not what its hash was made over"
                             : "row " + std::to_string(next_) + " is missing"
        );
    const auto [from, to] = expected_.equal_range(row.seq);
    for (auto at = from; at != to; ++at) {
        if (at->second.checkpoint.hash == hash)
            ++reached_;
        else
            differs(
                "journal", "row " + std::to_string(row.seq) + " is not the one of the " + named(at->second)
            );
    }
    next_ = row.seq + 1;
    before_ = hash;
    ++rows_;
}

std::vector<Finding> ChainCheck::findings() {
    for (const auto& [seq, expected] : expected_)
        if (seq >= next_)
            differs(
                "journal",
                "ends at row " + std::to_string(next_ - 1) + "; a " + named(expected) + " tells of more"
            );
    if (!broken_)
        holds(
            "journal",
            std::to_string(rows_) + " rows, " + std::to_string(first_) + " to " + std::to_string(next_ - 1) +
                ", last hash " + before_.hex()
        );
    if (expected_.empty())
        unknown("checkpoints", "there are none: whoever can write here could have made the rows anew");
    else
        holds("checkpoints", std::to_string(reached_) + " of " + std::to_string(expected_.size()) + " met");
    judge_signatures();
    return std::move(findings_);
}

// One finding per certificate, and one for what nobody signed.
void ChainCheck::judge_signatures() {
    std::map<std::string, std::pair<ledger::Checkpoint, std::size_t>> good;
    std::size_t unsigned_count = 0;
    for (const auto& [seq, expected] : expected_) {
        const auto& c = expected.checkpoint;
        if (c.value.empty()) {
            ++unsigned_count;
            continue;
        }
        const auto certificate = signature::Certificate::from_der(c.certificate);
        if (!certificate || !signature::signature_holds(*certificate, ledger::checkpoint_text(c), c.value))
            differs("signature", "of the " + named(expected) + " does not hold");
        else
            ++good.try_emplace(c.certificate, c, 0).first->second.second;
    }
    for (const auto& [der, first] : good) judge_certificate(der, first.first, first.second);
    if (unsigned_count > 0)
        unknown(
            "signature",
            std::to_string(unsigned_count) +
                " checkpoints are not signed: whoever can write here could have made them"
        );
}

void ChainCheck::judge_certificate(
    const std::string& der, const ledger::Checkpoint& first, std::size_t count
) {
    const auto certificate = *signature::Certificate::from_der(der);
    const auto whose = std::to_string(count) + " checkpoints by " + certificate.facts().name;
    if (trust_ == nullptr)
        return unknown("signature", whose + ": holds; not looked at whom to believe (--trust)");
    const auto standing = trust_->judge(certificate, {}, first.at);
    if (standing.reason != signature::Reason::holds)
        return differs("signature", whose + ": the certificate is not believed: " + standing.detail);
    if (!trust_->speaks_for(certificate, first.agency))
        return differs("signature", whose + ": does not speak for " + first.agency);
    holds("signature", whose + " for " + first.agency);
}

std::optional<ledger::Checkpoint> read_checkpoint(std::string_view json) {
    boost::json::error_code ec;
    const auto value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, ec);
    const auto* seq = ec ? nullptr : member_of(value, "seq");
    const auto* at = ec ? nullptr : member_of(value, "at_ms");
    if (seq == nullptr || !seq->is_int64() || at == nullptr || !at->is_int64()) return std::nullopt;
    const auto hash = Sha256::from_hex(member(value, "hash"));
    if (!hash) return std::nullopt;
    ledger::Checkpoint out;
    out.seq = seq->as_int64();
    out.at = Time{Duration{at->as_int64()}};
    out.agency = member(value, "agency");
    out.hash = *hash;
    if (!base64_decode(member(value, "certificate"), out.certificate)) return std::nullopt;
    if (!base64_decode(member(value, "signature"), out.value)) return std::nullopt;
    return out;
}

}  // namespace axis::ctl
