// Fetches what waits at the axis: documents, then statuses, one poll after the other (architecture D5, R9,
// M-13).
//
//   list --> known? --fresh--> fetch --> committed --> updateStatus done --> noted, some at a time
//                |---stored----------------------------^        | not OK: the next poll tries again
//                '---quarantined: left alone            -------'
//
// Some items are under way at once; they are opened, hence stored (ports::Arrivals), in the order of the
// list. An item is acknowledged only after commit. One item's failure stops no other; it is tried again at
// later polls, each time after a longer pause. Failures of our own (disk, shutdown) end the poll. Nothing is
// ever set to `fail` here. Conditions reported: axis.unreachable, axis.unauthorised (Vietnamese text).
// Thread: io.
#pragma once

#include "adapters/vxp/calls.hpp"
#include "adapters/vxp/settings.hpp"
#include "gateway/ports/arrivals.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace axis::vxp {

struct FeedLimits {
    std::size_t fetch_count_max =
        1000;  // tried in one poll and kind; what is left comes with the next, at once
    std::size_t acknowledge_count_max = 1000;
    std::size_t at_once = 8;  // items under way; no more than intake lets be open (arrivals_open_max)
    std::size_t known_count_max = 100;  // asked of the ledger at a time
    std::size_t noted_count_max = 32;   // acknowledgements that are noted in one commit
    int wire_failures_max = 5;          // one after the other: the axis is away, the poll ends
    int stuck_failures = 5;             // of one item: the condition axis.fetch_failing
    Duration pause_max{std::chrono::hours{1}};
};

using OnCondition = std::function<void(std::string_view name, bool raised, std::string text)>;

class Feed {
public:
    // All outlive the feed.
    Feed(
        asio::io_context& io,
        Clock& clock,
        Calls& axis,
        ports::Arrivals& arrivals,
        const Settings& settings,
        OnCondition on_condition,
        FeedLimits limits = {}
    );

    Task<> run();  // until stop() or cancelled; the first poll comes at once
    void poke();   // poll now
    void stop();   // ends run() after the item under way

private:
    struct Poll;   // what one poll has seen
    struct Batch;  // a part of the list that is under way
    struct Pause {
        int failures = 0;
        Time until{};
    };
    Task<bool> poll();  // true: more waits at the axis
    Task<> poll_kind(model::MessageKind kind, Poll& poll);
    Task<> take_batch(model::MessageKind kind, std::vector<std::string> ids, Poll& poll);
    Task<> take_beside(std::size_t hands, Batch& batch, Poll& poll);
    Task<> take_one_by_one(Batch& batch, Poll& poll);
    Task<> take_item(model::MessageKind kind, std::string id, ports::Known known, Poll& poll);
    Task<> fetch(model::MessageKind kind, std::string id, Poll& poll);
    Task<Fetched> fetch_into(std::string id, ports::Arrival& arrival);
    Task<> finish(std::string id, ports::Arrival& arrival, Poll& poll);
    Task<> acknowledge(std::string id, Poll& poll);
    Task<> note(Poll& poll);

    void call_failed(const Error& reason, bool wire, Poll& poll);
    void fetch_failed(const std::string& id, const Error& reason, bool wire, Poll& poll);
    bool is_paused(const std::string& id) const;
    void stopped_by_us(const Error& reason, Poll& poll);
    void report(const Poll& poll);
    void set_condition(std::string_view name, bool raised, const std::string& text);

    Clock& clock_;
    Calls& axis_;
    ports::Arrivals& arrivals_;
    const model::EndpointName endpoint_;
    const Duration interval_;
    const Fetch how_;
    OnCondition on_condition_;
    FeedLimits limits_;
    Wakeup wakeup_;
    bool stopping_ = false;
    std::map<std::string, Pause> pauses_;  // items that failed and are still listed
    std::set<std::string, std::less<>> raised_;
    std::string last_failure_;  // logged once until it changes
};

}  // namespace axis::vxp
