// The REST surface on a real server, with a core that only writes down what it was asked.
#pragma once

#include "adapters/rest/rest.hpp"
#include "gateway/base/log.hpp"
#include "tests/unit/http/live_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <mutex>

namespace axis::test {

inline constexpr std::string_view document_id = "01J9X7Z3K8M4N6P2Q5R7S9T1V3";  // a message the fakes know
inline constexpr std::string_view unknown_id = "01J9X7Z3K8M4N6P2Q5R7S9T1V4";

// What the core was asked, in order. Any thread.
class Calls {
public:
    void add(std::string text) {
        const std::lock_guard lock{mutex_};
        texts_.push_back(std::move(text));
    }
    std::vector<std::string> all() const {
        const std::lock_guard lock{mutex_};
        return texts_;
    }
    bool has(std::string_view text) const {
        const auto texts = all();
        return std::find(texts.begin(), texts.end(), text) != texts.end();
    }
    bool empty() const { return all().empty(); }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
};

struct Wishes {  // what the fakes shall refuse
    errc open = errc::none;
    errc package = errc::none;
    errc file = errc::none;
    errc submit = errc::none;
    errc report = errc::none;
    errc first_piece = errc::none;
    errc later_piece = errc::none;
    std::size_t surplus_pieces = 0;  // a stream longer than it said
};

class FakeUpload final : public ports::PackageUpload {
public:
    FakeUpload(Calls& calls, const Wishes& wishes) : calls_{calls}, wishes_{wishes} {}
    ~FakeUpload() override { calls_.add("upload gone"); }
    Result<> package(std::string_view json) override {
        calls_.add("package " + std::string{json});
        return wishes_.package == errc::none ? Result<>{} : Error{wishes_.package};
    }
    Result<> begin_file(std::string_view name) override {
        calls_.add("begin " + std::string{name});
        bytes_ = largest_ = 0;
        return {};
    }
    Result<> file(std::string_view bytes) override {
        if (wishes_.file != errc::none) return Error{wishes_.file};
        hasher_.update(bytes);
        bytes_ += bytes.size();
        largest_ = std::max(largest_, bytes.size());
        return {};
    }
    Result<> end_file() override {
        calls_.add("end " + std::to_string(bytes_) + " " + hasher_.finish().hex());
        calls_.add(largest_ <= 64 * 1024 ? "pieces small" : "pieces of " + std::to_string(largest_));
        return {};
    }

private:
    Calls& calls_;
    const Wishes& wishes_;
    Sha256Hasher hasher_;
    std::size_t bytes_ = 0;
    std::size_t largest_ = 0;
};

class FakeEnvelope final : public ports::EnvelopeUpload {
public:
    explicit FakeEnvelope(Calls& calls) : calls_{calls} {}
    ~FakeEnvelope() override { calls_.add("envelope " + bytes_); }
    Result<> feed(std::string_view bytes) override {
        bytes_ += bytes;
        return {};
    }

private:
    Calls& calls_;
    std::string bytes_;
};

class FakeIntake final : public ports::Intake {
public:
    FakeIntake(Calls& calls, const Wishes& wishes) : calls_{calls}, wishes_{wishes} {}
    Result<std::unique_ptr<ports::PackageUpload>> open_upload(
        ports::Caller caller, std::optional<std::string> key
    ) override {
        calls_.add("open " + caller.endpoint.text + " key=" + key.value_or("none"));
        if (wishes_.open != errc::none) return Error{wishes_.open};
        return std::unique_ptr<ports::PackageUpload>{std::make_unique<FakeUpload>(calls_, wishes_)};
    }
    Task<Result<ports::Receipt>> submit(std::unique_ptr<ports::PackageUpload>, bool dry_run) override {
        calls_.add(dry_run ? "submit dry" : "submit");
        if (wishes_.submit != errc::none) co_return Error{wishes_.submit};
        ports::Receipt receipt;
        if (!dry_run) receipt.id = document_id;
        receipt.external_id = "VB-1";
        receipt.document_id = "G98,2026/11/21,251/TMĐT-TTTH";
        receipt.recipients.push_back({"G99", "queued", std::nullopt, "Chưa gửi"});
        receipt.recipients.push_back({"G97", "done", "03", "Đã tiếp nhận"});
        receipt.warnings.push_back("document.same_number");
        co_return receipt;
    }
    Result<std::unique_ptr<ports::EnvelopeUpload>> open_envelope(
        ports::Caller caller, std::optional<std::string> key, ports::Declared declared
    ) override {
        calls_.add(
            "open envelope " + caller.endpoint.text + " key=" + key.value_or("none") + " " +
            declared.security_class + (declared.restricted_publication ? " restricted" : "") +
            (declared.denunciation ? " denunciation" : "")
        );
        if (wishes_.open != errc::none) return Error{wishes_.open};
        return std::unique_ptr<ports::EnvelopeUpload>{std::make_unique<FakeEnvelope>(calls_)};
    }
    Task<Result<ports::Receipt>> submit(std::unique_ptr<ports::EnvelopeUpload>, bool dry_run) override {
        calls_.add(dry_run ? "submit envelope dry" : "submit envelope");
        if (wishes_.submit != errc::none) co_return Error{wishes_.submit};
        ports::Receipt receipt;
        if (!dry_run) receipt.id = document_id;
        receipt.document_id = "G98,2026/11/21,251/TMĐT-TTTH";
        co_return receipt;
    }
    Task<Result<std::vector<ports::StatusReceipt>>> report(
        ports::Caller caller, model::MessageId about, std::string json
    ) override {
        calls_.add("report " + caller.endpoint.text + " " + about.text() + " " + json);
        if (wishes_.report != errc::none) co_return Error{wishes_.report};
        std::vector<ports::StatusReceipt> receipts;
        receipts.push_back({std::string{unknown_id}, "G99"});
        co_return receipts;
    }
    Task<Result<>> acknowledge_events(ports::Caller caller, std::int64_t through) override {
        calls_.add("ack " + caller.endpoint.text + " " + std::to_string(through));
        co_return Result<>{};
    }

private:
    Calls& calls_;
    const Wishes& wishes_;
};

// Ten pieces of ten bytes.
class FakeStream final : public ports::ByteStream {
public:
    explicit FakeStream(const Wishes& wishes) : wishes_{wishes} {}
    std::uint64_t length() const override { return 100; }
    Task<Result<std::string_view>> next() override {
        const auto count = count_++;
        if (count == 0 && wishes_.first_piece != errc::none) co_return Error{wishes_.first_piece};
        if (count == 5 && wishes_.later_piece != errc::none) co_return Error{wishes_.later_piece};
        if (count >= 10 + wishes_.surplus_pieces) co_return std::string_view{};
        co_return std::string_view{"0123456789"};
    }

private:
    const Wishes& wishes_;
    std::size_t count_ = 0;
};

class FakeLookup final : public ports::Lookup {
public:
    FakeLookup(Calls& calls, const Wishes& wishes) : calls_{calls}, wishes_{wishes} {}
    Task<Result<std::string>> message(ports::Caller caller, model::MessageId id) override {
        calls_.add("message " + caller.endpoint.text + " " + id.text());
        if (id.text() != document_id) co_return Error{errc::not_found};
        co_return "{\"id\":\"" + id.text() + "\"}";
    }
    Task<Result<std::string>> find(ports::Caller caller, ports::Search s) override {
        calls_.add(
            "find " + caller.endpoint.text + " number=" + s.number + " external_id=" + s.external_id +
            " state=" + s.state + " from=" + s.from + " to=" + s.to
        );
        co_return std::string{R"({"messages":[]})"};
    }
    Task<Result<std::unique_ptr<ports::ByteStream>>> envelope(ports::Caller caller, model::MessageId id)
        override {
        calls_.add("envelope " + caller.endpoint.text);
        if (id.text() != document_id) co_return Error{errc::not_found};
        co_return std::unique_ptr<ports::ByteStream>{std::make_unique<FakeStream>(wishes_)};
    }
    Task<Result<ports::FileStream>> attachment(ports::Caller caller, model::MessageId id, std::size_t n)
        override {
        calls_.add("attachment " + caller.endpoint.text + " " + std::to_string(n));
        if (id.text() != document_id || n > 2) co_return Error{errc::not_found};
        ports::FileStream file;
        file.name = n == 1 ? "Báo cáo quý III.pdf" : "so-lieu";
        file.content_type = n == 1 ? "application/pdf" : "";
        file.bytes = 100;
        file.sha256 = sha256("content");
        file.stream = std::make_unique<FakeStream>(wishes_);
        co_return file;
    }
    Task<Result<ports::Events>> events(
        ports::Caller caller, std::int64_t after, std::size_t limit, Duration wait
    ) override {
        calls_.add(
            "events " + caller.endpoint.text + " after=" + std::to_string(after) +
            " limit=" + std::to_string(limit) + " wait=" + std::to_string(wait.count())
        );
        ports::Events out;
        out.last = after;
        if (after != 0) co_return out;
        out.json = {R"({"seq":1})", R"({"seq":4})"};
        out.last = 4;
        co_return out;
    }
    Task<Result<std::int64_t>> acknowledged(ports::Caller) override { co_return 0; }

private:
    Calls& calls_;
    const Wishes& wishes_;
};

class FakeFile final : public ports::FileUpload {
public:
    FakeFile(Calls& calls, const Wishes& wishes) : calls_{calls}, wishes_{wishes} {}
    ~FakeFile() override { calls_.add("file gone"); }
    Result<> file(std::string_view bytes) override {
        if (wishes_.file != errc::none) return Error{wishes_.file};
        largest_ = std::max(largest_, bytes.size());
        bytes_ += bytes;
        return {};
    }
    const std::string& bytes() const { return bytes_; }
    std::size_t largest() const { return largest_; }

private:
    Calls& calls_;
    const Wishes& wishes_;
    std::string bytes_;
    std::size_t largest_ = 0;
};

class FakeClaims final : public ports::Claims {
public:
    FakeClaims(Calls& calls, const Wishes& wishes) : calls_{calls}, wishes_{wishes} {}
    Result<std::unique_ptr<ports::FileUpload>> open(ports::Caller caller) override {
        calls_.add("open file " + caller.endpoint.text);
        if (wishes_.open != errc::none) return Error{wishes_.open};
        return std::unique_ptr<ports::FileUpload>{std::make_unique<FakeFile>(calls_, wishes_)};
    }
    Task<Result<ports::Claim>> keep(std::unique_ptr<ports::FileUpload> upload) override {
        const auto& file = dynamic_cast<FakeFile&>(*upload);
        const auto digest = sha256(file.bytes());
        calls_.add("keep " + std::to_string(file.bytes().size()) + " " + digest.hex());
        calls_.add(
            file.largest() <= 64 * 1024 ? "pieces small" : "pieces of " + std::to_string(file.largest())
        );
        if (wishes_.submit != errc::none) co_return Error{wishes_.submit};
        ports::Claim claim;
        claim.claim = "a-claim";
        claim.bytes = file.bytes().size();
        claim.sha256 = digest;
        claim.until = Time{std::chrono::hours{24}};
        co_return claim;
    }
    Task<Result<std::unique_ptr<ports::ByteStream>>> read(ports::Caller, std::string) override {
        co_return Error{errc::file_claim_unknown};
    }

private:
    Calls& calls_;
    const Wishes& wishes_;
};

class Rest {
public:
    explicit Rest(Wishes w = {}, rest::Limits limits = {})
        : wishes{w}, api_{intake_, lookup_, claims_, files_, clock, limits, entries()} {}

    Wishes wishes;
    Calls calls;
    asio::io_context clock_io;
    ManualClock clock{clock_io, Time{std::chrono::hours{24}}};

private:
    static std::vector<rest::TokenEntry> entries() {
        std::vector<rest::TokenEntry> out;
        out.push_back({{"g97"}, {sha256("token-97")}, false});
        out.push_back({{"g98"}, {sha256("token-98"), sha256("token-98-old")}, false});
        out.push_back({{"off"}, {sha256("token-off")}, true});
        return out;
    }

    Pool files_{"files", 1};
    FakeIntake intake_{calls, wishes};
    FakeLookup lookup_{calls, wishes};
    FakeClaims claims_{calls, wishes};
    rest::Api api_;

public:
    LiveServer server{[this](http::Exchange& exchange) { return api_.handle(exchange); }};
};

struct Ask {
    std::string method;
    std::string target;
    std::string content_type;
    std::string body;
};

inline std::string bearer(std::string_view token) {
    return "Authorization: Bearer " + std::string{token} + "\r\n";
}

inline std::string text_of(const Ask& ask, std::string_view headers) {
    std::string out = ask.method + " " + ask.target + " HTTP/1.1\r\nHost: h\r\n" + std::string{headers};
    if (!ask.content_type.empty()) out += "Content-Type: " + ask.content_type + "\r\n";
    if (ask.method == "POST") out += "Content-Length: " + std::to_string(ask.body.size()) + "\r\n";
    return out + "\r\n" + ask.body;
}

// One request on a connection of its own.
inline RawReply call(const Rest& rest, const Ask& ask, std::string_view headers) {
    const auto replies = talk(rest.server, text_of(ask, headers));
    REQUIRE(replies.size() == 1);
    return replies[0];
}
inline RawReply call(const Rest& rest, const Ask& ask) {
    return call(rest, ask, bearer("token-98"));
}
inline RawReply get(const Rest& rest, std::string target) {
    return call(rest, Ask{"GET", std::move(target), {}, {}});
}

inline bool names(const RawReply& reply, std::string_view code) {
    return reply.has("Content-Type: application/problem+json\r\n") &&
           reply.body.find("\"code\":\"" + std::string{code} + "\"") != std::string::npos;
}

struct PartText {
    std::string disposition;  // after "form-data; "
    std::string body;
};

// Parts between boundaries named B.
inline Ask package_of(const std::vector<PartText>& parts, std::string target = "/v1/packages") {
    Ask ask{"POST", std::move(target), "multipart/form-data; boundary=B", {}};
    for (const auto& part : parts)
        ask.body +=
            "--B\r\nContent-Disposition: form-data; " + part.disposition + "\r\n\r\n" + part.body + "\r\n";
    ask.body += "--B--\r\n";
    return ask;
}

inline Ask small_package(std::string target = "/v1/packages") {
    std::vector<PartText> parts;
    parts.push_back({"name=\"package\"", "{\"a\":1}"});
    parts.push_back({"name=\"file\"; filename=\"a.pdf\"", "%PDF"});
    return package_of(parts, std::move(target));
}

inline Ask status_report(std::string_view id = document_id) {
    return {
        "POST",
        "/v1/messages/" + std::string{id} + "/statuses",
        "application/json",
        R"({"from":"G98.11","code":"03"})"};
}

inline Ask ready_envelope(
    std::string query = "security_class=thuong&restricted_publication=false&denunciation=false"
) {
    return {"POST", "/v1/envelopes?" + std::move(query), "application/xml", "<edXML/>"};
}

inline Ask acknowledgement(std::string body = R"({"through":4})") {
    return {"POST", "/v1/events/ack", "application/json", std::move(body)};
}

inline void check_refused(Rest& rest, const Ask& ask, unsigned status, std::string_view code) {
    const auto reply = call(rest, ask);
    CHECK(reply.status == status);
    CHECK(names(reply, code));
    for (const auto& text : rest.calls.all()) CHECK_FALSE(text.starts_with("submit"));
}

inline std::string message_path(std::string_view rest = "", std::string_view id = document_id) {
    return "/v1/messages/" + std::string{id} + std::string{rest};
}

}  // namespace axis::test
