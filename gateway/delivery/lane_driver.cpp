#include "gateway/delivery/lane_driver.hpp"

#include <algorithm>

namespace axis::delivery {

namespace {

using State = Offer::State;

// On offer while the attempt lasts, until its outcome is on disk; however it ends.
class OnOffer {
public:
    OnOffer(Offers& offers, std::set<Reference>& open, Reference reference)
        : offers_{offers}, open_{open}, reference_{reference}, offer_{offers.make(reference)} {
        open_.insert(reference);
    }
    ~OnOffer() {
        open_.erase(reference_);
        offers_.drop(reference_);
    }
    OnOffer(const OnOffer&) = delete;
    OnOffer& operator=(const OnOffer&) = delete;
    Offer& operator*() const { return *offer_; }

private:
    Offers& offers_;
    std::set<Reference>& open_;
    Reference reference_;
    std::shared_ptr<Offer> offer_;
};

constexpr int busy_times = 6;  // it is published again the later while every place is taken

// ready() tells of these, and the lane waits for that.
bool passes(errc code) {
    return code == errc::broker_down || code == errc::broker_blocked;
}

}  // namespace

Task<Result<Attempted>> LaneDriver::attempt(ledger::Due due) {
    const Reference reference{due.delivery, due.attempts + 1};
    const auto on_offer = std::make_shared<OnOffer>(offers_, open_, reference);
    auto& offer = **on_offer;
    auto done = co_await until_answered(offer, reference, due.priority > 0);
    if (!done) co_return done.error();
    Attempted out;
    out.attempt = *offer.attempt;
    out.outcome = offer.outcome;
    out.settled = on_offer;
    co_return out;
}

Task<Result<>> LaneDriver::until_answered(Offer& offer, Reference reference, bool urgent) {
    auto again = clock_.now(), latest = again;
    while (offer.state != State::answered && offer.state != State::over) {
        const auto has_place = [this] { return open_.size() - waiting() < places(); };
        const bool overdue = clock_.now() >= again && (clock_.now() >= latest || has_place());
        if (offer.state == State::offered && (!offer.published || overdue)) {
            offer.published = true;
            auto published = co_await queue_.publish(endpoint_, reference, urgent);
            // A worker may have it nonetheless, and have begun.
            if (!published && offer.state == State::offered) {
                if (passes(published.error().code)) co_return Error{errc::stale, published.error().detail};
                co_return published.error();
            }
            again = clock_.now() + publish_again_;
            latest = clock_.now() + busy_times * publish_again_;
            continue;
        }
        if (clock_.now() >= again) again = clock_.now() + publish_again_;
        co_await clock_.wait(offer.changed, again);
    }
    if (offer.state == State::over) co_return offer.why;
    co_return Result<>{};
}

std::size_t LaneDriver::waiting() const {
    const auto waits = [this](const Reference& reference) { return offers_.waits(reference); };
    return static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), waits));
}

void LaneDriver::withdraw() {
    for (const auto& reference : open_) offers_.withdraw(reference);
}

}  // namespace axis::delivery
