// The rows of a journal, one after the other, held against the chain and against checkpoints. No I/O.
#pragma once

#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/signature/trust_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ctl {

class ChainCheck {
public:
    // `trust`: null: nobody is believed.
    explicit ChainCheck(const signature::TrustStore* trust) : trust_{trust} {}

    // Before the first row: checkpoints that are known, and where from ("ledger", a file).
    void expect(const ledger::Checkpoint& checkpoint, const std::string& where);
    // What the row before the first one had; nothing: the first row is number 1.
    void begin(std::int64_t first, const Sha256& before);
    void row(const ledger::ChainFields& row, const Sha256& hash);
    // The rows are over.
    std::vector<Finding> findings();

    std::int64_t rows() const { return rows_; }
    const Sha256& last_hash() const { return before_; }
    void differs(std::string what, std::string detail);
    void unknown(std::string what, std::string detail);
    void holds(std::string what, std::string detail);

private:
    struct Expected {
        ledger::Checkpoint checkpoint;
        std::string where;
    };
    void judge_signatures();
    void judge_certificate(const std::string& der, const ledger::Checkpoint& first, std::size_t count);
    std::string named(const Expected& e) const;

    const signature::TrustStore* trust_;
    std::multimap<std::int64_t, Expected> expected_;
    std::vector<Finding> findings_;
    std::int64_t first_ = 1;
    std::int64_t next_ = 1;
    std::int64_t rows_ = 0;
    std::size_t reached_ = 0;  // checkpoints whose row was there and the same
    bool broken_ = false;
    Sha256 before_;
};

// A line of journal.checkpoints, or the value of "checkpoint" in an export; nothing: it is none.
std::optional<ledger::Checkpoint> read_checkpoint(std::string_view json);

}  // namespace axis::ctl
