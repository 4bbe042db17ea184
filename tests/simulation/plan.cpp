// What will happen in the world: written down from its chance before it begins.
#include "gateway/base/base64.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/writer.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>

namespace axis::simulation {

namespace {

constexpr unsigned large_per_mille = 6;  // what lanes call large: it goes by a way of its own
constexpr Duration busy{hours{24 * 25}};

model::Organization organization(const std::string& code) {
    model::Organization out;
    out.code = *model::AgencyCode::parse(code);
    out.name = "Bộ Mô phỏng " + code;
    return out;
}

// As a partner's software writes it.
std::string envelope_of(const Letter& letter) {
    model::Document d;
    d.from = organization(letter.from);
    for (const auto& code : letter.to) d.to.push_back(organization(code));
    d.number = letter.number();
    d.notation = "MP-VP";
    d.issued = model::Date::read("2026/11/20");
    d.type.name = "Công văn";
    d.subject = letter.mark();
    d.document_id = letter.from + ",2026/11/20," + letter.full_number();
    for (const auto& file : letter.files) {
        model::Attachment a;
        a.content_id = "file-" + std::to_string(d.attachments.size()) + "-" + letter.number();
        a.name = file.name;
        a.content_type = envelope::content_type_for(file.name);
        d.attachments.push_back(std::move(a));
    }
    auto written = envelope::write(d).value();
    for (auto i = letter.files.size(); i-- > 0;)
        written.skeleton.insert(written.hole_offsets.at(i), base64_encode(letter.files[i].bytes));
    return written.skeleton;
}

std::string envelope_of(const Report& report, const Letter& letter) {
    model::Status s;
    s.from = organization(report.from);
    s.response_for = {
        *model::AgencyCode::parse(letter.from),
        letter.full_number(),
        letter.from + ",2026/11/21," + letter.full_number(),
        model::Date::read("2026/11/21")};
    s.code = report.code;
    s.description = report.mark();
    s.timestamp = "2026/12/01 08:00:00";
    return envelope::write(s).value().skeleton;
}

}  // namespace

void World::plan() {
    settings_.attempts_max = 1 + time_.pick(6);
    if (time_.chance(100)) skew_most_ = minutes{40};
    settings_.window_max = 4 + time_.pick(60);
    settings_.over_broker = plan_.kind != Plan::Kind::outage && plan_.seed % 4 == 0;
    settings_.ledger.wal_pages_checkpoint = 100 + static_cast<std::int64_t>(time_.pick(200));
    settings_.ledger.wal_pages_max = 400;
    quiet_ = begin_ + busy + hours{24};
    for (auto* one : {&national_, &tinh_}) one->on_letter = [this](Letter& letter) { answer_letter(letter); };
    for (auto& u : units_) {
        u.on_letter = [this](Letter& letter, Unit& reader) { read_letter(letter, reader); };
        time_.after(time_.between(minutes{1}, hours{2}), [&u] { u.begin_fetching(); });
    }
    if (plan_.kind == Plan::Kind::outage) {
        plan_long_outage();
        return;
    }
    plan_letters();
    plan_trouble();
    time_.at(quiet_, [this] {
        for (auto* one : {&national_, &tinh_}) one->calm();
        for (auto& u : units_) u.calm();
    });
    time_.after(hours{3}, [this] { look(); });
    for (int day = 2; day < 26; day += 3) time_.at(begin_ + hours{24 * day}, [this] { collect(); });
}

// Half of them come in bursts: lanes have to choose.
void World::plan_letters() {
    std::vector<Time> bursts;
    for (int i = 0; i < 6; ++i) bursts.push_back(begin_ + time_.between(hours{1}, busy));
    for (std::size_t i = 0; i < plan_.own_letters + plan_.foreign_letters; ++i) {
        const auto when = time_.chance(500)
                              ? bursts[time_.pick(bursts.size())] + time_.between(Duration{0}, seconds{20})
                              : begin_ + time_.between(minutes{10}, busy);
        write_letter(when, i >= plan_.own_letters);
    }
}

std::vector<File> World::write_files() {
    std::vector<File> files;
    const auto count = 1 + time_.pick(2);
    for (std::size_t i = 0; i < count; ++i) {
        std::string bytes;
        if (!shared_files_.empty() && time_.chance(150)) {
            bytes = shared_files_[time_.pick(shared_files_.size())];  // the same annex to many letters
        } else {
            bytes.resize(time_.chance(200) ? 2'000 + time_.pick(8'000) : 50 + time_.pick(900));
            time_.random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
            if (time_.chance(large_per_mille)) bytes.resize(model::large_bytes, 'L');
            bytes.insert(0, "%PDF-1.7\n");  // recognised at once; noise costs a search through all kinds
            if (time_.chance(150)) shared_files_.push_back(bytes);
        }
        files.push_back({"tep-" + std::to_string(i + 1) + ".pdf", std::move(bytes)});
    }
    return files;
}

void World::write_letter(Time when, bool foreign) {
    static const std::vector<std::string> ours{"G98", "G98.11", "G98.12"};
    Letter letter;
    letter.n = papers_.letters.size();
    letter.created = when;
    letter.from = foreign ? (time_.chance(700) ? "G99" : "G97") : ours[time_.pick(ours.size())];
    letter.origin = endpoint_of(letter.from);
    letter.priority = time_.chance(150) ? 3 : 0;
    for (const auto& code : {"G99", "G97", "G98", "G98.11", "G98.12"}) {
        const bool possible = code != letter.from && (!foreign || axis_of(code).empty());
        if (possible && time_.chance(450)) letter.to.emplace_back(code);
    }
    if (letter.to.empty()) letter.to = {foreign ? "G98.11" : "G99"};
    letter.files = write_files();
    letter.refused = !foreign && time_.chance(40);
    const auto n = letter.n;
    papers_.letters.push_back(std::move(letter));
    time_.at(when, [this, n] { hand_over(n); });
}

void World::hand_over(std::size_t n) {
    const auto& letter = papers_.letters[n];
    if (letter.foreign())
        put_letter(n);
    else
        unit(letter.origin).post(n);
    // Now and then the collection comes while its texts are published and not yet known.
    const auto spooled = [this](const File& file) {
        return file.bytes.size() > settings_.spool.inline_bytes_max;
    };
    if (std::any_of(letter.files.begin(), letter.files.end(), spooled) && time_.chance(300))
        time_.after(upload_takes, [this] { steps_to_collection_ = 1 + time_.pick(8); });
}

void World::put_letter(std::size_t n) {
    const auto& letter = papers_.letters[n];
    auto& box = axis(letter.origin);
    const auto text = envelope_of(letter);
    box.put(model::MessageKind::document, text);
    if (time_.chance(120)) {
        time_.count("handed over twice");
        time_.after(time_.between(Duration{0}, hours{30}), [&box, text] {
            box.put(model::MessageKind::document, text);
        });
    }
    if (time_.chance(30)) {
        time_.count("poison");
        box.put(model::MessageKind::document, text.substr(0, text.size() / 2), true);
    }
    if (core_) core_->poke(letter.origin);
}

// Some recipients behind the axis answer with a status, after a while.
void World::answer_letter(Letter& letter) {
    taken_in_order_.push_back(letter.n);
    for (const auto& code : letter.to) {
        const auto through = axis_of(code);
        if (through.empty() || !axis(through).has(letter) || !time_.chance(500)) continue;
        Report report;
        report.n = papers_.reports.size();
        report.letter = letter.n;
        report.origin = through;
        report.from = code;
        report.code = "03";
        report.to_unit = letter.origin;
        const auto n = report.n;
        papers_.reports.push_back(std::move(report));
        time_.after(time_.between(minutes{1}, hours{30}), [this, n] {
            const auto& said = papers_.reports[n];
            auto& box = axis(said.origin);
            const auto text = envelope_of(said, papers_.letters[said.letter]);
            box.put(model::MessageKind::status, text);
            if (time_.chance(100)) box.put(model::MessageKind::status, text);
            if (core_) core_->poke(said.origin);
        });
    }
}

// A clerk registers what came, and the software says so.
void World::read_letter(Letter& letter, Unit& reader) {
    if (!time_.chance(400)) return;
    Report report;
    report.n = papers_.reports.size();
    report.letter = letter.n;
    report.origin = reader.name();
    for (const auto& code : letter.to)
        if (unit_of(code) == reader.name()) report.from = code;
    report.code = "03";
    report.to_axis = letter.foreign() ? letter.origin : "";
    report.to_unit = letter.foreign() ? "" : letter.origin;
    const auto n = report.n;
    papers_.reports.push_back(std::move(report));
    time_.after(time_.between(minutes{1}, hours{10}), [this, n] {
        unit(papers_.reports[n].origin).report(n);
    });
}

// It comes after some more steps of the gateway, whatever they are; or the disk dies first, at one of its
// next calls.
void World::prepare_crash() {
    if (!core_ || steps_to_crash_ > 0) {
        time_.after(hours{1}, [this] { prepare_crash(); });
        return;
    }
    crash_leaves_ = static_cast<Leaves>(time_.pick(3));
    steps_to_crash_ = 1 + time_.pick(150);
    if (time_.chance(400)) {
        time_.count("disk dies before the crash");
        storage_.ledger.die(1 + time_.pick(30));
    }
}

void World::plan_trouble() {
    const auto crashes = plan_.crashes_least + time_.pick(plan_.crashes_more + 1);
    for (std::size_t i = 0; i < crashes; ++i) {
        // Near a letter: that is when something is at stake.
        const auto& letter = papers_.letters[time_.pick(papers_.letters.size())];
        const auto when = letter.created + time_.between(Duration{0}, seconds{10});
        time_.at(when, [this] { prepare_crash(); });
    }
    for (int i = 0; i < 3; ++i)
        time_.at(begin_ + time_.between(hours{1}, busy), [this] {
            if (!core_ || steps_to_crash_ > 0) return;
            time_.count("disk fails for a while");
            disk_failed_ = true;
            storage_.ledger.die(1 + time_.pick(20));
            time_.after(time_.between(seconds{1}, minutes{20}), [this] { storage_.ledger.mend(); });
        });
    for (int i = 0; i < 4; ++i) time_.at(begin_ + time_.between(hours{1}, busy), [this] { set_clock(); });
    const auto from = begin_ + time_.between(hours{24}, hours{24 * 18});
    const auto length = time_.between(plan_.outage_least, plan_.outage_most);
    outage_end_ = from + length;
    auto& absent = time_.chance(700) ? national_ : tinh_;
    time_.at(from, [this, &absent] {
        time_.count("outage of more than a day");
        absent.away(outage_end_);
    });
}

void World::plan_long_outage() {
    constexpr std::size_t letters = 300;
    constexpr std::size_t urgent_each = 7;
    settings_.attempts_max = 4;
    for (auto* one : {&national_, &tinh_}) one->calm();
    const auto from = begin_ + hours{24};
    outage_end_ = from + hours{72};
    time_.at(from, [this] {
        time_.count("outage of 72 hours");
        national_.away(outage_end_);
    });
    for (std::size_t n = 0; n < letters; ++n) {
        write_letter(begin_ + time_.between(hours{1}, hours{100}), false);
        auto& letter = papers_.letters.back();
        letter.to = {"G99"};
        letter.refused = false;
        letter.priority = n % urgent_each == 0 ? 3 : 0;
    }
}

}  // namespace axis::simulation
