// A ledger filled without a daemon: what SQLite alone needs, and a past for a daemon to start on.
#include "gateway/exchange/matching.hpp"
#include "gateway/ledger/schema.hpp"
#include "gateway/ledger/use_cases.hpp"
#include "tests/bench/ledger_rows.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/pieces.hpp"

#include <sqlite3.h>

namespace axis::bench {

namespace {

class Letters {
public:
    explicit Letters(const FillPlan& plan) : plan_{plan} {
        sender_.code = model::AgencyCode::parse("G98").value();
        sender_.name = "Bộ Thử nghiệm";
        receiver_.code = model::AgencyCode::parse("G95").value();
        receiver_.name = "Bộ Đối tác C (mô phỏng)";
    }

    ledger::Acceptance next(Time at) {
        ++number_;
        const auto text = "R" + std::to_string(number_);
        ledger::Acceptance a;
        a.at = at;
        a.id = model::MessageId::make(at, random_);
        a.origin = "bo";
        a.actor = "endpoint:bo";
        a.from_key = "G98";
        a.external_id = "QLVB-" + text;
        a.match = exchange::match_status;
        a.life_until = at + std::chrono::hours{72};
        auto& d = a.document;
        d.from = sender_;
        d.number = std::to_string(number_);
        d.notation = "TMĐT-TTTH";
        d.issued = model::Date::read("2026/11/21");
        d.subject = "V/v trao đổi thử văn bản điện tử " + std::string(300, '.');
        d.document_id = model::make_document_id(d.from.code, d.issued, d.full_number());
        d.to.push_back(receiver_);
        add_file(a, text);
        a.digest = model::business_digest(d, d.from.code);
        a.recipients.push_back({receiver_, "G95"});
        a.deliveries.push_back({{"national"}, false, false, {0}, {}, "", ""});
        return a;
    }

private:
    void add_file(ledger::Acceptance& a, const std::string& text) {
        std::string bytes(plan_.text_bytes, 'A');
        bytes.replace(0, std::min(text.size(), bytes.size()), text.substr(0, bytes.size()));
        a.envelope.skeleton = std::string(plan_.skeleton_bytes, 'x');
        const auto digest = sha256(plan_.text_bytes == 0 ? text : bytes);
        a.envelope.sha256 = sha256(text);
        a.envelope.bytes = plan_.skeleton_bytes + plan_.text_bytes;
        if (plan_.text_bytes == 0) return;
        a.blobs.push_back({digest, bytes.size(), bytes});
        a.envelope.holes.push_back({100, digest, bytes.size(), false});
        model::Attachment file;
        file.name = "cong-van.pdf";
        file.content_type = "application/pdf";
        file.facts.text_sha256 = digest;
        file.facts.text_bytes = bytes.size();
        file.facts.file_sha256 = sha256(text);
        file.facts.file_bytes = bytes.size() * 3 / 4;
        a.document.attachments.push_back(std::move(file));
    }

    FillPlan plan_;
    SeededRandom random_{98};
    std::uint64_t number_ = 10'000'000;
    model::Organization sender_;
    model::Organization receiver_;
};

}  // namespace

Rows fill(const std::filesystem::path& ledger, const FillPlan& plan) {
    auto sql = ledger::open_writer(ledger, "", ledger::Opening::at_start).value();
    if (!plan.durable) sql->db().exec("PRAGMA synchronous = OFF");
    Letters letters{plan};
    asio::io_context io;
    const SystemClock clock{io};
    std::vector<double> times;
    const Watch watch;
    double making = 0;
    for (std::uint64_t done = 0; done < plan.count;) {
        std::vector<ledger::Acceptance> batch;
        const double before = seconds(CLOCK_MONOTONIC);
        for (; batch.size() < plan.batch && done < plan.count; ++done)
            batch.push_back(letters.next(clock.now()));
        const double began = seconds(CLOCK_MONOTONIC);
        making += began - before;
        sql->run("BEGIN IMMEDIATE");
        for (const auto& letter : batch) must(ledger::accept(*sql, letter).has_value(), "accept");
        if (plan.done)
            sql->run(
                "UPDATE delivery SET state = 7 WHERE id > (SELECT max(id) FROM delivery) - ?", plan.batch
            );
        sql->run("COMMIT");
        times.push_back(seconds(CLOCK_MONOTONIC) - began);
        // As the daemon does it when 16 MB have gathered.
        if (done % 4096 < plan.batch)
            sqlite3_wal_checkpoint_v2(
                sql->db().getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr
            );
    }
    const auto took = watch.wall() - making;
    sqlite3_wal_checkpoint_v2(sql->db().getHandle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    std::sort(times.begin(), times.end());
    Rows out;
    out.add("seconds", took);
    out.add("rate", static_cast<double>(plan.count) / took);
    out.add("p99_ms", times[times.size() * 99 / 100] * 1000);
    return out;
}

}  // namespace axis::bench
