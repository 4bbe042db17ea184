// What a lane takes out of the ledger and gives back: plain values, no SQL.
#pragma once

#include "gateway/ledger/records.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace axis::ledger {

// One open attempt and all a lane needs for it.
struct Attempt {
    model::DeliveryId delivery;
    int number = 0;
    model::MessageId message;
    model::MessageKind kind = model::MessageKind::document;
    model::EndpointName endpoint;
    Time accepted{};
    Time due{};
    Time begun{};
    Time life_until{};
    int priority = 0;
    std::string from;  // sender's code as written
    std::string document_id;
    std::string number_text;  // "251/TMĐT-TTTH"
    std::string subject;
    std::vector<std::string> to;  // recipients' codes as written
    StoredEnvelope envelope;
};

// A delivery that may be attempted.
struct Due {
    model::DeliveryId delivery;
    int attempts = 0;
    Time due{};
    int priority = 0;
    model::DeliveryState state = model::DeliveryState::queued;  // queued or reconciling
};

// Which part of a lane is asked about: large deliveries and small ones go beside each other, and within a
// priority every sender has its turn.
struct Share {
    bool large = false;
    std::string after;  // the sender that was served last
};

struct Window {
    std::vector<Due> due;      // most urgent first, then in turn of their senders, each oldest first
    std::optional<Time> next;  // when the next one falls due; not looked at when `due` is full
    bool more = false;         // of what is due now there may be more than stands here
    std::string last;          // the sender of the last one
    bool held = false;         // by an operator: nothing is due
};

// What was found among deliveries that wait, oldest first.
struct LookedAfter {
    model::DeliveryId last;  // go on behind it; 0: the end was reached
    std::size_t warned = 0;
    std::vector<model::DeliveryId> expired;
    std::vector<model::EndpointName> listeners;
};

struct Settled {
    model::DeliveryState state = model::DeliveryState::done;
    std::vector<model::EndpointName> listeners;
    bool next_waits = true;  // for this one, in its lane: the next of its document
};

}  // namespace axis::ledger
