// What the ledger answers to questions: plain values, no SQL.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/model/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace axis::ledger {

struct RecipientView {
    std::string code;
    std::string key;
    std::string name;
    std::string endpoint;
    model::DeliveryId delivery;
    model::DeliveryState state = model::DeliveryState::queued;
    std::string status;
    std::string status_text;
    Time status_at{};
    std::string reason;
    std::string detail;
    std::string remote_id;
    int attempts = 0;
    Time due{};
};

struct AttachmentView {
    std::string name;
    std::string description;
    std::string content_type;
    Sha256 blob;
    bool wrapped = false;
    Sha256 file_sha256;
    std::uint64_t file_bytes = 0;
};

struct JudgementView {
    int part = 0;
    std::string verdict;
    std::string code;
    std::string facts;  // JSON object
};

struct MessageView {
    model::MessageId id;
    model::MessageKind kind = model::MessageKind::document;
    std::string origin;
    std::string from_code;
    std::string from_key;
    std::string from_name;
    std::string external_id;
    std::string document_id;
    std::string number;
    std::string issued;
    std::string subject;
    int business_type = 0;
    int priority = 0;
    Time accepted{};
    std::optional<Time> purged;  // since when its files, and copies of it that were sent, are gone
    std::optional<model::MessageId> about;
    std::string status_code;
    std::string status_text;
    std::vector<RecipientView> recipients;
    std::vector<AttachmentView> attachments;
    std::vector<JudgementView> judgements;
};

struct EventView {
    std::int64_t seq = 0;
    std::string type;
    Time at{};
    model::MessageId message;
    std::string data;
};

// An event whose acknowledgement hands a message over, for status 01 (architecture D9).
struct HandOver {
    std::int64_t seq = 0;
    model::DeliveryId delivery;
    model::MessageId message;
    std::vector<std::string> recipients;  // codes as written
};

struct JournalRow {
    std::int64_t seq = 0;
    Time at{};
    std::string actor;
    std::string kind;
    std::optional<model::DeliveryId> delivery;
    std::string facts;
};

// A row with its place in the chain (journal_chain.hpp).
struct ChainedRow {
    JournalRow row;
    std::optional<model::MessageId> message;  // it is about
    Sha256 before;
    Sha256 hash;
};

struct MaterialView {
    int part = 0;  // of the judgement that rests on it
    Sha256 sha256;
    std::string kind;
    std::uint64_t bytes = 0;
};

struct AttemptView {
    model::DeliveryId delivery;
    std::string endpoint;
    int number = 0;
    Time begun{};
    std::optional<Time> settled;
    std::string verdict;
    std::string reason;
    std::string detail;
};

struct Story {  // what `axisctl why` tells
    std::vector<JournalRow> journal;
    std::vector<AttemptView> attempts;
};

// What a message and the judgements on its signatures rest on; the bytes of materials are asked one by one.
struct Evidence {
    MessageView message;
    StoredEnvelope envelope;
    std::vector<ChainedRow> journal;
    std::vector<MaterialView> materials;
};

struct Filter {
    std::string number;  // "251" or "251/TMĐT-TTTH"
    std::string external_id;
    std::string id_prefix;  // of the message id
    std::optional<model::DeliveryState> state;
    std::optional<Time> from;
    std::optional<Time> to;  // exclusive
    std::string endpoint;    // "" = the operator, who sees all
    std::size_t limit = 100;
};

struct LaneView {
    std::string endpoint;
    std::array<std::int64_t, 8> by_state{};  // by model::DeliveryState
    std::optional<Time> oldest;              // accepted, of what is not done
    std::optional<Time> next_due;
};

// What an axis took from us.
struct SentFact {
    std::string remote_id;  // the axis' own
    model::DeliveryId delivery;
    model::MessageId message;
    model::MessageKind kind = model::MessageKind::document;
    std::string number;
    Time begun{};  // the attempt
    std::vector<std::string> to;
};

enum class IncomingState { listed = 0, stored = 1, acknowledged = 2, quarantined = 3 };
struct IncomingView {
    std::string doc_id;
    model::MessageKind kind = model::MessageKind::document;
    IncomingState state = IncomingState::listed;
    std::optional<model::MessageId> message;
    std::string reason;
    std::string detail;
    Time at{};
};

}  // namespace axis::ledger
