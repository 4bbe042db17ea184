// The use cases as functions over one connection; ledger.cpp runs them in jobs. Private to gateway/ledger.
// They throw SQLite::Exception on disk trouble; the job root turns it into io_failed. Blocking.
#pragma once

#include "gateway/ledger/ledger.hpp"
#include "gateway/ledger/sql.hpp"

namespace axis::ledger {

// journal.cpp
void journal(
    Sql& sql,
    Time at,
    std::string_view actor,
    std::string_view kind,
    std::optional<model::MessageId> message,
    std::optional<model::DeliveryId> delivery,
    std::string_view facts = "{}"
);
std::optional<std::int64_t> verify_journal(Sql& sql);
std::optional<Checkpoint> checkpoint_due(Sql& sql);
void keep_checkpoint(Sql& sql, const Checkpoint& checkpoint);
std::vector<Checkpoint> checkpoints(Sql& sql, Time after);
std::optional<Sha256> journal_hash(Sql& sql, std::int64_t seq);

// accept.cpp
Result<std::optional<model::MessageId>> find_replay(
    Sql& sql, const std::string& origin, const IdempotencyKey& key
);
Result<Accepted> accept(Sql& sql, const Acceptance& a);
std::int64_t insert_envelope(
    Sql& sql, const StoredEnvelope& envelope, Time at, const std::vector<NewBlob>& blobs
);
std::int64_t waiting_deliveries(Sql& sql);  // that lanes have yet to do
// Also what is offered or held; counted no further than `most`.
std::int64_t waiting_deliveries(Sql& sql, const model::EndpointName& endpoint, std::int64_t most);

// statuses.cpp
struct Applied {
    std::optional<model::MessageId> about;
    std::optional<model::MessageId> earlier;  // the same status came before: nothing is to be kept
    std::size_t recipient = 0;
};
Applied apply_status(Sql& sql, const Acceptance& a);
// Statuses that came before this document: applied now, their endpoints told.
void apply_waiting_statuses(Sql& sql, const Acceptance& document, Accepted& out);

// events.cpp
void add_event(
    Sql& sql,
    const model::EndpointName& endpoint,
    std::string_view type,
    Time at,
    model::MessageId message,
    std::optional<model::DeliveryId> delivery,
    std::string_view data,
    Accepted& out,
    std::optional<std::int64_t> text = std::nullopt  // event_text that `data` belongs into
);
void add_event(
    Sql& sql,
    const model::EndpointName& endpoint,
    std::string_view type,
    Time at,
    model::MessageId message,
    std::string_view data,
    std::vector<model::EndpointName>& listeners
);
// {"a":1} + "b":2 → {"a":1,"b":2}
std::string with_members(std::string_view object, std::string_view members);
std::string_view members_in(std::string_view object);  // without its braces
Result<std::vector<Accepted>> acknowledge_events(
    Sql& sql,
    Time at,
    const model::EndpointName& endpoint,
    std::int64_t through,
    const std::vector<Acceptance>& arrivals
);
std::vector<EventView> events(
    Sql& sql, const model::EndpointName& endpoint, std::int64_t after, std::size_t limit
);
std::int64_t acknowledged_through(Sql& sql, const model::EndpointName& endpoint);
std::vector<HandOver> hand_overs(
    Sql& sql, const model::EndpointName& endpoint, std::int64_t through, std::size_t limit
);
std::vector<std::string> silent_endpoints(Sql& sql, Time before);

// deliveries.cpp
Window due(Sql& sql, const model::EndpointName& lane, Time now, std::size_t limit, const Share& share = {});
std::size_t hasten(Sql& sql, Time now, const model::EndpointName& lane);
LookedAfter look_after(
    Sql& sql,
    Time now,
    const model::EndpointName& lane,
    model::DeliveryState state,
    model::DeliveryId after,
    std::size_t limit,
    Time late
);
void hold_lane(Sql& sql, Time now, const model::EndpointName& lane, bool held, const std::string& actor);
Result<std::vector<model::DeliveryId>> steer_all(
    Sql& sql,
    Time now,
    const model::EndpointName& lane,
    model::DeliveryState from,
    model::DeliveryState wanted,
    const std::string& actor,
    std::size_t limit
);
Result<Attempt> begin(Sql& sql, Time now, model::DeliveryId delivery, int attempt);
Result<Attempt> open_attempt(Sql& sql, model::DeliveryId delivery);
Result<Settled> settle(
    Sql& sql, Time now, model::DeliveryId delivery, int attempt, const model::Outcome& outcome, Time next_due
);
Result<model::DeliveryState> steer(
    Sql& sql, Time now, model::DeliveryId delivery, model::DeliveryState wanted, const std::string& actor
);
int recover(Sql& sql, Time now, Duration wait);

// incoming.cpp
std::vector<IncomingView> incoming(
    Sql& sql, const model::EndpointName& endpoint, const std::vector<std::string>& doc_ids
);
void store_incoming(
    Sql& sql,
    const IncomingRef& ref,
    model::MessageKind kind,
    std::optional<model::MessageId> message,
    Time at
);
Result<> acknowledged(
    Sql& sql, Time at, const model::EndpointName& endpoint, const std::vector<std::string>& doc_ids
);
Result<> quarantine(
    Sql& sql,
    Time at,
    const IncomingRef& ref,
    model::MessageKind kind,
    const Error& why,
    const std::optional<StoredEnvelope>& envelope,
    const std::vector<NewBlob>& blobs,
    const std::string& raw_head
);
Result<> polled(Sql& sql, const model::EndpointName& endpoint, Time at);
std::vector<IncomingView> quarantined(Sql& sql, std::size_t limit);

// sent.cpp
std::vector<SentFact> sent(
    Sql& sql, const model::EndpointName& endpoint, Time from, Time until, std::size_t limit
);

// retention.cpp
Purged purge(Sql& sql, const PurgeOrder& order, Time now);

// queries.cpp
std::optional<MessageView> message(Sql& sql, model::MessageId id);
std::vector<MessageView> find(Sql& sql, const Filter& filter);
Result<StoredEnvelope> envelope_of(Sql& sql, std::int64_t id);
Result<StoredEnvelope> envelope(Sql& sql, model::MessageId id);
Result<StoredEnvelope> rendition(Sql& sql, model::DeliveryId id);
Result<BlobText> blob(Sql& sql, const Sha256& sha256);
Story story(Sql& sql, model::MessageId id);
Result<Evidence> evidence(Sql& sql, model::MessageId id);
Result<std::string> material(Sql& sql, const Sha256& sha256);
std::vector<LaneView> lanes(Sql& sql);
std::vector<Sha256> unknown_blobs(Sql& sql, const std::vector<Sha256>& candidates);

}  // namespace axis::ledger
