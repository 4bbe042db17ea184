// What goes into the ledger: plain values, no SQL.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/model/agency_code.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/ids.hpp"
#include "gateway/model/matching.hpp"
#include "gateway/model/status.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ledger {

// An envelope as it is kept: skeleton without tokens, and where the texts belong (architecture D2).
struct StoredHole {
    std::uint64_t offset = 0;
    Sha256 blob;
    std::uint64_t bytes = 0;
    bool has_cr = false;
};
struct StoredEnvelope {
    std::string skeleton;
    std::vector<StoredHole> holes;
    Sha256 sha256;  // of the whole, texts spliced in
    std::uint64_t bytes = 0;
};

// A text the ledger may not know yet; published in the spool before, unless it is small and stands here.
struct NewBlob {
    Sha256 sha256;
    std::uint64_t bytes = 0;
    std::optional<std::string> text;
};
struct BlobText {  // nothing in `text`: read it from the spool
    std::uint64_t bytes = 0;
    std::optional<std::string> text;
};

struct NewRecipient {
    model::Organization organization;  // as written
    std::string key;                   // after alias resolution
};

struct NewDelivery {
    model::EndpointName endpoint;
    bool passive = false;  // fetched by the other side: offered at once, with an event
    bool held = false;
    std::vector<std::size_t> recipients;      // ordinals it serves
    std::optional<StoredEnvelope> rendition;  // nothing: the message's own envelope
    std::string event_type;                   // passive: "document.received" …
    std::string event_data;                   // passive: a JSON object; the ledger may add members
};

// Where an incoming envelope was found: the axis' own id, remembered for ever.
struct IncomingRef {
    model::EndpointName endpoint;
    std::string doc_id;
};

// Bytes that a judgement rests on.
struct NewMaterial {
    std::string kind;
    Sha256 sha256;
    std::shared_ptr<const std::string> der;
};

// What was thought of a signature.
inline constexpr int part_envelope = 0;
inline constexpr int part_attached = -1;  // the statement that came with it (profile `attached`)
struct NewJudgement {
    int part = part_envelope;  // n: attachment n
    std::string verdict;
    std::string code;
    std::string facts;  // JSON object
    std::vector<NewMaterial> materials{};
};

struct IdempotencyKey {
    std::string key;  // with the origin endpoint
    Sha256 content;   // of the request, as the client would repeat it
};

struct NewStatus {
    model::Status status;
    model::StatusKeys keys;
    std::optional<model::MessageId> about;  // known: reported by our own endpoint about a message it has
};

// Everything one commit needs to take over responsibility for a message.
struct Acceptance {
    model::MessageId id;
    Time at{};
    std::string origin;  // endpoint name, "" for the gateway itself
    std::string actor;   // who, for the journal: "endpoint:g98", "axis:national", "gateway"
    std::string from_key;
    std::string external_id;
    std::optional<IdempotencyKey> idempotency;
    std::optional<IncomingRef> incoming;
    model::Document document;         // of a document; for a status only from/document_id… of the reference
    std::optional<Sha256> digest;     // business digest of a document
    std::optional<NewStatus> status;  // set: this is a status
    model::Matcher match;             // documents need it too: statuses may have come before them
    StoredEnvelope envelope;
    std::vector<NewBlob> blobs;
    std::vector<NewJudgement> judgements;  // by their parts, ascending
    std::vector<std::string> warnings;     // told with the ledger's own
    std::vector<NewRecipient> recipients;
    std::vector<NewDelivery> deliveries;
    std::string event_text;  // a JSON object: what the events of its deliveries have in common; may be empty
    int priority = 0;
    Time life_until{};
    model::MessageKind kind() const {
        return status ? model::MessageKind::status : model::MessageKind::document;
    }
};

struct Accepted {
    model::MessageId id;
    enum class How {
        stored,
        replayed,
        duplicate
    } how = How::stored;                // replayed: same key; duplicate: same act
    std::vector<std::string> warnings;  // "document.same_id", "document.same_number", "message.duplicate"
    std::vector<model::EndpointName> lanes;      // have new work
    std::vector<model::EndpointName> listeners;  // have new events
    int priority = 0;                            // of the new work
};

}  // namespace axis::ledger
