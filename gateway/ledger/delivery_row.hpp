// What the rooms of deliveries share: a row, its moves, and what its sender is told. Private to
// gateway/ledger.
#pragma once

#include "gateway/ledger/use_cases.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ledger {

struct DeliveryRow {
    model::MessageId message;
    std::string endpoint;
    model::DeliveryState state = model::DeliveryState::queued;
    int attempts = 0;
    Time due{};
    Time life_until{};
    int priority = 0;
    std::int64_t envelope = 0;
};

std::optional<DeliveryRow> delivery_row(Sql& sql, model::DeliveryId id);

void move_to(
    Sql& sql,
    model::DeliveryId id,
    model::DeliveryState state,
    Time due,
    Time now,
    std::string_view reason,
    std::string_view detail
);

// done or quarantined: nothing happens any more by itself.
bool is_final(model::DeliveryState state);

// The sender's software hears when the transport's state of its recipients becomes final, or when it waits
// for long.
void tell_sender(
    Sql& sql,
    Time now,
    model::DeliveryId id,
    const DeliveryRow& row,
    model::DeliveryState state,
    std::string_view reason,
    std::vector<model::EndpointName>& listeners
);

}  // namespace axis::ledger
