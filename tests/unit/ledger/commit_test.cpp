// Goal: many jobs share one commit without disturbing each other, and nothing dangles when the ledger goes
// first. Method: the store pool is blocked by a gate while jobs gather; syncs are counted through the VFS.
#include "tests/support/ledger_builders.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <future>

using namespace axis;
using test::LedgerBench;
using test::Letter;

TEST_SUITE_BEGIN("ledger/commit");

namespace {

// Blocks a pool of one thread until it is opened.
class Gate {
public:
    explicit Gate(Pool& pool) {
        auto blocked = [open = open_.get_future().share()] { open.wait(); };
        pool.post(std::move(blocked));
    }
    void open() { open_.set_value(); }

private:
    std::promise<void> open_;
};

template <class T = void>
struct Answer {
    std::optional<Result<T>> value;
};

// Starts the task, which then waits for its pool.
template <class T>
void start(LedgerBench& bench, Task<Result<T>> task, Answer<T>& answer) {
    auto done = [&answer](const std::exception_ptr& error, Result<T> result) {
        if (!error) answer.value = std::move(result);
    };
    asio::co_spawn(bench.io, std::move(task), std::move(done));
    bench.io.restart();
    bench.io.poll();
}

void finish(LedgerBench& bench) {
    bench.io.restart();
    bench.io.run();
}

}  // namespace

TEST_CASE("two hundred acceptances at once share a commit, and all are there") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    std::vector<Answer<ledger::Accepted>> answers(200);
    const auto syncs = bench.disk.syncs();

    Gate gate{bench.store};
    for (auto& answer : answers) {
        const auto number = std::to_string(&answer - answers.data());
        start(bench, bench.ledger->accept(bench.make(Letter{.number = number})), answer);
    }
    gate.open();
    finish(bench);

    CHECK(bench.disk.syncs() - syncs < 10);
    REQUIRE(bench.open().has_value());
    for (const auto& answer : answers) {
        REQUIRE(answer.value);
        REQUIRE(answer.value->has_value());
        CHECK(bench.message(answer.value->value().id).recipients.size() == 1);
    }
    CHECK(!bench(bench.ledger->verify_journal()).value());
}

TEST_CASE("a job that fails does not disturb its neighbours in the commit, and leaves nothing") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    const auto before = bench.make(Letter{.number = "1"});
    auto broken = bench.make(Letter{.number = "2", .file = "không có"});
    broken.blobs.clear();  // its hole points to nothing: fails half-way
    const auto after = bench.make(Letter{.number = "3"});
    Answer<ledger::Accepted> first, second, third;
    Answer<ledger::Attempt> stale;
    Answer<> touched;

    Gate gate{bench.store};
    start(bench, bench.ledger->accept(before), first);
    start(bench, bench.ledger->accept(broken), second);
    start(bench, bench.ledger->begin({4711}, 1), stale);
    start(bench, bench.ledger->accept(after), third);
    start(bench, bench.ledger->touch(), touched);
    gate.open();
    finish(bench);

    CHECK(first.value->has_value());
    CHECK(second.value->error().code == errc::io_failed);
    CHECK(stale.value->error().code == errc::stale);
    CHECK(third.value->has_value());
    CHECK(touched.value->has_value());
    CHECK(bench.ledger->healthy());
    CHECK(bench.message(before.id).recipients.size() == 1);
    CHECK(bench.message(after.id).recipients.size() == 1);
    CHECK(!bench(bench.ledger->message(broken.id)).value());
    CHECK(!bench(bench.ledger->verify_journal()).value());
}

TEST_CASE("within one commit the second of two equal requests sees the first") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{.key = "k"});
    Answer<ledger::Accepted> first, second, third;

    Gate gate{bench.store};
    start(bench, bench.ledger->accept(a), first);
    start(bench, bench.ledger->accept(bench.make(Letter{.key = "k"})), second);
    start(bench, bench.ledger->accept(bench.make(Letter{})), third);
    gate.open();
    finish(bench);

    CHECK(first.value->value().how == ledger::Accepted::How::stored);
    CHECK(second.value->value().how == ledger::Accepted::How::replayed);
    CHECK(third.value->value().how == ledger::Accepted::How::duplicate);
    CHECK(second.value->value().id == a.id);
}

TEST_CASE("when the commit fails, every job of it answers io_failed, refusals too") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    const auto letter = bench.make(Letter{});
    REQUIRE(bench.accept(letter).has_value());
    const auto id = bench.delivery(letter.id);
    Answer<ledger::Attempt> begun, again, next;

    Gate gate{bench.store};
    start(bench, bench.ledger->begin(id, 1), begun);
    start(bench, bench.ledger->begin(id, 1), again);
    bench.disk.fail_call(1, SQLITE_IOERR);
    gate.open();
    finish(bench);

    CHECK(begun.value->error().code == errc::io_failed);
    CHECK(again.value->error().code == errc::io_failed);
    CHECK(!bench.ledger->healthy());
    start(bench, bench.ledger->begin(id, 1), next);
    finish(bench);
    CHECK(next.value->has_value());
    CHECK(bench.ledger->healthy());
}

TEST_CASE("more waiting jobs than allowed are refused at once, the others are done") {
    LedgerBench bench{1, 2};
    bench.limits.waiting_jobs_max = 3;
    bench.limits.batch_jobs_max = 2;
    REQUIRE(bench.open().has_value());
    std::vector<Answer<>> answers(4);

    Gate gate{bench.store};
    for (auto& answer : answers) start(bench, bench.ledger->touch(), answer);
    REQUIRE(answers[3].value);
    CHECK(answers[3].value->error().code == errc::overloaded);
    gate.open();
    finish(bench);

    for (std::size_t i = 0; i < 3; ++i) CHECK(answers[i].value->has_value());
}

TEST_CASE("a ledger that goes while it writes finishes what was submitted") {
    LedgerBench bench{1, 2};
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    Answer<ledger::Accepted> answer;

    Gate gate{bench.store};
    start(bench, bench.ledger->accept(a), answer);
    gate.open();
    bench.ledger.reset();
    finish(bench);

    CHECK(answer.value->has_value());
    REQUIRE(bench.open().has_value());
    CHECK(bench.message(a.id).id == a.id);
}

TEST_CASE("a ledger that goes while it reads leaves the readers to finish") {
    LedgerBench bench{0, 1};
    REQUIRE(bench.open().has_value());
    const auto a = bench.make(Letter{});
    REQUIRE(bench.accept(a).has_value());
    Answer<std::optional<ledger::MessageView>> answer;

    Gate gate{bench.readers};
    start(bench, bench.ledger->message(a.id), answer);
    bench.ledger.reset();
    gate.open();
    finish(bench);

    CHECK(answer.value->value()->id == a.id);
}

TEST_CASE("the log is moved into the file when it is long, and grows on while a reader holds it") {
    LedgerBench bench;
    bench.limits.wal_pages_max = 8;
    REQUIRE(bench.open().has_value());
    const auto wal = [&] { return std::filesystem::file_size(bench.file.string() + "-wal"); };
    const auto put = [&](int number) {
        return bench.accept(bench.make(Letter{.number = std::to_string(number)}));
    };
    for (int i = 0; i < 40; ++i) REQUIRE(put(i).has_value());
    const auto bounded = wal();
    CHECK(bounded < 16'384u * 60);

    sqlite3* reader = nullptr;
    REQUIRE(sqlite3_open(bench.file.c_str(), &reader) == SQLITE_OK);
    sqlite3_exec(
        reader,
        "PRAGMA wal_autocheckpoint = 0; BEGIN; SELECT count(*) FROM message",
        nullptr,
        nullptr,
        nullptr
    );
    for (int i = 40; i < 43; ++i) REQUIRE(put(i).has_value());
    sqlite3_exec(reader, "COMMIT", nullptr, nullptr, nullptr);
    REQUIRE(put(43).has_value());  // appended behind the others, then all of them are moved
    const auto grown = wal();
    CHECK(grown > bounded);
    for (int i = 44; i < 60; ++i) REQUIRE(put(i).has_value());
    CHECK(wal() == grown);
    sqlite3_db_config(reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_close(reader);
}

TEST_CASE("last_commit moves with real commits only") {
    LedgerBench bench;
    REQUIRE(bench.open().has_value());
    const auto opened = bench.ledger->last_commit();
    bench.clock.advance(std::chrono::seconds{1});
    CHECK(bench(bench.ledger->begin({4711}, 1)).error().code == errc::stale);
    CHECK(bench.ledger->last_commit() == opened);
    REQUIRE(bench(bench.ledger->touch()).has_value());
    CHECK(bench.ledger->last_commit() == bench.clock.now());
}

TEST_SUITE_END();
