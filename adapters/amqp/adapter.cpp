#include "adapters/amqp/adapter.hpp"

#include <algorithm>

namespace axis::software {

std::vector<amqp::Queue> queues_of(const AdapterSettings& settings) {
    std::vector<amqp::Queue> out;
    const auto units = std::max<std::size_t>(settings.endpoints.size(), 1);
    const auto at_once = std::clamp<std::size_t>(settings.commands_at_once / units, 1, 8);
    for (const auto& endpoint : settings.endpoints) {
        amqp::Queue refused{refused_queue(settings.prefix, endpoint)};
        refused.length_max = settings.refused_length_max;
        refused.when_full = amqp::WhenFull::drop_oldest;
        amqp::Queue answers{out_queue(settings.prefix, endpoint)};
        answers.length_max = settings.out_length_max;
        amqp::Queue commands{in_queue(settings.prefix, endpoint)};
        commands.delivery_limit = settings.delivery_limit;
        commands.dead_letters = refused.name;
        commands.prefetch = static_cast<std::uint16_t>(at_once);
        commands.exchange = true;
        out.push_back(std::move(refused));
        out.push_back(std::move(answers));
        out.push_back(std::move(commands));
    }
    return out;
}

Adapter::Adapter(AdapterParts parts, AdapterSettings settings)
    : parts_{std::move(parts)}, settings_{std::move(settings)}, group_{parts_.io} {
    for (const auto& endpoint : settings_.endpoints) {
        auto unit = std::make_unique<Unit>(
            UnitParts{
                parts_.io, parts_.clock, parts_.files, parts_.intake, parts_.lookup, parts_.claims, *this},
            settings_.prefix,
            endpoint,
            settings_.unit
        );
        by_in_queue_[in_queue(settings_.prefix, endpoint)] = unit.get();
        by_out_queue_[out_queue(settings_.prefix, endpoint)] = unit.get();
        units_.push_back(std::move(unit));
    }
}

Adapter::~Adapter() = default;

void Adapter::start() {
    auto standing = [this](amqp::Standing now, const std::string& why) { stands(now, why); };
    auto message = [this](amqp::Received one) { received(std::move(one)); };
    auto looks = [this](std::vector<amqp::QueueLook> seen) { looked(std::move(seen)); };
    auto broker = settings_.broker;
    broker.name = settings_.prefix + " document software";
    connection_ = std::make_unique<amqp::Connection>(
        parts_.io,
        parts_.clock,
        std::move(broker),
        settings_.limits,
        queues_of(settings_),
        amqp::Listener{std::move(standing), std::move(message), std::move(looks)}
    );
    group_.spawn("broker", connection_->run());
}

Task<> Adapter::stop(Duration grace) {
    for (const auto& unit : units_) co_await unit->stop(grace);
    if (connection_) connection_->stop();
    co_await group_.join();
}

amqp::Standing Adapter::standing() const {
    return connection_ ? connection_->standing() : amqp::Standing::away;
}

void Adapter::stands(amqp::Standing now, const std::string& why) {
    const bool came = now == amqp::Standing::open && away_;
    away_ = now == amqp::Standing::away;
    amqp::report(now, why, "document software", parts_.on_condition);
    if (!came) return;
    for (const auto& unit : units_) unit->begin_life();
}

void Adapter::received(amqp::Received received) {
    const auto at = by_in_queue_.find(received.queue);
    if (at != by_in_queue_.end()) at->second->received(std::move(received));
}

void Adapter::looked(std::vector<amqp::QueueLook> looks) {
    looks_ = std::move(looks);
    for (const auto& look : looks_) {
        const auto at = by_out_queue_.find(look.name);
        if (at != by_out_queue_.end()) at->second->out_waits(look.waiting);
    }
}

Task<Result<>> Adapter::publish(std::string queue, amqp::Message message) {
    auto told = co_await connection_->publish(std::move(queue), std::move(message));
    co_return told;
}

void Adapter::acknowledge(amqp::Receipt receipt) {
    connection_->acknowledge(receipt);
}

}  // namespace axis::software
