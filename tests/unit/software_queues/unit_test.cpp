// Goal: a command is answered once it is committed and forgotten once it is answered, whatever fails in
// between; events are told until they are settled. Method: a whole intake, a broker that is a list, a clock
// moved by hand.
#include "adapters/amqp/unit.hpp"

#include "gateway/base/mutation.hpp"
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace axis;
using namespace axis::test;
using namespace std::chrono_literals;

namespace {

struct Sent {
    std::string queue;
    amqp::Message message;
};

class Broker final : public software::Post {
public:
    Task<Result<>> publish(std::string queue, amqp::Message message) override {
        if (fails && queue.find(*fails) != std::string::npos)
            co_return Error{errc::broker_refused, "basic.nack"};
        sent.push_back({std::move(queue), std::move(message)});
        co_return Result<>{};
    }
    void acknowledge(amqp::Receipt receipt) override { acknowledged.push_back(receipt.tag); }

    std::vector<amqp::Message> of(std::string_view queue) const {
        std::vector<amqp::Message> out;
        for (const auto& one : sent)
            if (one.queue == queue) out.push_back(one.message);
        return out;
    }

    std::optional<std::string> fails;  // queues whose name has it
    std::vector<Sent> sent;
    std::vector<std::uint64_t> acknowledged;
};

class KeptFiles final : public ports::Claims {
public:
    Result<std::unique_ptr<ports::FileUpload>> open(ports::Caller) override { return Error{errc::internal}; }
    Task<Result<ports::Claim>> keep(std::unique_ptr<ports::FileUpload>) override {
        co_return Error{errc::internal};
    }
    Task<Result<std::unique_ptr<ports::ByteStream>>> read(ports::Caller caller, std::string claim) override {
        const auto at = files.find(caller.endpoint.text + "/" + claim);
        if (at == files.end()) co_return Error{errc::file_claim_unknown, claim};
        co_return std::unique_ptr<ports::ByteStream>{std::make_unique<Pieces>(at->second)};
    }

    std::map<std::string, std::string> files;

private:
    class Pieces final : public ports::ByteStream {
    public:
        explicit Pieces(const std::string& bytes) : bytes_{bytes} {}
        std::uint64_t length() const override { return bytes_.size(); }
        Task<Result<std::string_view>> next() override {
            const auto piece = std::string_view{bytes_}.substr(at_, 1000);
            at_ += piece.size();
            co_return piece;
        }

    private:
        const std::string& bytes_;
        std::size_t at_ = 0;
    };
};

class Bench : public IntakeBench {
public:
    explicit Bench(software::UnitLimits unit_limits = {})
        : unit_{{io, clock, files, *intake, *lookup, claims, broker}, "axisd", {"cuc2"}, unit_limits} {
        unit_.begin_life();
        settle();
    }
    ~Bench() {
        broker.fails.reset();
        lookup->stop();
        std::optional<bool> ended;
        auto stop = [](software::Unit& unit) -> Task<bool> {
            co_await unit.stop(0ms);
            co_return true;
        };
        begin(stop(unit_), ended);
        while (!ended) {
            io.restart();
            io.run_one();
        }
    }

    void command(std::string type, std::string body, std::string key = "k-1") {
        amqp::Received received;
        received.receipt.tag = ++tag_;
        received.message.type = std::move(type);
        received.message.body = std::move(body);
        received.message.id = std::move(key);
        unit_.received(std::move(received));
        settle();
    }
    void package(const Parcel& parcel, const std::string& key = "k-1") {
        boost::json::array list;
        for (const auto& one : parcel.files)
            list.push_back(boost::json::object{{"name", one.name}, {"base64", base64_encode(one.bytes)}});
        command(
            "package",
            "{\"package\":" + parcel.json() + ",\"files\":" + boost::json::serialize(list) + "}",
            key
        );
    }
    void later(Duration by) {
        clock.advance(by);
        settle();
    }
    void new_life() {
        unit_.begin_life();
        settle();
    }
    boost::json::value answer(std::size_t i = 0) { return boost::json::parse(answers().at(i).body); }
    std::vector<amqp::Message> answers() const {
        std::vector<amqp::Message> out;
        for (auto& message : broker.of("axisd.out.cuc2"))
            if (message.type != "events") out.push_back(std::move(message));
        return out;
    }
    // The seqs of the events in each message.
    std::vector<std::vector<std::int64_t>> pages() const {
        std::vector<std::vector<std::int64_t>> out;
        for (const auto& message : broker.of("axisd.out.cuc2")) {
            if (message.type != "events") continue;
            auto& seqs = out.emplace_back();
            const auto page = boost::json::parse(message.body);
            for (const auto& event : page.at("events").as_array()) seqs.push_back(event.at("seq").as_int64());
        }
        return out;
    }
    std::size_t kept() const { return std::stoul(cell("SELECT count(*) FROM message")); }
    void documents_arrive(int count) {
        for (int i = 0; i < count; ++i) {
            ++arrived_;
            const auto bytes = foreign({"G98.12"}, {xlsx()}, std::to_string(arrived_));
            arrive(bytes, "d" + std::to_string(arrived_)).value();
            settle();
        }
    }
    software::Unit& unit() { return unit_; }

    Broker broker;
    KeptFiles claims;

private:
    std::uint64_t tag_ = 0;
    int arrived_ = 0;
    software::Unit unit_;
};

const std::string problem_type = "problem";

Parcel small() {
    Parcel parcel;
    parcel.files = {xlsx()};
    return parcel;
}

}  // namespace

TEST_CASE("a package is committed, answered like REST, and only then forgotten") {
    Bench bench;

    bench.package(small());

    REQUIRE(bench.answers().size() == 1);
    const auto answer = bench.answers().front();
    CHECK(answer.type == "receipt");
    CHECK(answer.correlation_id == "k-1");
    CHECK(answer.content_type == "application/json");
    const auto id = model::MessageId::parse(said(bench.answer(), "/id")).value();
    CHECK(bench.view(id).number == "1/GM-VP");
    CHECK(bench.view(id).attachments.at(0).file_bytes == xlsx().bytes.size());
    CHECK(said(bench.answer(), "/recipients/2/code") == "G98.11");
    CHECK(bench.broker.acknowledged == std::vector<std::uint64_t>{1});
}

TEST_CASE("handed out again it is answered again, and kept once") {
    Bench bench;

    bench.package(small());
    bench.new_life();
    bench.package(small());

    REQUIRE(bench.answers().size() == 2);
    CHECK(said(bench.answer(0), "/id") == said(bench.answer(1), "/id"));
    CHECK(bench.kept() == 1);
    CHECK(bench.broker.acknowledged == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("the same key and content through REST is the same act") {
    Bench bench;
    const auto receipt = bench.submit(small(), "k-1").value();

    bench.package(small());

    CHECK(said(bench.answer(), "/id") == receipt.id);
    CHECK(bench.kept() == 1);
}

TEST_CASE("a refused command lies with its problem beside it, nothing of it is kept") {
    Bench bench;
    auto secret = small();
    secret.security_class = "mat";

    bench.package(secret);

    const auto refused = bench.broker.of("axisd.refused.cuc2");
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].type == "package");
    CHECK(refused[0].id == "k-1");
    CHECK(refused[0].body.find("\"mat\"") != std::string::npos);
    REQUIRE(refused[0].headers.size() == 1);
    REQUIRE(bench.answers().size() == 1);
    const auto answer = bench.answers().front();
    CHECK(answer.type == problem_type);
    CHECK(answer.content_type == "application/problem+json");
    CHECK(answer.correlation_id == "k-1");
    CHECK(refused[0].headers[0] == std::pair<std::string, std::string>{"problem", answer.body});
    CHECK(said(bench.answer(), "/code") == "policy.forbidden_class");
    CHECK(bench.kept() == 0);
    CHECK(bench.broker.acknowledged == std::vector<std::uint64_t>{1});
}

TEST_CASE("a problem too large for a header lies beside as its code alone, and is answered whole") {
    Bench bench;
    const auto file = R"({"name":")" + std::string(100'000, 'x') + R"(","base64":"YQ=="})";

    bench.command("package", "{\"package\":" + small().json() + ",\"files\":[" + file + "]}");

    const auto refused = bench.broker.of("axisd.refused.cuc2");
    REQUIRE(refused.size() == 1);
    CHECK(bench.answers().at(0).body.size() > 64 * 1024);
    CHECK(refused[0].headers.at(0).second.size() < 4096);
    CHECK(said(boost::json::parse(refused[0].headers[0].second), "/code") == "file.unlisted");
}

TEST_CASE("a key that is no text is not repeated in the problem") {
    Bench bench;

    bench.command("package", "{}", "\xff\xfe");

    CHECK(said(bench.answer(), "/request_id") == "");
    CHECK(bench.answers()[0].correlation_id == "\xff\xfe");
}

TEST_CASE("a dry run is answered and keeps nothing") {
    Bench bench;
    const auto file = R"({"name":"a.txt","base64":"YQ=="})";
    auto parcel = small();
    parcel.files = {{"a.txt", "a"}};

    bench.command("package", R"({"dry_run":true,"package":)" + parcel.json() + R"(,"files":[)" + file + "]}");

    CHECK(bench.answers().at(0).type == "receipt");
    CHECK(bench.kept() == 0);
}

TEST_CASE("what may succeed later waits, unanswered, and succeeds") {
    Bench bench;
    bench.intake->close_admission(errc::disk_full);

    bench.package(small());
    bench.later(1s);

    CHECK(bench.answers().empty());
    CHECK(bench.broker.acknowledged.empty());

    bench.intake->close_admission(errc::none);
    bench.later(5s);

    CHECK(bench.answers().size() == 1);
    CHECK(bench.kept() == 1);
    CHECK(bench.broker.acknowledged.size() == 1);
}

TEST_CASE("an answer the broker does not take keeps the command where it is") {
    Bench bench;
    bench.broker.fails = ".out.";

    bench.package(small());

    CHECK(bench.kept() == 1);
    CHECK(bench.broker.acknowledged.empty());

    bench.broker.fails.reset();
    bench.later(5s);

    CHECK(bench.answers().size() == 1);
    CHECK(bench.broker.acknowledged.size() == 1);
}

TEST_CASE("a refusal that cannot be laid beside is not answered either") {
    Bench bench;
    bench.broker.fails = ".refused.";

    bench.command("package", "{}");

    CHECK(bench.answers().empty());
    CHECK(bench.broker.acknowledged.empty());

    bench.broker.fails.reset();
    bench.later(5s);

    CHECK(bench.answers().at(0).type == problem_type);
    CHECK(bench.broker.acknowledged.size() == 1);
}

TEST_CASE("what an earlier life received is left to be handed out again") {
    Bench bench;
    bench.broker.fails = ".out.";
    bench.package(small());

    bench.broker.fails.reset();
    bench.new_life();
    bench.later(10s);

    CHECK(bench.answers().empty());
    CHECK(bench.broker.acknowledged.empty());

    bench.package(small());

    CHECK(bench.answers().size() == 1);
    CHECK(bench.kept() == 1);
}

TEST_CASE("files larger than a message come by claim, of this unit only") {
    Bench bench;
    Parcel parcel;
    parcel.files = {pdf()};
    bench.claims.files["cuc2/c-1"] = pdf().bytes;
    bench.claims.files["cuc1/c-2"] = pdf().bytes;
    const auto body = [&](const std::string& claim) {
        return "{\"package\":" + parcel.json() + ",\"files\":[{\"name\":\"" + pdf().name + "\",\"claim\":\"" +
               claim + "\"}]}";
    };

    bench.command("package", body("c-1"));
    bench.command("package", body("c-2"), "k-2");

    const auto id = model::MessageId::parse(said(bench.answer(0), "/id")).value();
    CHECK(bench.view(id).attachments.at(0).file_sha256 == sha256(pdf().bytes));
    CHECK(said(bench.answer(1), "/code") == "file.claim_unknown");
}

TEST_CASE("a status handed out twice is reported once") {
    Bench bench;
    bench.documents_arrive(1);
    const auto id = said(bench.told("cuc2").at(0), "/message_id");
    const auto body =
        R"({"message_id":")" + id +
        R"(","status":{"from":"G98.12","code":"03","at":"2026-11-26T08:00:00+07:00","description":"đã vào sổ"}})";

    bench.command("status", body, "s-1");
    bench.command("status", body, "s-1");

    REQUIRE(bench.answers().size() == 2);
    REQUIRE_MESSAGE(bench.answers()[0].type == "statuses", bench.answers()[0].body);
    CHECK(said(bench.answer(0), "/statuses/0/to") == "G99");
    CHECK(said(bench.answer(0), "/statuses/0/id") == said(bench.answer(1), "/statuses/0/id"));
    CHECK(bench.kept() == 2);
}

TEST_CASE("events are told as they come, and no longer once they are settled") {
    Bench bench;

    bench.documents_arrive(2);
    CHECK(bench.pages() == std::vector<std::vector<std::int64_t>>{{1}, {2}});

    bench.command("events.acknowledge", R"({"through":1})");
    bench.new_life();

    CHECK(bench.answers().empty());
    CHECK(bench.broker.acknowledged.size() == 1);
    CHECK(bench.pages().back() == std::vector<std::int64_t>{2});
    CHECK(bench.pages().size() == 3);
}

TEST_CASE("no more events are told than may be ahead, until some are settled") {
    software::UnitLimits limits;
    limits.events_ahead = 3;
    limits.events_at_once = 2;
    Bench bench{limits};
    bench.broker.fails = ".out.";
    bench.documents_arrive(5);
    bench.broker.fails.reset();

    bench.new_life();
    bench.later(5s);
    CHECK(bench.pages() == std::vector<std::vector<std::int64_t>>{{1, 2}, {3}});

    bench.command("events.acknowledge", R"({"through":2})");
    CHECK(bench.pages() == std::vector<std::vector<std::int64_t>>{{1, 2}, {3}, {4, 5}});
}

TEST_CASE("events that were lost with their queue are told again, those that wait in it are not") {
    Bench bench;
    bench.documents_arrive(1);
    bench.unit().out_waits(1);
    bench.later(11min);
    bench.later(30s);
    CHECK(bench.pages().size() == 1);

    bench.unit().out_waits(0);
    bench.later(30s);

    CHECK(bench.pages() == std::vector<std::vector<std::int64_t>>{{1}, {1}});
}

TEST_CASE("acknowledgements beside each other are taken in turn") {
    Bench bench;
    bench.documents_arrive(3);

    bench.command("events.acknowledge", R"({"through":1})", "a-1");
    bench.command("events.acknowledge", R"({"through":3})", "a-2");
    bench.command("events.acknowledge", R"({"through":9})", "a-3");

    CHECK(bench.now(bench.lookup->acknowledged(Bench::caller("cuc2"))).value() == 3);
    CHECK(bench.broker.acknowledged.size() == 3);
    CHECK(said(bench.answer(), "/code") == "http.parameter");
}
