// The operator of the simulated gateway: looks a few times a day, holds and releases, cancels now and then,
// starts again what was set aside, and telephones the axis about what it cannot tell.
#include "tests/simulation/world.hpp"

namespace axis::simulation {

namespace {

using model::DeliveryState;

constexpr Duration telephones_after{minutes{30}};

}  // namespace

Letter* World::letter_of(const std::string& hex_id) {
    for (auto& letter : papers_.letters)
        if (letter.id && to_hex(letter.id->bytes) == hex_id) return &letter;
    return nullptr;
}

void World::look() {
    const auto calm = time_.now() >= quiet_;
    time_.after(calm ? hours{3} : time_.between(hours{4}, hours{16}), [this] { look(); });
    if (!core_ || storage_.ledger.dead()) return;
    const auto rows =
        ask("SELECT d.id, d.endpoint, d.state, d.reason, d.changed, lower(hex(d.message)), m.kind FROM "
            "delivery d "
            "JOIN message m ON m.id = d.message WHERE d.state IN (0, 3, 4, 5)");
    for (const auto& row : rows) treat(row);
}

void World::treat(const std::vector<std::string>& row) {
    const auto id = std::stoll(row[0]);
    const auto state = static_cast<DeliveryState>(std::stoi(row[2]));
    const auto changed = Time{Duration{std::stoll(row[4])}};
    const bool document = row[6] == "0";
    const auto* letter = letter_of(row[5]);
    const bool calm = time_.now() >= quiet_;
    switch (state) {
        case DeliveryState::queued:
            if (calm || !document) return;
            if (time_.chance(100))
                steer(id, row[1], DeliveryState::held);
            else if (time_.chance(50))
                steer(id, row[1], DeliveryState::cancelled);
            return;
        case DeliveryState::held:
            if (calm || time_.chance(400)) steer(id, row[1], DeliveryState::queued);
            return;
        case DeliveryState::reconciling:
            if (letter != nullptr && document && time_.wall() - changed > telephones_after &&
                !axis(row[1]).has(*letter) && !axis(row[1]).is_away())
                steer(id, row[1], DeliveryState::queued);
            return;
        case DeliveryState::quarantined:
            if (row[3] != "peer.rejected") steer(id, row[1], DeliveryState::queued);
            return;
        default:
            return;
    }
}

void World::steer(std::int64_t delivery, const std::string& endpoint, DeliveryState wanted) {
    time_.note("operator", static_cast<std::uint64_t>(delivery * 10 + static_cast<int>(wanted)));
    time_.count(
        wanted == DeliveryState::held        ? "operator holds"
        : wanted == DeliveryState::cancelled ? "operator cancels"
                                             : "operator lets go or retries"
    );
    if (wanted == DeliveryState::cancelled) asked_to_cancel_.insert(delivery);
    core_->spawn("steer", steer_session(delivery, endpoint, wanted));
}

Task<> World::steer_session(std::int64_t delivery, std::string endpoint, DeliveryState wanted) {
    auto* core = core_.get();
    const model::DeliveryId id{delivery};
    auto done = co_await core->ledger->steer(id, wanted, "operator:1000");
    if (done && core->alive()) core->lanes->poke({endpoint});
}

}  // namespace axis::simulation
