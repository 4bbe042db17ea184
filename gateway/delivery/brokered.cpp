#include "gateway/delivery/brokered.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"

namespace axis::delivery {

namespace {

const std::string this_process = "owner";
constexpr std::uint16_t dead_letters_at_once = 8;

std::string dead_letters_of(const std::string& prefix) {
    return prefix + ".dead";
}

}  // namespace

std::string queue_of(const std::string& prefix, const std::string& endpoint, bool urgent) {
    return prefix + ".lane." + endpoint + (urgent ? ".urgent" : "");
}

std::vector<amqp::Queue> queues_of(
    const BrokeredSettings& settings, const std::vector<Line>& lines, bool consume
) {
    const auto dead = dead_letters_of(settings.prefix);
    std::vector<amqp::Queue> out;
    out.push_back({dead});
    for (const auto& line : lines)
        for (const bool urgent : {true, false}) {
            // Under way, and as many again in hand or not acknowledged yet.
            const auto prefetch = static_cast<std::uint16_t>(consume ? 2 * line.at_once : 0);
            amqp::Queue lane{queue_of(settings.prefix, line.endpoint, urgent)};
            lane.delivery_limit = settings.delivery_limit;
            lane.dead_letters = dead;
            lane.prefetch = prefetch;
            lane.expendable = settings.alone;
            out.push_back(std::move(lane));
        }
    return out;
}

std::vector<Station> stations_of(const BrokeredSettings& settings, const std::vector<Line>& lines) {
    std::vector<Station> out;
    for (const auto& line : lines)
        for (const bool urgent : {true, false})
            out.push_back(
                {queue_of(settings.prefix, line.endpoint, urgent), urgent, line.outlet, line.at_once}
            );
    return out;
}

class Brokered::Here final : public Owner {
public:
    explicit Here(Brokered& all) : all_{all} {}

    Task<Result<Begun>> begin(Reference reference) override {
        auto begun = co_await all_.offers_.begin(this_process, reference);
        if (!begun) co_return begun.error();
        Begun out;
        out.dispatch = dispatch_of(*begun);
        out.envelope = all_.parts_.stream(std::move(begun->envelope));
        co_return out;
    }
    Task<Result<>> settle(Reference reference, model::Outcome outcome) override {
        return all_.offers_.settle(this_process, reference, std::move(outcome));
    }

private:
    Brokered& all_;
};

Brokered::Brokered(BrokeredParts parts, BrokeredSettings settings)
    : parts_{std::move(parts)},
      settings_{std::move(settings)},
      offers_{parts_.io, parts_.clock, parts_.ledger},
      here_{std::make_unique<Here>(*this)},
      group_{parts_.io} {
    if (settings_.desk)
        desk_ = std::make_unique<Desk>(DeskParts{
            parts_.io, parts_.clock, parts_.random, offers_, parts_.stream, parts_.changed});
}

Brokered::~Brokered() = default;

std::unique_ptr<Driver> Brokered::lane(
    const model::EndpointName& endpoint, std::size_t at_once, ports::Outlet& outlet
) {
    lines_.push_back({endpoint.text, at_once, &outlet});
    return std::make_unique<LaneDriver>(
        *this, offers_, parts_.clock, endpoint, at_once, settings_.publish_again
    );
}

void Brokered::start() {
    auto standing = [this](amqp::Standing now, const std::string& why) { stands(now, why); };
    auto received = [this](amqp::Received message) { dead_letter(std::move(message)); };
    auto looked = [this](std::vector<amqp::QueueLook> looks) {
        for (auto& look : looks) looks_[look.name] = look;
    };
    auto queues = queues_of(settings_, lines_, false);
    queues.front().prefetch = dead_letters_at_once;
    auto broker = settings_.broker;
    broker.name = settings_.prefix + " owner";
    publisher_ = std::make_unique<amqp::Connection>(
        parts_.io,
        parts_.clock,
        std::move(broker),
        settings_.limits,
        std::move(queues),
        amqp::Listener{std::move(standing), std::move(received), std::move(looked)}
    );
    group_.spawn("broker", publisher_->run());
    if (desk_) group_.spawn("desk", desk_->run());
    if (!settings_.work_here) return;
    auto worker = settings_.broker;
    worker.name = settings_.prefix + " worker in the owner";
    auto changed = [this](amqp::Standing now, const std::string& why) {
        const bool away = now == amqp::Standing::away;
        if (away) log::warn("worker.down", "reason", why);
        if (parts_.on_worker_condition) parts_.on_worker_condition("broker.down", away, why);
        parts_.changed();
    };
    worker_ = std::make_unique<Worker>(
        Worker::Parts{
            parts_.io,
            parts_.clock,
            *here_,
            std::move(worker),
            settings_.limits,
            queues_of(settings_, lines_, true),
            std::move(changed)},
        stations_of(settings_, lines_)
    );
    group_.spawn("worker", worker_->run());
}

Task<> Brokered::stop(std::chrono::milliseconds grace) {
    group_.close();
    if (worker_) co_await worker_->stop(grace);
    if (desk_) desk_->stop();
    if (publisher_) publisher_->stop();
    co_await group_.join();
}

bool Brokered::ready() const {
    return standing() == amqp::Standing::open && workers() > 0;
}

std::size_t Brokered::workers() const {
    const std::size_t here = worker_ && worker_->ready() ? 1 : 0;
    return here + (desk_ ? desk_->workers() : 0);
}

amqp::Standing Brokered::standing() const {
    return publisher_ ? publisher_->standing() : amqp::Standing::away;
}

std::vector<LaneQueue> Brokered::queues() const {
    std::vector<LaneQueue> out;
    for (const auto& line : lines_)
        for (const bool urgent : {true, false}) {
            const auto at = looks_.find(queue_of(settings_.prefix, line.endpoint, urgent));
            if (at != looks_.end()) out.push_back({line.endpoint, at->second});
        }
    return out;
}

void Brokered::stands(amqp::Standing now, const std::string& why) {
    amqp::report(now, why, "deliveries", parts_.on_condition);
    if (now == amqp::Standing::open) offers_.publish_again();
    parts_.changed();
}

// Ours: what to do with it the ledger says. Not ours: it stays nowhere, it was never a message.
void Brokered::dead_letter(amqp::Received received) {
    const auto reference = reference_of(received.message.body);
    if (!reference) {
        log::warn("queue.not_a_reference", "queue", received.queue, "id", received.message.id);
        publisher_->acknowledge(received.receipt);
        return;
    }
    auto give_up = [](Brokered& all, Reference what, amqp::Receipt receipt) -> Task<> {
        co_await all.offers_.give_up(what);
        all.publisher_->acknowledge(receipt);
    };
    group_.spawn("dead letter", give_up(*this, *reference, received.receipt));  // or stopping: it comes again
}

Task<Result<>> Brokered::publish(const model::EndpointName& endpoint, Reference reference, bool urgent) {
    amqp::Message message;
    message.body = to_json(reference);
    message.type = "delivery.reference";
    message.id = to_string(reference.delivery) + "/" + std::to_string(reference.attempt);
    return publisher_->publish(queue_of(settings_.prefix, endpoint.text, urgent), std::move(message));
}

}  // namespace axis::delivery
