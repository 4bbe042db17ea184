// The chain of the journal: each row's hash covers the row before it. What ledger and evidence both compute;
// any thread.
//
//   hash = SHA-256(hash of the row before, then each field as "LENGTH:" and its bytes: seq, milliseconds UTC,
//                  actor, kind, message id, delivery, facts); the first row follows 32 zero bytes
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/ledger/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ledger {

struct ChainFields {
    std::int64_t seq = 0;
    Time at{};
    std::string_view actor;
    std::string_view kind;
    std::string_view message;   // its id as text, or nothing
    std::string_view delivery;  // its number, or nothing
    std::string_view facts;
};

Sha256 chained(const Sha256& before, const ChainFields& row);

// A row of the journal that a key vouches for: what comes before it cannot change unseen.
struct Checkpoint {
    std::int64_t seq = 0;
    Time at{};
    std::string agency;  // whose journal
    Sha256 hash;
    std::string certificate;  // DER; empty: nobody signed
    std::string value;        // the signature over checkpoint_text()
};
// "axisd journal checkpoint 1", agency, seq, milliseconds UTC, hash: a line each.
std::string checkpoint_text(const Checkpoint& checkpoint);
// {"seq","at_ms","agency","hash","certificate","signature"}, the last two in base64 or null.
std::string to_json(const Checkpoint& checkpoint);

// Of an envelope when its texts are gone: over the skeleton, then "\nOFFSET SHA256 BYTES" for each text.
Sha256 markup_sha256(std::string_view skeleton, const std::vector<StoredHole>& holes);

}  // namespace axis::ledger
