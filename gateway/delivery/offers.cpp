#include "gateway/delivery/offers.hpp"

#include "gateway/base/log.hpp"

#include <algorithm>

namespace axis::delivery {

namespace {

constexpr std::chrono::seconds settle_wait{30};

using State = Offer::State;

Error stale(const Reference& reference) {
    return {
        errc::stale,
        "attempt " + std::to_string(reference.attempt) + " of delivery " + to_string(reference.delivery)};
}

}  // namespace

std::shared_ptr<Offer> Offers::make(Reference reference) {
    auto offer = std::make_shared<Offer>(io_);
    AXIS_ASSERT(offers_.emplace(reference, offer).second);
    return offer;
}

void Offers::drop(const Reference& reference) {
    const auto at = offers_.find(reference);
    if (at == offers_.end()) return;
    at->second->move(at->second->state == State::answered ? State::settled : State::over);
    offers_.erase(at);
}

void Offers::withdraw(const Reference& reference) {
    const auto offer = find(reference);
    if (!offer || offer->state != State::offered) return;
    offer->why = stale(reference);
    offer->move(State::over);
}

void Offers::publish_again() {
    for (auto& [reference, offer] : offers_) {
        if (offer->state != State::offered) continue;
        offer->published = false;
        offer->changed.notify();
    }
}

std::shared_ptr<Offer> Offers::find(const Reference& reference) const {
    const auto at = offers_.find(reference);
    return at == offers_.end() ? nullptr : at->second;
}

Task<Result<ledger::Attempt>> Offers::begin(std::string worker, Reference reference) {
    const auto offer = find(reference);
    if (!offer || offer->state != State::offered) co_return stale(reference);
    offer->worker = std::move(worker);
    offer->move(State::beginning);
    auto begun = co_await ledger_.begin(reference.delivery, reference.attempt);
    if (!begun) {
        offer->why = begun.error();
        offer->move(State::over);
        co_return stale(reference);
    }
    offer->attempt = *begun;
    offer->move(State::begun);
    co_return begun;
}

std::optional<ledger::StoredEnvelope> Offers::envelope_of(
    const std::string& worker, const Reference& reference
) const {
    const auto offer = find(reference);
    if (!offer || offer->worker != worker || offer->state != State::begun) return std::nullopt;
    return offer->attempt->envelope;
}

Task<Result<>> Offers::settle(std::string worker, Reference reference, model::Outcome outcome) {
    const auto offer = find(reference);
    if (!offer || offer->worker != worker) co_return stale(reference);
    if (offer->state == State::begun) {
        offer->outcome = std::move(outcome);
        offer->move(State::answered);
    }
    const auto until = clock_.now() + settle_wait;
    while (offer->state == State::answered && clock_.now() < until)
        co_await clock_.wait(offer->settled, until);
    if (offer->state == State::settled) co_return Result<>{};
    if (offer->state == State::answered) co_return Error{errc::io_failed, "the ledger does not write"};
    co_return stale(reference);
}

void Offers::lost(const std::string& worker, const std::string& why) {
    for (auto& [reference, offer] : offers_) {
        if (offer->worker != worker || offer->state != State::begun) continue;
        offer->outcome.verdict = model::Verdict::unknown;
        offer->outcome.reason = errc::worker_lost;
        offer->outcome.detail = worker + ": " + why;
        offer->move(State::answered);
    }
    publish_again();  // some may lie with it, not begun
}

Task<> Offers::give_up(Reference reference) {
    const std::string nobody = "dead letters";
    auto begun = co_await begin(nobody, reference);
    if (!begun) co_return;  // no longer on offer: an old copy
    const auto offer = find(reference);
    if (!offer) co_return;
    log::error(
        "queue.dead_letter", "msg", begun->message, "endpoint", begun->endpoint, "attempt", reference.attempt
    );
    offer->outcome.verdict = model::Verdict::rejected;
    offer->outcome.reason = errc::queue_dead_letter;
    offer->outcome.detail = "its reference came back too often; nothing was sent";
    offer->move(State::answered);
}

bool Offers::waits(const Reference& reference) const {
    const auto offer = find(reference);
    return offer && offer->state == State::offered;
}

std::size_t Offers::offered() const {
    const auto waits = [](const auto& entry) { return entry.second->state == State::offered; };
    return static_cast<std::size_t>(std::count_if(offers_.begin(), offers_.end(), waits));
}

std::size_t Offers::begun() const {
    const auto runs = [](const auto& entry) { return entry.second->state == State::begun; };
    return static_cast<std::size_t>(std::count_if(offers_.begin(), offers_.end(), runs));
}

}  // namespace axis::delivery
