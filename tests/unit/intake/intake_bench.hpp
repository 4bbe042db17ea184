// A whole intake: ledger and spool in a temporary folder, a ministry with two departments, and the axis.
//
//   G98 (endpoint bo) · G98.11 (cuc1) · G98.12 (cuc2): fetched by their software · everyone else: national
#pragma once

#include "gateway/base/base64.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/intake/intake.hpp"
#include "gateway/intake/lookup.hpp"
#include "tests/support/ledger_builders.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace axis::test {

struct File {
    std::string name;
    std::string bytes;
    std::string sha256{};  // as announced; "" = not
};

inline std::string noise(std::size_t size, std::uint64_t seed) {
    SeededRandom random{seed};
    std::string out(size, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}
inline File pdf(std::size_t size = 300'000) {
    return {"công văn.pdf", "%PDF-1.7\n" + noise(size, 5), ""};
}
inline File xlsx() {
    return {"phụ lục.xlsx", noise(5'000, 6), ""};
}

struct Parcel {
    std::string from = "G98.12";
    std::vector<std::string> to = {"G99", "G97", "G98.11"};
    std::string number = "1";
    std::string document_id{};
    std::string external_id{};
    std::string security_class = "thuong";
    std::vector<File> files = {pdf(), xlsx()};
    std::vector<std::string> announced{};  // names; empty: those of the files

    std::string json() const {
        boost::json::object o{
            {"from", from},
            {"code", {{"number", number}, {"notation", "GM-VP"}}},
            {"issued", {{"date", "2026-11-21"}}},
            {"type", {{"name", "Giấy mời"}}},
            {"subject", "Mời họp"},
            {"security_class", security_class},
            {"restricted_publication", false},
            {"denunciation", false}};
        boost::json::array recipients;
        for (const auto& code : to) recipients.emplace_back(code);
        o["to"] = std::move(recipients);
        if (!document_id.empty()) o["document_id"] = document_id;
        if (!external_id.empty()) o["external_id"] = external_id;
        boost::json::array list;
        for (const auto& file : files) {
            boost::json::object one{{"name", file.name}};
            if (!file.sha256.empty()) one["sha256"] = file.sha256;
            list.push_back(std::move(one));
        }
        if (!announced.empty()) list.clear();
        for (const auto& name : announced) list.push_back(boost::json::object{{"name", name}});
        o["files"] = std::move(list);
        return boost::json::serialize(o);
    }
};

// What stands at a JSON pointer: a text as it is, anything else as JSON.
inline std::string said(const boost::json::value& value, std::string_view pointer) {
    const auto& at = value.at_pointer(pointer);
    return at.is_string() ? std::string{at.as_string()} : boost::json::serialize(at);
}

inline model::AgencyCode code(const std::string& text) {
    return model::AgencyCode::parse(text).value();
}

class IntakeBench : public LedgerBench {
public:
    explicit IntakeBench(std::size_t threads = 0) : LedgerBench{threads, threads}, files{"files", threads} {
        if (!open()) throw std::runtime_error("no ledger");
        spool = spool::Spool::open(dir / "spool", {4096}, spool::posix_disk()).value();
        content = std::make_unique<intake::Content>(*ledger, *spool, files, intake::ContentLimits{10'000});
        lookup = std::make_unique<intake::Lookup>(io, *ledger, *content, clock);
        settings.uploads_per_endpoint_max = 2;
        settings.arrivals_open_max = 2;
        settings.hand_overs_per_commit = 2;
        rebuild();
    }

    // After a change of `settings`.
    void rebuild() {
        auto wake = [this](const ledger::Accepted& accepted) {
            for (const auto& name : accepted.lanes) woken.push_back(name.text);
            for (const auto& name : accepted.listeners) lookup->wake(name);
        };
        intake = std::make_unique<intake::Intake>(
            intake::Parts{*ledger, *spool, directory, clock, random, files, wake, signatures.get()}, settings
        );
    }

    static directory::Directory ministry() {
        using directory::Endpoint;
        std::vector<directory::Agency> agencies;
        for (const auto* text : {"G98", "G98.11", "G98.12", "G97", "G99"})
            agencies.push_back({code(text), std::string{"Bộ Thử nghiệm "} + text, "", {}});
        const auto live = directory::Mode::live;
        return {
            code("G98"),
            agencies,
            {Endpoint{{"bo"}, live, true, {code("G98")}, false},
             Endpoint{{"cuc1"}, live, true, {code("G98.11")}, false},
             Endpoint{{"cuc2"}, live, true, {code("G98.12")}, false},
             Endpoint{{"national"}, live, false, {}, true}}};
    }

    static ports::Caller caller(const std::string& endpoint) { return {{endpoint}, "test"}; }

    // ---- packages

    Result<std::unique_ptr<ports::PackageUpload>> upload(
        const std::string& endpoint, const Parcel& parcel, std::optional<std::string> key
    ) {
        auto upload = intake->open_upload(caller(endpoint), std::move(key));
        if (!upload) return upload.error();
        auto taken = (*upload)->package(parcel.json());
        if (!taken) return taken.error();
        for (const auto& one : parcel.files) {
            auto begun = (*upload)->begin_file(one.name);
            if (!begun) return begun.error();
            for (std::size_t at = 0; at < one.bytes.size(); at += 70'001) {
                auto fed = (*upload)->file(std::string_view{one.bytes}.substr(at, 70'001));
                if (!fed) return fed.error();
            }
            auto ended = (*upload)->end_file();
            if (!ended) return ended.error();
        }
        return upload;
    }
    Result<ports::Receipt> submit(
        const Parcel& parcel,
        std::optional<std::string> key = {},
        const std::string& endpoint = "cuc2",
        bool dry_run = false
    ) {
        auto ready = upload(endpoint, parcel, std::move(key));
        if (!ready) return ready.error();
        return now(intake->submit(std::move(*ready), dry_run));
    }
    model::MessageId submitted(const Parcel& parcel) {
        return model::MessageId::parse(submit(parcel).value().id).value();
    }

    // ---- envelopes from the axis

    Result<ports::Arrived> arrive(
        std::string_view bytes,
        const std::string& doc_id,
        model::MessageKind kind = model::MessageKind::document,
        std::size_t piece = 65'536
    ) {
        auto arrival = intake->open({"national"}, doc_id, kind);
        if (!arrival) return arrival.error();
        for (std::size_t at = 0, step = piece; at < bytes.size();
             at += step, step = piece == 1 ? step % 97 + 1 : piece) {
            auto fed = now((*arrival)->feed(bytes.substr(at, step)));
            if (!fed) return fed.error();
        }
        return now((*arrival)->finish());
    }
    static std::string foreign(
        std::vector<std::string> to, const std::vector<File>& attached, const std::string& number = "7"
    ) {
        model::Document d;
        d.from = organization("G99");
        for (const auto& text : to) d.to.push_back(organization(text));
        d.number = number;
        d.notation = "BTN-VP";
        d.issued = model::Date::read("2026/11/20");
        d.type.name = "Công văn";
        d.subject = "V/v thử nghiệm";
        d.document_id = "G99,2026/11/20," + number + "/BTN-VP";
        SeededRandom random{11};
        std::vector<std::string> texts;
        for (const auto& one : attached) {
            envelope::AttachmentEncoder encoder{one.name, random};
            encoder.update(one.bytes, texts.emplace_back());
            encoder.finish(texts.back());
            model::Attachment a;
            a.content_id = random.uuid();
            a.name = one.name;
            a.content_type = envelope::content_type_for(one.name);
            d.attachments.push_back(std::move(a));
        }
        auto written = envelope::write(d).value();
        for (auto i = texts.size(); i-- > 0;) written.skeleton.insert(written.hole_offsets.at(i), texts[i]);
        return written.skeleton;
    }
    static std::string foreign_status(
        const std::string& from,
        const std::string& organ,
        const std::string& document_id,
        const std::string& status = "03"
    ) {
        model::Status s;
        s.from = organization(from);
        s.response_for = {code(organ), "1/GM-VP", document_id, model::Date::read("2026/11/21")};
        s.code = status;
        s.description = "đã vào sổ";
        s.timestamp = "2026/11/21 10:00:00";
        Time at;
        if (parse_time(s.timestamp, at)) s.at = at;
        return envelope::write(s).value().skeleton;
    }
    ports::Known known(const std::string& doc_id) {
        return now(intake->known({"national"}, {doc_id})).value().at(0);
    }

    // ---- what is there

    std::vector<boost::json::value> told(const std::string& endpoint) {
        std::vector<boost::json::value> out;
        auto events = now(lookup->events(caller(endpoint), 0, 100, Duration{0})).value();
        for (const auto& text : events.json) out.push_back(boost::json::parse(text));
        return out;
    }
    std::vector<std::string> told_types(const std::string& endpoint) {
        std::vector<std::string> out;
        for (const auto& event : told(endpoint)) out.push_back(said(event, "/type"));
        return out;
    }
    ledger::MessageView view(model::MessageId id) { return now(ledger->message(id)).value().value(); }
    std::string all(ports::ByteStream& stream) {
        std::string out;
        for (;;) {
            const auto piece = now(stream.next()).value();
            if (piece.empty()) return out;
            out += piece;
        }
    }
    std::string envelope_text(model::MessageId id) {
        auto stream = content->envelope(now(ledger->envelope(id)).value());
        return all(*stream);
    }
    std::string rendition_text(model::DeliveryId id) {
        auto stream = content->envelope(now(ledger->rendition(id)).value());
        return all(*stream);
    }
    static envelope::Checked checked(std::string_view text) {
        SeededRandom random{1};
        envelope::Checker checker{random};
        if (!checker.feed(text)) throw std::runtime_error("not an envelope");
        return checker.finish().value();
    }
    static std::vector<std::string> named_in(std::string_view text) {
        std::vector<std::string> out;
        const auto document = std::get<model::Document>(checked(text).read.content);
        for (const auto& o : document.to) out.push_back(o.code.text());
        return out;
    }
    std::size_t spool_files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{dir / "spool"})
            if (entry.is_regular_file()) ++count;
        return count;
    }
    // One number or text out of the ledger's file, past its interface.
    std::string cell(const std::string& statement) const {
        sqlite3* db = nullptr;
        sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
        std::string out;
        const auto keep = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) = values[0] ? values[0] : "";
            return 0;
        };
        sqlite3_exec(db, statement.c_str(), keep, &out, nullptr);
        sqlite3_close(db);
        return out;
    }
    bool untouched() const {
        return spool_files() == 0 && cell("SELECT count(*) FROM message") == "0" &&
               cell("SELECT count(*) FROM blob") == "0" && cell("SELECT count(*) FROM envelope") == "0" &&
               cell("SELECT count(*) FROM journal") == "0";
    }

    // ---- driving

    template <class T>
    T now(Task<T> task) {
        std::optional<T> result;
        begin(std::move(task), result);
        while (!result) {
            io.restart();
            io.run_one();
        }
        return std::move(*result);
    }
    template <class T>
    void begin(Task<T> task, std::optional<T>& result) {
        auto done = [&result](std::exception_ptr error, T value) {
            if (error) std::rethrow_exception(error);
            result.emplace(std::move(value));
        };
        asio::co_spawn(io, std::move(task), std::move(done));
        settle();
    }
    void settle() {
        io.restart();
        while (io.poll() > 0) io.restart();
    }

    Pool files;
    std::unique_ptr<spool::Spool> spool;
    directory::Directory directory = ministry();
    intake::Settings settings;
    std::unique_ptr<intake::Signatures> signatures;  // nothing: none are judged, none are made
    std::unique_ptr<intake::Content> content;
    std::unique_ptr<intake::Lookup> lookup;
    std::unique_ptr<intake::Intake> intake;
    std::vector<std::string> woken;
};

}  // namespace axis::test
