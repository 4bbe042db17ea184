#include "adapters/vxp/feed.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/mutation.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <utility>

namespace axis::vxp {

namespace {

using model::MessageKind;
using ports::Arrived;
using ports::Known;

// Why there is no document although the axis may have said OK.
Error why_not(const Fetched& fetched) {
    Error reason = why(fetched.answer);
    if (reason.code == errc::none) reason.code = errc::peer_http;
    return reason;
}

bool was_cancelled(const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
}

}  // namespace

struct Feed::Poll {
    bool ended = false;  // no further item
    bool more = false;   // a bound was reached: poll again at once
    int wire_failures = 0;
    std::size_t tried = 0;
    std::size_t fetched = 0;
    std::size_t acknowledge_tried = 0;
    std::size_t acknowledged = 0;
    std::optional<Error> failure;  // of a list: the first one
    std::set<std::string> listed;
    std::vector<std::string> done;  // acknowledged at the axis, not yet noted here
};

struct Feed::Batch {
    MessageKind kind;
    std::vector<std::string> ids;
    std::vector<Known> known;  // of each
    std::size_t next = 0;      // nobody has taken it yet
};

Feed::Feed(
    asio::io_context& io,
    Clock& clock,
    Calls& axis,
    ports::Arrivals& arrivals,
    const Settings& settings,
    OnCondition on_condition,
    FeedLimits limits
)
    : clock_{clock},
      axis_{axis},
      arrivals_{arrivals},
      endpoint_{settings.endpoint},
      interval_{settings.poll},
      how_{settings.fetch},
      on_condition_{std::move(on_condition)},
      limits_{limits},
      wakeup_{io} {}

void Feed::poke() {
    wakeup_.notify();
}

void Feed::stop() {
    stopping_ = true;
    wakeup_.notify();
}

Task<> Feed::run() {
    while (!stopping_) {
        bool more = false;
        try {
            more = co_await poll();
        } catch (const boost::system::system_error& e) {
            if (was_cancelled(e)) throw;
            log::error("vxp.poll_stopped", "endpoint", endpoint_, "reason", e.what());
        } catch (const std::exception& e) {
            log::error("vxp.poll_stopped", "endpoint", endpoint_, "reason", e.what());
        }
        if (more || stopping_) continue;
        co_await clock_.wait(wakeup_, clock_.now() + interval_);
    }
}

Task<bool> Feed::poll() {
    Poll poll;
    co_await poll_kind(MessageKind::document, poll);
    if (!poll.ended) co_await poll_kind(MessageKind::status, poll);
    const bool complete = !poll.ended && !poll.failure && !stopping_;
    if (complete) std::erase_if(pauses_, [&](const auto& p) { return !poll.listed.contains(p.first); });
    report(poll);
    // A full poll that brought nothing would come round at once for ever.
    co_return poll.more && !poll.ended && poll.fetched + poll.acknowledged > 0;
}

Task<> Feed::poll_kind(MessageKind kind, Poll& poll) {
    poll.tried = 0;
    List<ReceivedItem> list = co_await axis_.received_list(kind);
    if (!succeeded(list.answer)) {
        if (!poll.failure) poll.failure = why(list.answer);
        co_return;
    }
    if (list.unusable_count > 0)
        log::warn("vxp.rows_unusable", "endpoint", endpoint_, "count", list.unusable_count);
    auto noted = co_await arrivals_.polled(endpoint_);
    if (!noted) {
        stopped_by_us(noted.error(), poll);
        co_return;
    }

    poll.more = poll.more || list.cut;
    std::vector<std::string> batch;
    for (std::size_t i = 0; i < list.items.size() && !poll.ended && !stopping_; ++i) {
        if (poll.listed.insert(list.items[i].doc_id).second) batch.push_back(list.items[i].doc_id);
        const bool last = i + 1 == list.items.size();
        if (batch.empty() || (batch.size() < limits_.known_count_max && !last)) continue;
        std::vector<std::string> ids = std::exchange(batch, {});
        co_await take_batch(kind, std::move(ids), poll);
    }
}

Task<> Feed::take_batch(MessageKind kind, std::vector<std::string> ids, Poll& poll) {
    auto known = co_await arrivals_.known(endpoint_, ids);
    if (!known) {
        stopped_by_us(known.error(), poll);
        co_return;
    }
    AXIS_ASSERT(known->size() == ids.size());
    Batch batch{kind, std::move(ids), std::move(*known)};
    co_await take_beside(limits_.at_once, batch, poll);
    co_await note(poll);
}

Task<> Feed::take_beside(std::size_t hands, Batch& batch, Poll& poll) {
    using namespace asio::experimental::awaitable_operators;
    auto one = take_one_by_one(batch, poll);
    if (hands <= 1) {
        co_await std::move(one);
        co_return;
    }
    auto others = take_beside(hands - 1, batch, poll);
    co_await (std::move(one) && std::move(others));  // co_await: ok, one executor
}

Task<> Feed::take_one_by_one(Batch& batch, Poll& poll) {
    while (batch.next < batch.ids.size() && !poll.ended && !stopping_) {
        const auto i = batch.next++;
        co_await take_item(batch.kind, batch.ids[i], batch.known[i], poll);
        if (poll.done.size() >= limits_.noted_count_max) co_await note(poll);
    }
}

Task<> Feed::note(Poll& poll) {
    if (poll.done.empty()) co_return;
    std::vector<std::string> ids = std::exchange(poll.done, {});
    auto noted = co_await arrivals_.acknowledged(endpoint_, std::move(ids));
    if (!noted) stopped_by_us(noted.error(), poll);
}

Task<> Feed::take_item(MessageKind kind, std::string id, Known known, Poll& poll) {
    if (known == Known::quarantined) co_return;
    if (known != Known::fresh) {
        // Also what we count as acknowledged: listed again, the axis has forgotten it.
        if (poll.acknowledge_tried < limits_.acknowledge_count_max) {
            co_await acknowledge(std::move(id), poll);
        } else if (known == Known::stored) {
            poll.more = true;
        }
        co_return;
    }
    if (is_paused(id)) co_return;
    if (poll.tried == limits_.fetch_count_max) {
        poll.more = true;
        co_return;
    }
    ++poll.tried;
    co_await fetch(kind, std::move(id), poll);
}

Task<> Feed::fetch(MessageKind kind, std::string id, Poll& poll) {
    auto arrival = arrivals_.open(endpoint_, id, kind);
    if (!arrival) {
        stopped_by_us(arrival.error(), poll);
        co_return;
    }
    const Fetched fetched = co_await fetch_into(id, **arrival);
    if (fetched.answer.ours.code != errc::none) {
        stopped_by_us(fetched.answer.ours, poll);
    } else if (fetched.how != Fetched::How::whole) {
        fetch_failed(id, why_not(fetched), fetched.answer.failure.has_value(), poll);
    } else {
        poll.wire_failures = 0;
        co_await finish(std::move(id), **arrival, poll);
    }
}

Task<Fetched> Feed::fetch_into(std::string id, ports::Arrival& arrival) {
    const Taker taker = [&arrival](std::string_view bytes) { return arrival.feed(bytes); };
    if (how_ == Fetch::download) {
        Fetched fetched = co_await axis_.download(id, taker);
        if (fetched.how != Fetched::How::not_an_envelope) co_return fetched;
        log::debug("vxp.download_foreign", "endpoint", endpoint_, "doc", id);
    }
    Fetched fetched = co_await axis_.get_edoc(id, taker);
    co_return fetched;
}

Task<> Feed::finish(std::string id, ports::Arrival& arrival, Poll& poll) {
    if (mutated(Mutation::ack_before_commit)) co_await acknowledge(id, poll);
    auto arrived = co_await arrival.finish();
    if (!arrived) {
        stopped_by_us(arrived.error(), poll);
        co_return;
    }
    pauses_.erase(id);
    ++poll.fetched;
    if (arrived->how == Arrived::How::quarantined) {
        log::warn("vxp.quarantined", "endpoint", endpoint_, "doc", id, "reason", arrived->why);
        co_return;
    }
    const bool duplicate = arrived->how == Arrived::How::duplicate;
    log::info(
        "vxp.fetched",
        "endpoint",
        endpoint_,
        "doc",
        id,
        "msg",
        arrived->message,
        "how",
        duplicate ? "duplicate" : "stored"
    );
    co_await acknowledge(std::move(id), poll);
}

Task<> Feed::acknowledge(std::string id, Poll& poll) {
    ++poll.acknowledge_tried;
    const Answer answer = co_await axis_.update_status(id, TransportStatus::done);
    if (!succeeded(answer)) {
        const Error reason = why(answer);
        log::warn("vxp.acknowledge_failed", "endpoint", endpoint_, "doc", id, "reason", reason);
        call_failed(reason, answer.failure.has_value(), poll);
        co_return;
    }
    poll.wire_failures = 0;
    ++poll.acknowledged;
    poll.done.push_back(std::move(id));
}

void Feed::fetch_failed(const std::string& id, const Error& reason, bool wire, Poll& poll) {
    log::warn("vxp.fetch_failed", "endpoint", endpoint_, "doc", id, "reason", reason);
    Pause& pause = pauses_[id];
    // Tried at the next poll, then two, four, eight … later.
    const int doublings = std::min(pause.failures++, 16);
    pause.until = clock_.now() + std::min(interval_ * (1 << doublings), limits_.pause_max);
    call_failed(reason, wire, poll);
}

// What a failed call says about the calls after it.
void Feed::call_failed(const Error& reason, bool wire, Poll& poll) {
    poll.wire_failures = wire ? poll.wire_failures + 1 : 0;
    if (poll.wire_failures >= limits_.wire_failures_max) poll.ended = true;
    if (reason.code != errc::peer_unauthorised) return;
    poll.ended = true;
    poll.failure = reason;
}

bool Feed::is_paused(const std::string& id) const {
    const auto found = pauses_.find(id);
    return found != pauses_.end() && clock_.now() < found->second.until;
}

void Feed::stopped_by_us(const Error& reason, Poll& poll) {
    poll.ended = true;
    if (reason.code == errc::stopping) return;
    if (reason.code == errc::overloaded) {
        log::warn("vxp.poll_stopped", "endpoint", endpoint_, "reason", reason);
    } else {
        log::error("vxp.poll_stopped", "endpoint", endpoint_, "reason", reason);
    }
}

void Feed::report(const Poll& poll) {
    const bool unauthorised = poll.failure && poll.failure->code == errc::peer_unauthorised;
    const bool unreachable = poll.failure && !unauthorised;
    const std::string why = poll.failure ? to_string(*poll.failure) : std::string{};
    set_condition("axis.unauthorised", unauthorised, "Trục từ chối thông tin xác thực của cổng: " + why);
    set_condition("axis.unreachable", unreachable, "Không lấy được danh sách văn bản từ trục: " + why);
    const auto stuck = [&](const auto& p) { return p.second.failures >= limits_.stuck_failures; };
    const auto stuck_count = std::count_if(pauses_.begin(), pauses_.end(), stuck);
    const std::string stuck_text =
        std::to_string(stuck_count) + " văn bản trên trục lấy về nhiều lần không được.";
    set_condition("axis.fetch_failing", stuck_count > 0, stuck_text);
    const std::string failure = poll.failure ? std::string{row(poll.failure->code).code} : std::string{};
    if (failure == last_failure_) return;
    last_failure_ = failure;
    if (poll.failure) log::warn("vxp.poll_failed", "endpoint", endpoint_, "reason", why);
    if (!poll.failure) log::info("vxp.poll_recovered", "endpoint", endpoint_);
}

void Feed::set_condition(std::string_view name, bool raised, const std::string& text) {
    const bool was = raised_.contains(name);
    if (raised == was) return;
    if (raised) raised_.emplace(name);
    if (!raised) raised_.erase(std::string{name});
    if (on_condition_) on_condition_(name, raised, raised ? text : std::string{});
}

}  // namespace axis::vxp
