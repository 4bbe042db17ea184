// An outside authority on loopback, and signatures that ask it: the io thread's clock stands still.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/intake/signatures.hpp"
#include "tests/support/run.hpp"
#include "tests/unit/http/live_server.hpp"
#include "tests/unit/signature_online/letter.hpp"
#include "tests/unit/signature_online/responder.hpp"

#include <atomic>
#include <functional>
#include <set>

namespace axis::test {

// Answers what `answer` makes of the question.
class Authority {
public:
    std::function<std::string(const std::string& question)> answer;
    std::atomic<unsigned> status{200};
    std::atomic<int> asked{0};
    std::string content_type;  // of the last question

    std::string url() const { return server_.url() + "/ask"; }

private:
    Task<> handle(http::Exchange& exchange) {
        auto question = co_await exchange.read_all(65'536);
        content_type = exchange.request().headers.get("Content-Type").value_or("");
        ++asked;
        auto body = question ? answer(*question) : std::string{};
        http::Headers headers;
        co_await exchange.reply(status, std::move(headers), std::move(body));
    }
    LiveServer server_{[this](http::Exchange& exchange) { return handle(exchange); }};
};

// Takes connections and never says a word.
class SilentAuthority {
public:
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
    }

private:
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
};

inline const Time online_now = day("2026-11-25T13:00:00Z");

struct OnlineBench {
    asio::io_context io;
    ManualClock clock{io, online_now};
    SeededRandom random{3};
    Pool crypto{"crypto", 0};
    Pki pki;
    TempDir folder;
    std::set<std::string> alarms;
    std::unique_ptr<intake::Inquiries> inquiries;
    std::shared_ptr<const signature::TrustStore> trust;

    OnlineBench() { pki.write_trust(folder / "trust", false); }

    Result<> open(const std::vector<std::string>& addresses, intake::InquiryLimits limits = {}) {
        auto alarm = [this](bool raised, std::string_view address, std::string_view) {
            raised ? void(alarms.emplace(address)) : void(alarms.erase(std::string{address}));
        };
        auto opened = intake::Inquiries::open(io, clock, addresses, std::move(alarm), limits);
        if (!opened) return opened.error();
        inquiries = std::move(*opened);
        return {};
    }
    Result<std::string> post(const std::string& url, const std::string& question = "question") {
        return run(io, inquiries->post(url, "application/test", question));
    }

    // -- envelopes

    ledger::StoredEnvelope letter() const {
        ledger::StoredEnvelope out;
        out.skeleton = test::letter();
        return out;
    }
    ledger::StoredEnvelope signed_letter(const Party& party) {
        ledger::StoredEnvelope out;
        out.skeleton = sign_letter(party, clock.now(), random).skeleton;
        return out;
    }
    signature::Judgement judge(const intake::Signatures& signatures, const ledger::StoredEnvelope& envelope) {
        const std::vector<spool::Staged> texts;
        auto task = signatures.judge({envelope, texts, "G98", true}, intake::Verify::prefer, clock.now());
        return run(io, std::move(task)).value().envelope;
    }
};

inline const signature::Check* check_named(const signature::Judgement& judgement, std::string_view name) {
    for (const auto& check : judgement.checks)
        if (check.name == name) return &check;
    return nullptr;
}

}  // namespace axis::test
