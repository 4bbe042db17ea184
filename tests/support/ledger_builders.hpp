// A ledger in a folder of its own, and the messages that go into it: invented agencies, small texts.
//
// The file lies on a FaultyVfs, so that syncs cost no time; link tests/support/faulty_vfs.cpp.
//
//   G99 "Bộ Thử nghiệm" posts through endpoint "btn"; its documents leave through "national" for G98 and
//   others.
#pragma once

#include "gateway/base/random.hpp"
#include "gateway/exchange/matching.hpp"
#include "gateway/ledger/ledger.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_dir.hpp"

#include <memory>
#include <string>
#include <vector>

namespace axis::test {

struct Letter {
    std::string origin = "btn";
    std::string from = "G99";
    std::vector<std::string> to = {"G98"};
    std::string number = "251";
    std::string notation = "BTN-VP";
    std::string document_id = "";  // made from sender, date and number
    std::string file = "nội dung";
    std::string external_id = "";
    std::string key = "";     // idempotency
    std::string doc_id = "";  // came from the axis `origin` under this id
    std::string endpoint = "national";
    bool passive = false;
    bool held = false;
    int priority = 0;
};

// A status: G98 tells G99 about its letter.
struct Report {
    std::string from = "G98";
    std::string organ = "G99";
    std::string code = "03";
    std::string text = "";
    std::string timestamp = "2026/11/21 09:00:00";
    std::string document_id = "G99,2026/11/20,251/BTN-VP";
    std::string number = "251/BTN-VP";
    std::string date = "2026/11/20";
    std::string origin = "national";
    std::string doc_id = "";
    std::string endpoint = "btn";
    bool passive = true;
};

class LedgerBench {
public:
    explicit LedgerBench(std::size_t store_threads = 0, std::size_t reader_threads = 0)
        : store{"store", store_threads}, readers{"readers", reader_threads} {}

    Result<> open() {
        ledger.reset();
        auto opened = ledger::Ledger::open(file, clock, store, readers, limits, disk.name());
        if (!opened) return opened.error();
        ledger = std::move(*opened);
        return {};
    }

    template <class T>
    T operator()(Task<T> task) {
        return run(io, std::move(task));
    }
    Result<ledger::Accepted> accept(ledger::Acceptance a) { return run(io, ledger->accept(std::move(a))); }
    ledger::MessageView message(model::MessageId id) { return run(io, ledger->message(id)).value().value(); }
    model::DeliveryId delivery(model::MessageId id, std::size_t recipient = 0) {
        return message(id).recipients.at(recipient).delivery;
    }
    std::vector<ledger::EventView> events(const std::string& endpoint, std::int64_t after = 0) {
        return run(io, ledger->events({endpoint}, after, 1000)).value();
    }

    ledger::Acceptance make(const Letter& l) {
        auto a = bare(l.origin, l.from);
        auto& d = a.document;
        d.from = organization(l.from);
        d.number = l.number;
        d.notation = l.notation;
        d.issued = model::Date::read("2026/11/20");
        d.subject = "V/v thử nghiệm";
        d.document_id = l.document_id.empty()
                            ? model::make_document_id(d.from.code, d.issued, d.full_number())
                            : l.document_id;
        d.attachments.push_back(attachment(l.file));
        a.external_id = l.external_id;
        a.priority = l.priority;
        if (!l.key.empty()) a.idempotency = {l.key, sha256(l.key + l.file)};
        if (!l.doc_id.empty()) a.incoming = {{l.origin}, l.doc_id};
        a.digest = model::business_digest(d, d.from.code);
        fill_envelope(a, l.file);
        ledger::NewDelivery way{{l.endpoint}, l.passive, l.held, {}, {}, "document.received", "{\"a\":1}"};
        for (const auto& code : l.to) {
            way.recipients.push_back(a.recipients.size());
            a.recipients.push_back({organization(code), code});
            d.to.push_back(organization(code));
        }
        a.deliveries.push_back(std::move(way));
        return a;
    }

    ledger::Acceptance make(const Report& r) {
        auto a = bare(r.origin, r.from);
        ledger::NewStatus s;
        s.status.from = organization(r.from);
        s.status.response_for = {
            organization(r.organ).code, r.number, r.document_id, model::Date::read(r.date)};
        s.status.code = r.code;
        s.status.description = r.text;
        s.status.timestamp = r.timestamp;
        Time at;
        if (parse_time(r.timestamp, at)) s.status.at = at;
        s.keys = {r.code, r.from, r.organ, r.document_id, r.number, s.status.response_for.date.dashed()};
        a.status = std::move(s);
        if (!r.doc_id.empty()) a.incoming = {{r.origin}, r.doc_id};
        fill_envelope(a, "");
        a.recipients.push_back({organization(r.organ), r.organ});
        a.deliveries.push_back({{r.endpoint}, r.passive, false, {0}, {}, "status.received", "{}"});
        return a;
    }

    static model::Organization organization(const std::string& code) {
        model::Organization out;
        out.code = model::AgencyCode::parse(code).value();
        out.name = "Bộ Thử nghiệm " + code;
        return out;
    }

    TempDir dir;
    std::filesystem::path file = dir / "ledger.db";
    FaultyVfs disk{"axis-" + dir.path().filename().string()};
    asio::io_context io;
    ManualClock clock{io, Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}}};
    SeededRandom random{7};
    Pool store;
    Pool readers;
    ledger::Limits limits;
    std::unique_ptr<ledger::Ledger> ledger;

private:
    ledger::Acceptance bare(const std::string& origin, const std::string& from) {
        ledger::Acceptance a;
        a.at = clock.now();
        a.id = model::MessageId::make(a.at, random);
        a.origin = origin;
        a.actor = "endpoint:" + origin;
        a.from_key = from;
        a.match = exchange::match_status;
        a.life_until = a.at + std::chrono::hours{120};
        return a;
    }

    static model::Attachment attachment(const std::string& text) {
        model::Attachment out;
        out.name = "văn bản.pdf";
        out.content_type = "application/pdf";
        out.facts.text_sha256 = sha256(text);
        out.facts.text_bytes = text.size();
        out.facts.file_sha256 = sha256("file of " + text);
        out.facts.file_bytes = text.size() * 3 / 4;
        return out;
    }

    static void fill_envelope(ledger::Acceptance& a, const std::string& text) {
        a.envelope.skeleton = "<edXML>" + a.id.text() + "</edXML>";
        if (!text.empty()) {
            a.blobs.push_back({sha256(text), text.size(), text});
            a.envelope.holes.push_back({7, sha256(text), text.size(), false});
        }
        a.envelope.sha256 = sha256(a.envelope.skeleton + text);
        a.envelope.bytes = a.envelope.skeleton.size() + text.size();
    }
};

}  // namespace axis::test
