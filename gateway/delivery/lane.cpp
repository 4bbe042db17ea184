#include "gateway/delivery/lane.hpp"

#include "gateway/base/crash_point.hpp"
#include "gateway/base/finally.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace axis::delivery {

namespace {

using model::Verdict;

constexpr Duration ledger_trouble_wait{std::chrono::seconds{5}};

std::string seconds(Duration d) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(d.count()) / 1000.0);
    return text;
}

std::string recipients(const ledger::Attempt& attempt) {
    std::string out;
    for (const auto& code : attempt.to) out += (out.empty() ? "" : ",") + code;
    return out;
}

}  // namespace

// An attempt that has ended is counted by the group a moment longer than by `open_`: hence twice the room
// that there may be, what was handed over ahead included.
Lane::Lane(LaneParts parts, LaneSettings settings, ports::Outlet& outlet)
    : parts_{std::move(parts)},
      settings_{std::move(settings)},
      outlet_{outlet},
      driver_{
          parts_.driver
              ? parts_.driver(settings_, outlet)
              : std::make_unique<Embedded>(parts_.ledger, parts_.stream, outlet, settings_.attempts_max)},
      wakeup_{parts_.io},
      attempts_{parts_.io, 4 * settings_.attempts_max * workers_max},
      breaker_{settings_.breaker},
      concurrency_{settings_.attempts_max} {}

void Lane::poke(int priority) {
    window_.poke(priority);
    wakeup_.notify();
}

void Lane::look_again() {
    for (const auto size : sizes) window_.half(size).due.clear();
    driver_->withdraw();
    poke();
}

void Lane::stop() {
    stopping_ = true;
    driver_->withdraw();
    wakeup_.notify();
}

void Lane::abort() {
    stopping_ = true;
    attempts_.cancel();
    wakeup_.notify();
}

void Lane::resume() {
    paused_until_ = {};
    breaker_.try_now();
    poke();
}

LaneState Lane::state() const {
    const auto now = parts_.clock.now();
    LaneState out{Halt::none, {}, window_.open() - driver_->waiting(), allowed()};
    if (held_)
        out.halt = Halt::held;
    else if (paused_until_ > now)
        out.halt = Halt::paused, out.until = paused_until_;
    else if (!breaker_.closed())
        out.halt = Halt::unreachable, out.until = breaker_.until();
    else if (!driver_->ready())
        out.halt = Halt::no_worker;
    return out;
}

Task<> Lane::run() {
    while (!stopping_) {
        const Time until = co_await step();
        if (stopping_) break;
        co_await parts_.clock.wait(wakeup_, until);
    }
    co_await attempts_.join();
}

// The ledger is asked when a half of the window is used up and something may have changed since: new work, an
// attempt that ended and held back the next one of its document, or a due time reached; or it had more.
Task<Result<>> Lane::refill(Size size) {
    auto& half = window_.half(size);
    half.poked = false;
    ledger::Share share{size == Size::large, half.last};
    auto found =
        co_await parts_.ledger.due(settings_.endpoint, settings_.window_max + open_.size(), std::move(share));
    if (!found) {
        half.poked = true;
        co_return found.error();
    }
    held_ = found->held;
    half.last = found->last;
    for (const auto& due : found->due)
        if (open_.count(due.delivery) == 0) half.due.push_back(due);
    const auto latest = parts_.clock.now() + settings_.idle_look;
    half.look_at = std::min(found->next.value_or(latest), latest);
    half.poked = half.poked || found->more;
    co_return Result<>{};
}

Task<> Lane::fill(Time now) {
    for (const auto size : sizes) {
        if (!may_start() || !window_.half(size).wants_more(now) || !window_.has_place(size, room())) continue;
        auto filled = co_await refill(size);
        if (!filled) trouble(filled.error());
    }
}

// Starts what may start now; returns when to look again at the latest. While all places are taken there is no
// hurry: an attempt that ends wakes us, and so does a driver that is ready again.
Task<Time> Lane::step() {
    const auto now = parts_.clock.now();
    if (driver_->ready()) concurrency_.limit(places());
    while (may_start()) {
        co_await fill(now);
        const auto size = may_start() ? window_.next(room()) : std::nullopt;
        if (!size) break;
        start(*size);
    }
    if (blocked_until() > now) co_return blocked_until();
    const bool full =
        window_.open() >= room().all() || !breaker_.allows(window_.open(), now) || !driver_->ready();
    const auto latest = now + settings_.idle_look;
    co_return full ? latest : std::min(window_.look_at(room()), latest);
}

bool Lane::may_start() const {
    const auto now = parts_.clock.now();
    return !stopping_ && driver_->ready() && window_.open() < room().all() && blocked_until() <= now &&
           breaker_.allows(window_.open(), now);
}

std::size_t Lane::places() const {
    const auto most = settings_.attempts_max * workers_max;
    return std::clamp<std::size_t>(driver_->places(), 1, most);
}

// Ahead only to an endpoint that bears all: what was handed over would overtake its plea for fewer.
Room Lane::room() const {
    if (allowed() < places()) return {allowed(), 0};
    return {allowed(), std::min(driver_->ahead(), places())};
}

void Lane::start(Size size) {
    auto& waiting = window_.half(size).due;
    const auto due = waiting.front();
    waiting.pop_front();
    if (!open_.insert(due.delivery).second) return;
    window_.started(size, is_question(due));
    auto task = is_question(due) ? reconcile(due, size) : attempt(due, size);
    if (attempts_.spawn("attempt " + to_string(due.delivery), std::move(task))) return;
    open_.erase(due.delivery);
    window_.ended(size, is_question(due));
}

// Without this wait a ledger that reads but does not write would be asked for the same delivery for ever.
void Lane::trouble(const Error& error) {
    if (error.code == errc::stale) return;  // an operator was faster: the next look tells
    log::error("lane.failed", "endpoint", settings_.endpoint, "reason", to_string(error));
    trouble_until_ = parts_.clock.now() + ledger_trouble_wait;
}

void Lane::pause(const model::Outcome& outcome) {
    paused_until_ = parts_.clock.now() + settings_.pause;
    driver_->withdraw();
    if (parts_.alarm) parts_.alarm(true, "axis.unauthorised", settings_.endpoint.text, outcome.detail);
}

namespace {

bool is_silence(errc reason) {
    switch (reason) {
        case errc::peer_unreachable:
        case errc::peer_name:
        case errc::peer_tcp:
        case errc::peer_tls:
        case errc::peer_http:
        case errc::peer_timeout:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::string_view name(Halt halt) {
    constexpr std::array<std::string_view, 5> names{"", "held", "paused", "unreachable", "no_worker"};
    return names.at(static_cast<std::size_t>(halt));
}

void Lane::leave(const ledger::Due& due, Size size, bool look) {
    open_.erase(due.delivery);
    window_.ended(size, is_question(due));
    if (look) window_.poke(0);
    wakeup_.notify();
}

Task<> Lane::attempt(ledger::Due due, Size size) {
    bool look = true;
    const Finally place{[this, due, size, &look] { leave(due, size, look); }};
    auto attempted = co_await driver_->attempt(due);
    if (!attempted) {
        trouble(attempted.error());
        co_return;
    }
    crash_point("after_send");
    const auto began = attempted->attempt.begun;
    const auto sign = sign_of(attempted->outcome, Asked::sent);
    auto why = attempted->outcome.detail;
    look = co_await settle(std::move(attempted->attempt), std::move(attempted->outcome), Asked::sent);
    attempted->settled.reset();
    co_await learn(due.delivery, began, sign, std::move(why));
}

// What an outcome tells of the endpoint, not of the delivery.
Lane::Sign Lane::sign_of(const model::Outcome& outcome, Asked how) {
    if (is_silence(outcome.reason)) return Sign::silent;
    switch (outcome.verdict) {
        case Verdict::accepted:
        case Verdict::rejected:
        case Verdict::unauthorised:
            return Sign::answered;
        case Verdict::deferred:
            if (outcome.reason == errc::peer_deferred) return Sign::busy;
            return how == Asked::reconciled ? Sign::answered : Sign::none;  // else a trouble of ours
        case Verdict::unknown:
            break;
    }
    return how == Asked::reconciled && outcome.reason != errc::internal ? Sign::answered : Sign::none;
}

Task<> Lane::learn(model::DeliveryId delivery, Time begun, Sign sign, std::string why) {
    const auto now = parts_.clock.now();
    if (sign == Sign::none) co_return;
    if (sign == Sign::answered) concurrency_.answered();
    if (sign != Sign::answered) {
        concurrency_.troubled(begun, now);
        driver_->withdraw();
    }
    if (sign == Sign::silent) {
        if (!breaker_.failed(delivery, now, parts_.random)) co_return;
        log::warn(
            "lane.unreachable",
            "endpoint",
            settings_.endpoint,
            "reason",
            why,
            "next",
            to_local_text(breaker_.until())
        );
        if (parts_.alarm) parts_.alarm(true, "lane.unreachable", settings_.endpoint.text, why);
        co_return;
    }
    if (!breaker_.answered()) co_return;
    log::info("lane.reachable", "endpoint", settings_.endpoint);
    if (parts_.alarm) parts_.alarm(false, "lane.unreachable", settings_.endpoint.text, "");
    // What was put off because nobody answered need not wait any longer; it may be more urgent than what the
    // window was filled with meanwhile.
    auto hastened = co_await parts_.ledger.hasten(settings_.endpoint);
    if (!hastened)
        trouble(hastened.error());
    else
        look_again();
}

Task<> Lane::reconcile(ledger::Due due, Size size) {
    bool look = true;
    const Finally place{[this, due, size, &look] { leave(due, size, look); }};
    auto asked = co_await parts_.ledger.open_attempt(due.delivery);
    if (!asked) {
        trouble(asked.error());
        co_return;
    }
    model::Outcome outcome;
    auto sign = Sign::none;
    const auto began = parts_.clock.now();
    if (mutated(Mutation::resend_without_reconcile) || outlet_.may_repeat(asked->kind)) {
        outcome.verdict = Verdict::deferred;
        outcome.reason = errc::peer_unknown;
        outcome.detail = "sent again: a repeat has no effect";
    } else {
        auto dispatch = dispatch_of(*asked);
        auto asking = outlet_.reconcile(std::move(dispatch));
        outcome = co_await ask(std::move(asking));
        sign = sign_of(outcome, Asked::reconciled);
    }
    auto why = outcome.detail;
    // Only when it answers, and cannot tell: an endpoint that is away is asked once it is back.
    const bool cannot_tell = outcome.verdict == Verdict::unknown && sign == Sign::answered;
    if (cannot_tell && settings_.on_unknown == OnUnknown::resend) {
        outcome.verdict = Verdict::deferred;
        outcome.reason = errc::peer_unknown;
        outcome.detail = "sent again by on_unknown = \"resend\": " + outcome.detail;
        if (parts_.count) parts_.count(settings_.endpoint.text, "resent");
        log::warn(
            "delivery.resent",
            "msg",
            asked->message,
            "endpoint",
            settings_.endpoint,
            "attempt",
            asked->number,
            "reason",
            outcome.detail
        );
    }
    look = co_await settle(std::move(*asked), std::move(outcome), Asked::reconciled);
    co_await learn(due.delivery, began, sign, std::move(why));
}

Time Lane::next_due(const ledger::Attempt& attempt, const model::Outcome& outcome, Asked how) {
    const auto now = parts_.clock.now();
    const bool sent = how == Asked::sent;
    switch (outcome.verdict) {
        case Verdict::unknown: {
            if (sent) return now + settings_.reconcile_first;
            // The older the question, the rarer it is asked; the alarm is not to be late for that.
            const auto age =
                std::clamp(now - attempt.begun, settings_.reconcile_first, settings_.unknown_alarm_after / 3);
            return now + Backoff::spread(age, parts_.random);
        }
        case Verdict::deferred:
            if (sent) return now + settings_.backoff.after(attempt.number, parts_.random);
            // "Certainly not there" is no failure of the other side: again at once. Later on, something on
            // the way eats it.
            return attempt.number == 1 ? now
                                       : now + settings_.backoff.after(attempt.number - 1, parts_.random);
        case Verdict::unauthorised:  // the pause holds it back, and resume() lets it go
        case Verdict::accepted:
        case Verdict::rejected:
            break;
    }
    return now;
}

Task<bool> Lane::settle(ledger::Attempt attempt, model::Outcome outcome, Asked how) {
    if (outcome.verdict == Verdict::unauthorised) pause(outcome);
    // Only yes and certainly-not answer the question; queued without an answer it would be sent twice.
    const bool answered = outcome.verdict == Verdict::accepted || outcome.verdict == Verdict::deferred;
    if (how == Asked::reconciled && !answered) outcome.verdict = Verdict::unknown;
    const auto next = next_due(attempt, outcome, how);
    auto settled = co_await parts_.ledger.settle(attempt.delivery, attempt.number, outcome, next);
    if (!settled) {
        // The attempt stays `sending` on disk; only a restart turns it into a question, so ask until it is
        // written.
        log::error(
            "lane.settle_failed",
            "msg",
            attempt.message,
            "endpoint",
            settings_.endpoint,
            "reason",
            to_string(settled.error())
        );
        while (!settled && !stopping_) {
            co_await parts_.clock.sleep_for(ledger_trouble_wait);
            settled = co_await parts_.ledger.settle(attempt.delivery, attempt.number, outcome, next);
        }
        if (!settled) co_return true;
    }
    alarm(attempt, outcome, settled->state);
    note(attempt, outcome, *settled, next);
    if (parts_.tell && !settled->listeners.empty()) parts_.tell(settled->listeners);
    co_return settled->next_waits;
}

void Lane::alarm(const ledger::Attempt& attempt, const model::Outcome& outcome, model::DeliveryState state) {
    if (!parts_.alarm) return;
    const auto subject = to_string(attempt.delivery);
    const auto text = "message " + attempt.message.text() + " to " + recipients(attempt);
    const bool old = parts_.clock.now() - attempt.begun >= settings_.unknown_alarm_after;
    parts_.alarm(old && state == model::DeliveryState::reconciling, "delivery.unknown", subject, text);
    parts_.alarm(state == model::DeliveryState::quarantined, "delivery.quarantined", subject, text);
    if (outcome.verdict == Verdict::accepted)
        parts_.alarm(false, "axis.unauthorised", settings_.endpoint.text, "");
}

// One line per attempt: the operator's truth. delays = accepted→due / due→claimed / connect+TLS / transfer.
void Lane::note(
    const ledger::Attempt& a, const model::Outcome& outcome, const ledger::Settled& settled, Time next
) {
    const auto to = recipients(a);
    const auto delays = seconds(a.due - a.accepted) + "/" + seconds(a.begun - a.due) + "/" +
                        seconds(outcome.connect) + "/" + seconds(outcome.transfer);
    const auto reason = outcome.reason == errc::none ? std::string_view{"ok"} : row(outcome.reason).code;
    if (parts_.count) parts_.count(settings_.endpoint.text, model::name(outcome.verdict));
    if (outcome.verdict == Verdict::accepted) {
        log::info(
            "delivery.sent",
            "msg",
            a.message,
            "doc",
            a.number_text,
            "to",
            to,
            "endpoint",
            a.endpoint,
            "attempt",
            a.number,
            "remote",
            outcome.remote_id,
            "delays",
            delays
        );
        return;
    }
    const bool final = settled.state == model::DeliveryState::quarantined;
    log::warn(
        final                                 ? "delivery.quarantined"
        : outcome.verdict == Verdict::unknown ? "delivery.unknown"
                                              : "delivery.deferred",
        "msg",
        a.message,
        "doc",
        a.number_text,
        "to",
        to,
        "endpoint",
        a.endpoint,
        "attempt",
        a.number,
        "reason",
        reason,
        "detail",
        outcome.detail,
        "next",
        final ? std::string{"-"} : to_local_text(next),
        "delays",
        delays
    );
}

}  // namespace axis::delivery
