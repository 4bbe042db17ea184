#include "tests/simulation/unit.hpp"

#include <algorithm>
#include <functional>

namespace axis::simulation {

namespace {

constexpr Duration repeat_after{seconds{90}};
constexpr Duration at_once{0};
constexpr std::size_t events_at_once = 20;

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

// What stands between `"key":"` and the next quote.
std::string field(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":\"");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
}

std::int64_t number(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":");
    return at == std::string::npos ? 0 : std::atoll(json.c_str() + at + key.size() + 3);
}

}  // namespace

std::string package_of(const Letter& letter) {
    std::string to;
    for (const auto& code : letter.to) to += (to.empty() ? "" : ",") + quoted(code);
    std::string files;
    for (const auto& file : letter.files)
        files += (files.empty() ? "{\"name\":" : ",{\"name\":") + quoted(file.name) + "}";
    return "{\"from\":" + quoted(letter.from) + ",\"to\":[" + to +
           "],\"code\":{\"number\":" + quoted(letter.number()) +
           ",\"notation\":\"MP-VP\"},\"issued\":{\"date\":\"2026-11-21\"},\"type\":{\"name\":"
           "\"Công văn\"},\"subject\":" +
           quoted(letter.mark()) + ",\"priority\":" + quoted(letter.priority == 3 ? "hoa_toc" : "thuong") +
           ",\"security_class\":\"thuong\",\"restricted_publication\":false,\"denunciation\":false,\"files\":"
           "[" +
           files + "]}";
}

// ---- letters

void Unit::post(std::size_t letter) {
    ++unanswered_;
    attempt_post(letter);
}

void Unit::attempt_post(std::size_t n) {
    if (papers_.letters[n].answered) return;
    if (core_ != nullptr) core_->spawn("post", post_session(n));
    // Without an answer by then it is posted again, whether or not the first one still lives.
    world_.after(repeat_after + world_.between(Duration{0}, minutes{3}), [this, n] { attempt_post(n); });
}

Result<std::unique_ptr<ports::PackageUpload>> Unit::upload(const Letter& letter) {
    auto opened = core_->intake->open_upload(caller(), "key-" + std::to_string(letter.n));
    if (!opened) return opened.error();
    auto taken = (*opened)->package(package_of(letter));
    if (!taken) return taken.error();
    for (const auto& file : letter.files) {
        auto begun = (*opened)->begin_file(file.name);
        if (!begun) return begun.error();
        auto fed = (*opened)->file(file.bytes);
        if (!fed) return fed.error();
        auto ended = (*opened)->end_file();
        if (!ended) return ended.error();
    }
    return opened;
}

Task<> Unit::post_session(std::size_t n) {
    auto* core = core_;
    auto ready = upload(papers_.letters[n]);
    if (!ready) {
        const Result<ports::Receipt> refused{ready.error()};
        answered(papers_.letters[n], refused);
        co_return;
    }
    co_await core->clock.sleep_for(upload_takes);
    auto receipt = co_await core->intake->submit(std::move(*ready), false);
    if (trouble(100)) {
        world_.count("answer to software lost");
        co_return;
    }
    answered(papers_.letters[n], receipt);
}

void Unit::answered(Letter& letter, const Result<ports::Receipt>& receipt) {
    if (!receipt) {
        world_.note("unit.refused", letter.n);
        world_.count("refusals to software");
        const auto code = receipt.error().code;
        if (code != errc::io_failed && code != errc::overloaded)
            world_.fail("letter " + std::to_string(letter.n) + " refused: " + to_string(receipt.error()));
        return;
    }
    const auto id = model::MessageId::parse(receipt->id);
    world_.note("unit.answered", letter.n);
    if (!id) {
        world_.fail("letter " + std::to_string(letter.n) + " answered without an id");
        return;
    }
    if (letter.id && *letter.id != *id)
        world_.fail("letter " + std::to_string(letter.n) + " answered with two ids");
    if (!letter.answered) --unanswered_;
    letter.answered = true;
    letter.id = id;
}

// ---- reports

void Unit::report(std::size_t report) {
    ++unanswered_;
    attempt_report(report);
}

void Unit::attempt_report(std::size_t n) {
    if (papers_.reports[n].answered) return;
    if (core_ != nullptr) core_->spawn("report", report_session(n));
    world_.after(repeat_after + world_.between(Duration{0}, minutes{3}), [this, n] { attempt_report(n); });
}

Task<> Unit::report_session(std::size_t n) {
    auto* core = core_;
    const auto& report = papers_.reports[n];
    const auto& letter = papers_.letters[report.letter];
    const auto id = *letter.id;
    std::string json = "{\"from\":" + quoted(report.from) + ",\"code\":" + quoted(report.code) +
                       ",\"description\":" + quoted(report.mark()) + ",\"at\":\"2026-12-01T08:00:00+07:00\"}";
    auto done = co_await core->intake->report(caller(), id, std::move(json));
    if (trouble(100)) {
        world_.count("answer to software lost");
        co_return;
    }
    if (!done) {
        world_.note("unit.report_refused", n);
        if (done.error().code != errc::io_failed && done.error().code != errc::overloaded)
            world_.fail("report " + std::to_string(n) + " refused: " + to_string(done.error()));
        co_return;
    }
    world_.note("unit.reported", n);
    if (!papers_.reports[n].answered) --unanswered_;
    papers_.reports[n].answered = true;
}

// ---- events

void Unit::begin_fetching() {
    if (core_ != nullptr) core_->spawn("fetch", fetch_session());
    const auto longest = trouble(30) ? Duration{hours{40}} : Duration{hours{8}};
    if (longest > hours{8}) world_.count("unit asleep");
    world_.after(world_.between(minutes{5}, longest), [this] { begin_fetching(); });
}

Task<> Unit::fetch_session() {
    auto* core = core_;
    // Now and then it has forgotten what it read and begins at what it acknowledged.
    const auto after = trouble(100) ? acknowledged_ : seen_;
    auto events = co_await core->lookup->events(caller(), after, events_at_once, at_once);
    if (!events) co_return;
    auto last = after;
    for (const auto& json : events->json) {
        const auto seq = number(json, "seq");
        if (seq <= last) world_.fail(name_ + ": events not in order");
        last = seq;
        const auto id = model::MessageId::parse(field(json, "message_id"));
        const bool is_new = !read_.contains(seq);
        event(seq, json, id.value_or(model::MessageId{}));
        const auto n = marked(json, "sim-");
        if (is_new && id && n && field(json, "type") == "document.received")
            co_await look_at_files(papers_.letters.at(*n), *id);
    }
    seen_ = std::max(seen_, last);
    if (seen_ == 0) co_return;
    if (trouble(200)) {
        world_.count("acknowledged late");
        co_return;
    }
    auto through = seen_;
    if (through > acknowledged_ && trouble(200)) {
        world_.count("acknowledged less than seen");
        through = acknowledged_ +
                  static_cast<std::int64_t>(world_.pick(static_cast<std::size_t>(through - acknowledged_)));
    }
    auto done = co_await core->intake->acknowledge_events(caller(), through);
    const bool lost = trouble(100);
    if (lost) world_.count("answer to software lost");
    if (done && !lost) acknowledged_ = std::max(acknowledged_, through);
    if (done && trouble(100)) {
        world_.count("acknowledged twice");
        auto again = co_await core->intake->acknowledge_events(caller(), through);
        if (again) world_.note("unit.acknowledged_again");
    }
}

Task<> Unit::look_at_files(Letter& letter, model::MessageId id) {
    auto* core = core_;
    for (std::size_t i = 0; i < letter.files.size(); ++i) {
        auto file = co_await core->lookup->attachment(caller(), id, i + 1);
        if (!file) {
            if (core->alive() && file.error().code != errc::io_failed)
                world_.fail(
                    name_ + " cannot fetch a file of letter " + std::to_string(letter.n) + ": " +
                    to_string(file.error())
                );
            co_return;
        }
        std::string bytes;
        for (;;) {
            auto piece = co_await file->stream->next();
            if (!piece) {
                world_.fail(
                    name_ + ": a file of letter " + std::to_string(letter.n) + " ends in " +
                    to_string(piece.error())
                );
                co_return;
            }
            if (piece->empty()) break;
            bytes += *piece;
        }
        if (bytes != letter.files[i].bytes || file->name != letter.files[i].name)
            world_.fail(name_ + " got other bytes in letter " + std::to_string(letter.n));
    }
}

void Unit::event(std::int64_t seq, const std::string& json, model::MessageId) {
    const auto digest = std::hash<std::string>{}(json);
    const auto known = read_.find(seq);
    if (known != read_.end()) {
        if (known->second != digest) world_.fail(name_ + ": event " + std::to_string(seq) + " has changed");
        return;
    }
    read_[seq] = digest;
    world_.note("unit.event", static_cast<std::uint64_t>(seq));
    const auto type = field(json, "type");
    if (type == "document.received") document(seq, json);
    if (type == "status.received") status(seq, json);
}

void Unit::document(std::int64_t seq, const std::string& json) {
    const auto n = marked(json, "sim-");
    if (!n || *n >= papers_.letters.size()) {
        world_.fail(name_ + " got a document nobody wrote");
        return;
    }
    auto& letter = papers_.letters[*n];
    auto& told = letter.told[name_];
    told.insert(seq);
    if (told.size() > 1) world_.fail(name_ + " got letter " + std::to_string(*n) + " twice");
    const auto id = model::MessageId::parse(field(json, "message_id"));
    if (!letter.id) letter.id = id;
    if (letter.id != id) world_.fail("letter " + std::to_string(*n) + " has two ids");
    if (told.size() == 1 && on_letter) on_letter(letter, *this);
}

void Unit::status(std::int64_t seq, const std::string& json) {
    const auto n = marked(json, "word-");
    if (!n) {
        const auto about = numbered(json);
        if (about && field(json, "code") == "01") {
            auto& count = papers_.letters.at(*about).arrived[field(json, "recipient")];
            if (++count > 1)
                world_.fail(name_ + " was told 01 of letter " + std::to_string(*about) + " twice");
        }
        return;
    }
    if (*n >= papers_.reports.size()) return;
    auto& report = papers_.reports[*n];
    report.told.insert(seq);
    if (report.told.size() > 1) world_.fail(name_ + " was told status " + std::to_string(*n) + " twice");
}

}  // namespace axis::simulation
