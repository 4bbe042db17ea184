#include "gateway/ledger/ledger.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "gateway/ledger/admission.hpp"
#include "gateway/ledger/jobs.hpp"
#include "gateway/ledger/use_cases.hpp"

#include <fcntl.h>
#include <sys/file.h>

namespace axis::ledger {

struct Ledger::Impl {
    Impl(
        Fd lock_file,
        std::unique_ptr<Sql> sql,
        Writer::Open reopen,
        Writer::Open open_read,
        Clock& c,
        Pool& store,
        Pool& read_pool,
        Limits l,
        Damaged d
    )
        : lock{std::move(lock_file)},
          clock{c},
          readers{read_pool},
          limits{l},
          damaged{std::move(d)},
          connections{std::make_shared<Connections>(std::move(open_read))},
          admission{limits, clock},
          writer{std::move(sql), std::move(reopen), store, c, l} {}

    template <class Work>
    Task<std::invoke_result_t<Work&, Sql&>> write(Work work) {
        using R = std::invoke_result_t<Work&, Sql&>;
        auto home = co_await asio::this_coro::executor;
        auto initiate = [this, home, work = std::move(work)](auto handler) mutable {
            using TheJob = WorkJob<Work, decltype(handler), decltype(home)>;
            writer.submit(std::make_unique<TheJob>(std::move(work), std::move(handler), home));
        };
        using Signature = void(std::exception_ptr, std::optional<R>);
        auto published = asio::async_initiate<const asio::use_awaitable_t<>, Signature>(
            std::move(initiate), asio::use_awaitable
        );
        auto result = co_await std::move(published);
        co_return std::move(*result);
    }

    template <class Work>
    Task<std::invoke_result_t<Work&, Sql&>> read(Work work) {
        using R = std::invoke_result_t<Work&, Sql&>;
        auto guarded = [shared = connections, work = std::move(work)]() mutable -> R {
            auto connection = shared->take();
            if (!connection) return connection.error();
            try {
                R out = work(**connection);
                shared->give_back(std::move(*connection));
                return out;
            } catch (const std::exception& e) {
                return (*connection)->failure(e);  // the connection is dropped
            }
        };
        auto result = co_await offload(readers, std::move(guarded));
        co_return result;
    }

    Fd lock;
    Clock& clock;
    Pool& readers;
    Limits limits;
    Damaged damaged;
    std::shared_ptr<Connections> connections;
    Admission admission;
    Writer writer;
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(
    std::filesystem::path file, Clock& clock, Pool& store, Pool& readers, Limits limits, std::string vfs
) {
    std::error_code ec;
    std::filesystem::create_directories(file.parent_path(), ec);
    Fd lock{::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!lock) return Error{errc::io_failed, file.string() + ".lock: " + errno_text(errno)};
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return Error{errc::ledger_locked, file.string()};
    auto sql = open_writer(file, vfs, Opening::at_start);
    if (!sql) return sql.error();
    try {
        (*sql)->run("BEGIN IMMEDIATE");
        const int open_attempts = recover(**sql, clock.now(), limits.recovered_wait);
        (*sql)->run("COMMIT");
        if (open_attempts > 0) log::warn("ledger.recovered", "open_attempts", open_attempts);
    } catch (const SQLite::Exception& e) {
        return open_error(e, file);
    }
    const auto damaged = std::make_shared<std::atomic<bool>>(false);
    (*sql)->note_damage_in(damaged);
    auto reopen = watched([file, vfs] { return open_writer(file, vfs, Opening::again); }, damaged);
    auto open_read = watched([file, vfs] { return open_reader(file, vfs); }, damaged);
    auto impl = std::make_unique<Impl>(
        std::move(lock), std::move(*sql), reopen, open_read, clock, store, readers, limits, damaged
    );
    return std::unique_ptr<Ledger>{new Ledger{std::move(impl)}};
}

Task<Result<Accepted>> Ledger::accept(Acceptance acceptance) {
    auto work = [impl = impl_.get(), a = std::move(acceptance)](Sql& sql) -> Result<Accepted> {
        auto room = impl->admission.admit(sql, a);
        if (!room) return room.error();
        return ledger::accept(sql, a);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::optional<model::MessageId>>> Ledger::replay(std::string origin, IdempotencyKey key) {
    auto work = [origin = std::move(origin), key = std::move(key)](Sql& sql) {
        return find_replay(sql, origin, key);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<Accepted>>> Ledger::acknowledge_events(
    model::EndpointName endpoint, std::int64_t through, std::vector<Acceptance> arrivals
) {
    auto work =
        [now = impl_->clock.now(), endpoint = std::move(endpoint), through, arrivals = std::move(arrivals)](
            Sql& sql
        ) { return ledger::acknowledge_events(sql, now, endpoint, through, arrivals); };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<Window>> Ledger::due(model::EndpointName lane, std::size_t limit, Share share) {
    auto work = [now = impl_->clock.now(), lane = std::move(lane), limit, share = std::move(share)](Sql& sql
                ) -> Result<Window> { return ledger::due(sql, lane, now, limit, share); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::size_t>> Ledger::hasten(model::EndpointName lane) {
    auto work = [now = impl_->clock.now(), lane = std::move(lane)](Sql& sql) -> Result<std::size_t> {
        return ledger::hasten(sql, now, lane);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<LookedAfter>> Ledger::look_after(
    model::EndpointName lane,
    model::DeliveryState state,
    model::DeliveryId after,
    std::size_t limit,
    Time late
) {
    auto work = [now = impl_->clock.now(), lane = std::move(lane), state, after, limit, late](Sql& sql
                ) -> Result<LookedAfter> {
        return ledger::look_after(sql, now, lane, state, after, limit, late);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::hold_lane(model::EndpointName lane, bool held, std::string actor) {
    auto work = [now = impl_->clock.now(), lane = std::move(lane), held, actor = std::move(actor)](Sql& sql
                ) -> Result<> {
        ledger::hold_lane(sql, now, lane, held, actor);
        return {};
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::vector<model::DeliveryId>>> Ledger::steer_all(
    model::EndpointName lane,
    model::DeliveryState from,
    model::DeliveryState wanted,
    std::string actor,
    std::size_t limit
) {
    auto work =
        [now = impl_->clock.now(), lane = std::move(lane), from, wanted, actor = std::move(actor), limit](
            Sql& sql
        ) { return ledger::steer_all(sql, now, lane, from, wanted, actor, limit); };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<Attempt>> Ledger::begin(model::DeliveryId delivery, int attempt) {
    auto work = [now = impl_->clock.now(), delivery, attempt](Sql& sql) {
        return ledger::begin(sql, now, delivery, attempt);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<Settled>> Ledger::settle(
    model::DeliveryId delivery, int attempt, model::Outcome outcome, Time next_due
) {
    auto work = [now = impl_->clock.now(), delivery, attempt, outcome = std::move(outcome), next_due](Sql& sql
                ) { return ledger::settle(sql, now, delivery, attempt, outcome, next_due); };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<Attempt>> Ledger::open_attempt(model::DeliveryId delivery) {
    auto work = [delivery](Sql& sql) { return ledger::open_attempt(sql, delivery); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<model::DeliveryState>> Ledger::steer(
    model::DeliveryId delivery, model::DeliveryState wanted, std::string actor
) {
    auto work = [now = impl_->clock.now(), delivery, wanted, actor = std::move(actor)](Sql& sql) {
        return ledger::steer(sql, now, delivery, wanted, actor);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::vector<IncomingView>>> Ledger::incoming(
    model::EndpointName endpoint, std::vector<std::string> doc_ids
) {
    auto work = [endpoint = std::move(endpoint), ids = std::move(doc_ids)](Sql& sql
                ) -> Result<std::vector<IncomingView>> { return ledger::incoming(sql, endpoint, ids); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::acknowledged(model::EndpointName endpoint, std::vector<std::string> doc_ids) {
    auto work = [now = impl_->clock.now(), endpoint = std::move(endpoint), ids = std::move(doc_ids)](Sql& sql
                ) { return ledger::acknowledged(sql, now, endpoint, ids); };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::quarantine(
    IncomingRef ref,
    model::MessageKind kind,
    Error why,
    std::optional<StoredEnvelope> envelope,
    std::vector<NewBlob> blobs,
    std::string raw_head
) {
    auto work = [now = impl_->clock.now(),
                 ref = std::move(ref),
                 kind,
                 why = std::move(why),
                 envelope = std::move(envelope),
                 blobs = std::move(blobs),
                 raw = std::move(raw_head)](Sql& sql) {
        return ledger::quarantine(sql, now, ref, kind, why, envelope, blobs, raw);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::polled(model::EndpointName endpoint) {
    auto work = [now = impl_->clock.now(), endpoint = std::move(endpoint)](Sql& sql) {
        return ledger::polled(sql, endpoint, now);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::optional<MessageView>>> Ledger::message(model::MessageId id) {
    auto work = [id](Sql& sql) -> Result<std::optional<MessageView>> { return ledger::message(sql, id); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<MessageView>>> Ledger::find(Filter filter) {
    auto work = [filter = std::move(filter)](Sql& sql) -> Result<std::vector<MessageView>> {
        return ledger::find(sql, filter);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<StoredEnvelope>> Ledger::envelope(model::MessageId id) {
    auto work = [id](Sql& sql) { return ledger::envelope(sql, id); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<StoredEnvelope>> Ledger::rendition(model::DeliveryId id) {
    auto work = [id](Sql& sql) { return ledger::rendition(sql, id); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<BlobText>> Ledger::blob(Sha256 sha256) {
    auto work = [sha256](Sql& sql) { return ledger::blob(sql, sha256); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<EventView>>> Ledger::events(
    model::EndpointName endpoint, std::int64_t after, std::size_t limit
) {
    auto work = [endpoint = std::move(endpoint), after, limit](Sql& sql) -> Result<std::vector<EventView>> {
        return ledger::events(sql, endpoint, after, limit);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<HandOver>>> Ledger::hand_overs(
    model::EndpointName endpoint, std::int64_t through, std::size_t limit
) {
    auto work = [endpoint = std::move(endpoint), through, limit](Sql& sql) -> Result<std::vector<HandOver>> {
        return ledger::hand_overs(sql, endpoint, through, limit);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::int64_t>> Ledger::acknowledged_through(model::EndpointName endpoint) {
    auto work = [endpoint = std::move(endpoint)](Sql& sql) -> Result<std::int64_t> {
        return ledger::acknowledged_through(sql, endpoint);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<Story>> Ledger::story(model::MessageId id) {
    auto work = [id](Sql& sql) -> Result<Story> { return ledger::story(sql, id); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<Evidence>> Ledger::evidence(model::MessageId id) {
    auto work = [id](Sql& sql) { return ledger::evidence(sql, id); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::string>> Ledger::material(Sha256 sha256) {
    auto work = [sha256](Sql& sql) { return ledger::material(sql, sha256); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<LaneView>>> Ledger::lanes() {
    auto work = [](Sql& sql) -> Result<std::vector<LaneView>> { return ledger::lanes(sql); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<IncomingView>>> Ledger::quarantined(std::size_t limit) {
    auto work = [limit](Sql& sql) -> Result<std::vector<IncomingView>> {
        return ledger::quarantined(sql, limit);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<SentFact>>> Ledger::sent(
    model::EndpointName endpoint, Time from, Time until, std::size_t limit
) {
    auto work = [endpoint = std::move(endpoint), from, until, limit](Sql& sql
                ) -> Result<std::vector<SentFact>> {
        return ledger::sent(sql, endpoint, from, until, limit);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<std::string>>> Ledger::silent_endpoints(Time before) {
    auto work = [before](Sql& sql) -> Result<std::vector<std::string>> {
        return ledger::silent_endpoints(sql, before);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::vector<Sha256>>> Ledger::unknown_blobs(std::vector<Sha256> candidates) {
    auto work = [candidates = std::move(candidates)](Sql& sql) -> Result<std::vector<Sha256>> {
        return ledger::unknown_blobs(sql, candidates);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::optional<std::int64_t>>> Ledger::verify_journal() {
    auto work = [](Sql& sql) -> Result<std::optional<std::int64_t>> { return ledger::verify_journal(sql); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<Purged>> Ledger::purge(PurgeOrder order) {
    auto work = [now = impl_->clock.now(), order = std::move(order)](Sql& sql) -> Result<Purged> {
        return ledger::purge(sql, order, now);
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::optional<Checkpoint>>> Ledger::checkpoint_due() {
    auto work = [](Sql& sql) -> Result<std::optional<Checkpoint>> { return ledger::checkpoint_due(sql); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::keep_checkpoint(Checkpoint checkpoint) {
    auto work = [checkpoint = std::move(checkpoint)](Sql& sql) -> Result<> {
        ledger::keep_checkpoint(sql, checkpoint);
        return {};
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<std::vector<Checkpoint>>> Ledger::checkpoints(Time after) {
    auto work = [after](Sql& sql) -> Result<std::vector<Checkpoint>> {
        return ledger::checkpoints(sql, after);
    };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<std::optional<Sha256>>> Ledger::journal_hash(std::int64_t seq) {
    auto work = [seq](Sql& sql) -> Result<std::optional<Sha256>> { return ledger::journal_hash(sql, seq); };
    auto result = co_await impl_->read(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::touch() {
    auto work = [now = impl_->clock.now()](Sql& sql) -> Result<> {
        // Counting makes the row differ from before: SQLite does not write what has not changed.
        sql.run(
            "INSERT INTO endpoint_state(endpoint, seq, polled) VALUES('', 1, ?) ON CONFLICT(endpoint) DO "
            "UPDATE SET seq = seq + 1,"
            " polled = excluded.polled",
            now
        );
        return {};
    };
    auto result = co_await impl_->write(std::move(work));
    co_return result;
}

Task<Result<>> Ledger::look_for_damage() {
    auto work = [](Sql& sql) -> Result<> {
        const auto found = sql.db().execAndGet("PRAGMA quick_check(1)").getString();
        return found == "ok" ? Result<>{} : Result<>{Error{errc::ledger_damaged, found}};
    };
    auto result = co_await impl_->read(std::move(work));
    if (result) *impl_->damaged = false;
    if (!result && result.error().code == errc::ledger_damaged) *impl_->damaged = true;
    co_return result;
}

bool Ledger::damaged() const {
    return *impl_->damaged;
}

bool Ledger::healthy() const {
    return impl_->writer.healthy();
}

Time Ledger::last_commit() const {
    return impl_->writer.last_commit();
}

CommitCount Ledger::committed() const {
    return impl_->writer.committed();
}

}  // namespace axis::ledger
