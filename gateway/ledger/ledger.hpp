// The ledger: the truth about every message (architecture D3), spoken to in use cases.
//
//   io thread --write job--> store thread: BEGIN, every waiting job in its SAVEPOINT, COMMIT (fsync) -->
//   results io thread --read job---> readers: query_only connections
//
// Promises. A positive answer to a write arrives after COMMIT with synchronous=FULL: it survives a power cut.
// A job that fails changes nothing and does not disturb its neighbours in the same commit. When COMMIT or its
// fsync fails, every job of that commit answers io_failed (disk_full, ledger_damaged), the connection is
// opened anew, and healthy() is false until a commit succeeds. One process per file (ledger_locked). Exactly
// one connection writes and checkpoints: Debian's SQLite 3.40.1 has the WAL-reset bug. Thread: io; the work
// runs on the pools given.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/pool.hpp"
#include "gateway/base/task.hpp"
#include "gateway/ledger/journal_chain.hpp"
#include "gateway/ledger/lane_records.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/ledger/retention.hpp"
#include "gateway/ledger/views.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace axis::ledger {

struct Limits {
    // Beyond them documents are refused: what lanes have to do (overloaded), and what waits for one endpoint,
    // fetched by nobody or held (recipient_backlog; not for what an axis brings). Statuses: half as many
    // more.
    std::int64_t waiting_deliveries_max = 200'000;
    std::int64_t waiting_per_endpoint_max = 100'000;
    std::size_t batch_jobs_max = 256;          // jobs in one commit
    std::size_t waiting_jobs_max = 10'000;     // beyond: overloaded
    std::int64_t wal_pages_checkpoint = 4000;  // 16 MB: checkpoint when idle
    std::int64_t wal_pages_max = 16000;        // 64 MB: checkpoint now
    // The other side may still be taking what a dead process had sent: asked at once it says "not there", and
    // a second copy would go. As long as a lane waits after a connection that broke.
    Duration recovered_wait{15'000};
};

// Jobs share commits: their ratio is what an fsync carries.
struct CommitCount {
    std::uint64_t commits = 0;
    std::uint64_t jobs = 0;
};

class Ledger {
public:
    // Creates, checks, migrates after a copy. ledger_foreign, ledger_newer, ledger_locked, ledger_damaged,
    // io_failed. Every delivery that was `sending` becomes `reconciling`, never `queued`. Blocking: only at
    // start.
    static Result<std::unique_ptr<Ledger>> open(
        std::filesystem::path file,
        Clock& clock,
        Pool& store,
        Pool& readers,
        Limits limits = {},
        std::string vfs = {}
    );
    ~Ledger();

    // -- taking responsibility
    // idempotency_conflict, overloaded, recipient_backlog, io_failed. See Accepted::how for repeats.
    Task<Result<Accepted>> accept(Acceptance acceptance);
    // Answer of an earlier request with this key, for a client that repeats itself before the files are read
    // again.
    Task<Result<std::optional<model::MessageId>>> replay(std::string origin, IdempotencyKey key);
    // Completes every offered delivery up to `through` and accepts the statuses 01 that go with it, in one
    // commit. Acknowledging again, or less, changes nothing.
    Task<Result<std::vector<Accepted>>> acknowledge_events(
        model::EndpointName endpoint, std::int64_t through, std::vector<Acceptance> arrivals
    );

    // -- lanes
    Task<Result<Window>> due(model::EndpointName lane, std::size_t limit, Share share = {});
    // The endpoint answers again: what waits because it did not is due now. The number of them.
    Task<Result<std::size_t>> hasten(model::EndpointName lane);
    // Of `limit` waiting deliveries in this state behind `after`: past their life they go to quarantine; of
    // those accepted before `late` the sender is told, once.
    Task<Result<LookedAfter>> look_after(
        model::EndpointName lane,
        model::DeliveryState state,
        model::DeliveryId after,
        std::size_t limit,
        Time late
    );
    // Opens attempt number `attempt`, on disk before its first byte leaves. stale: no longer queued, or not
    // the next.
    Task<Result<Attempt>> begin(model::DeliveryId delivery, int attempt);
    // What the other side said. `next_due` is used when deferred. The same attempt settled again changes
    // nothing.
    Task<Result<Settled>> settle(
        model::DeliveryId delivery, int attempt, model::Outcome outcome, Time next_due
    );
    // A reconciling delivery: what is known of it (to ask the axis), and what came out of asking.
    Task<Result<Attempt>> open_attempt(model::DeliveryId delivery);
    // operator: retry → queued now; hold; release; cancel. stale when the state does not allow it. A held
    // passive delivery is released to `offered`, with its event: wake its endpoint.
    Task<Result<model::DeliveryState>> steer(
        model::DeliveryId delivery, model::DeliveryState wanted, std::string actor
    );

    // An operator holds the whole lane, or lets it go; kept over a restart.
    Task<Result<>> hold_lane(model::EndpointName lane, bool held, std::string actor);
    // The same as steer() for up to `limit` deliveries of an endpoint in one state, oldest first; which.
    Task<Result<std::vector<model::DeliveryId>>> steer_all(
        model::EndpointName lane,
        model::DeliveryState from,
        model::DeliveryState wanted,
        std::string actor,
        std::size_t limit
    );

    // -- from the axis
    // Which of these doc ids still need fetching, and which only need acknowledging.
    Task<Result<std::vector<IncomingView>>> incoming(
        model::EndpointName endpoint, std::vector<std::string> doc_ids
    );
    Task<Result<>> acknowledged(model::EndpointName endpoint, std::vector<std::string> doc_ids);
    // Sets poison aside: raw bytes kept, never fetched again. `envelope` when at least scanning worked.
    Task<Result<>> quarantine(
        IncomingRef ref,
        model::MessageKind kind,
        Error why,
        std::optional<StoredEnvelope> envelope,
        std::vector<NewBlob> blobs,
        std::string raw_head
    );
    Task<Result<>> polled(model::EndpointName endpoint);

    // -- questions
    Task<Result<std::optional<MessageView>>> message(model::MessageId id);
    Task<Result<std::vector<MessageView>>> find(Filter filter);
    Task<Result<StoredEnvelope>> envelope(model::MessageId id);
    Task<Result<StoredEnvelope>> rendition(model::DeliveryId id);
    Task<Result<BlobText>> blob(Sha256 sha256);
    Task<Result<std::vector<EventView>>> events(
        model::EndpointName endpoint, std::int64_t after, std::size_t limit
    );
    Task<Result<std::int64_t>> acknowledged_through(model::EndpointName endpoint);  // 0: none yet
    Task<Result<std::vector<HandOver>>> hand_overs(
        model::EndpointName endpoint, std::int64_t through, std::size_t limit
    );
    Task<Result<Story>> story(model::MessageId id);
    // A status is told of in the rows of its document. not_found, payload.purged.
    Task<Result<Evidence>> evidence(model::MessageId id);
    Task<Result<std::string>> material(Sha256 sha256);  // not_found
    Task<Result<std::vector<LaneView>>> lanes();
    Task<Result<std::vector<IncomingView>>> quarantined(std::size_t limit);
    // What an axis took from us, by the moment it was known here; the first `limit`.
    Task<Result<std::vector<SentFact>>> sent(
        model::EndpointName endpoint, Time from, Time until, std::size_t limit
    );
    // Events offered and not acknowledged since before `before`: alarm endpoint.silent.
    Task<Result<std::vector<std::string>>> silent_endpoints(Time before);
    // Of these published texts, those that no message needs.
    Task<Result<std::vector<Sha256>>> unknown_blobs(std::vector<Sha256> candidates);
    // The chain from its first row: the sequence number of the first bad row, or nothing.
    Task<Result<std::optional<std::int64_t>>> verify_journal();

    // -- retention
    // A piece of it: payload goes, evidence stays (facts, markup, digests, judgements, journal). Only
    // messages whose deliveries are all done or cancelled, only events that were acknowledged.
    Task<Result<Purged>> purge(PurgeOrder order);

    // -- checkpoints of the journal
    // The last row, unsigned, when no checkpoint stands at it yet.
    Task<Result<std::optional<Checkpoint>>> checkpoint_due();
    Task<Result<>> keep_checkpoint(Checkpoint checkpoint);
    Task<Result<std::vector<Checkpoint>>> checkpoints(Time after);
    Task<Result<std::optional<Sha256>>> journal_hash(std::int64_t seq);  // nothing: no such row

    // -- health
    Task<Result<>> touch();  // a real commit with fsync
    bool healthy() const;
    // A connection has met a damaged page: nothing that rests on this file is to be promised any more. Only
    // look_for_damage(), which reads every page, takes it back.
    bool damaged() const;
    Task<Result<>> look_for_damage();  // ledger_damaged
    Time last_commit() const;
    CommitCount committed() const;  // since it was opened

private:
    struct Impl;
    explicit Ledger(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::ledger
