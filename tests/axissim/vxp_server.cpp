#include "tests/axissim/vxp_server.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"
#include "tests/axissim/hang_up.hpp"
#include "tests/axissim/replies.hpp"
#include "tests/axissim/rewrite.hpp"
#include "tests/axissim/upload.hpp"

#include <algorithm>

namespace axis::sim {

namespace {

constexpr std::size_t small_body_bytes_max = 1024 * 1024;

// Reads what is left of the body, so that the connection can be kept and the reply arrives.
Task<> drain(http::Exchange& exchange) {
    for (;;) {
        const auto piece = co_await exchange.read();
        if (!piece || piece->empty()) co_return;
    }
}

Verdict unknown_document() {
    return {"10", "Khong tim thay van ban"};
}

}  // namespace

// One call in open(), however it ends.
class VxpServer::Underway {
public:
    Underway(Open& open, std::string name, Time now) : open_{open}, at_{open.emplace(std::move(name), now)} {}
    ~Underway() { open_.erase(at_); }
    Underway(const Underway&) = delete;
    Underway& operator=(const Underway&) = delete;

private:
    Open& open_;
    Open::iterator at_;
};

bool VxpServer::knows(std::string_view operation) {
    static constexpr std::string_view operations[]{
        "sendEdoc",
        "getReceivedEdocList",
        "getSentEdocList",
        "getEdoc",
        "downloadEdoc",
        "updateStatus",
        "countReceiveEdoc",
        "countReceiveStatus",
        "getAgenciesList",
        "getAgenciesListQD20",
        "registerAgency",
        "deleteAgency",
        "getSynchronizeUnit",
    };
    return std::ranges::find(operations, operation) != std::end(operations);
}

Task<> VxpServer::serve(http::Exchange& exchange) {
    const auto& request = exchange.request();
    const auto operation = request.target.segments.empty() ? std::string{} : request.target.segments.back();
    exchange.set_body_limit(settings_.body_bytes_max);
    Error wrong;
    if (!knows(operation))
        wrong = Error{errc::not_found, operation};
    else if (request.method != (operation == "downloadEdoc" ? "GET" : "POST"))
        wrong = Error{errc::http_method_not_allowed};
    if (wrong.code != errc::none) {
        co_await drain(exchange);
        co_await exchange.problem(wrong);
        co_return;
    }

    auto* const directory = &p_.directory;
    const auto secret_of = [directory](std::string_view system) { return directory->secret_of(system); };
    auto call = verify(request.headers, secret_of);
    auto fault = early_fault(operation);
    std::string name = call && operation == "sendEdoc" ? std::string{call->get("messagetype")} : operation;
    Underway underway{open_, std::move(name), p_.clock.now()};
    if (call && !fault) {
        co_await operate(exchange, operation, std::move(*call));
        co_return;
    }
    if (!call)
        log::warn(
            "axissim.refused", "operation", operation, "request", request.id, "reason", call.error().detail
        );
    co_await drain(exchange);
    auto answer = fault ? std::move(*fault) : refused_signature();
    co_await respond(exchange, operation, std::move(answer));
}

VxpServer::Answer VxpServer::refused_signature() const {
    // With DocId, as sendEdoc wants it; the others ignore it.
    return {send_reply(refused("15"), ""), settings_.auth_failure_status};
}

std::optional<VxpServer::Answer> VxpServer::early_fault(const std::string& operation) {
    auto& faults = p_.faults;
    if (faults.take("html_502", operation))
        return Answer{
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n",
            502,
            "text/html"};
    if (faults.take("empty_body", operation)) return Answer{};
    if (faults.take("error_500_json", operation))  // without DocId: as measured
        return Answer{plain_reply(refused("20")), 500};
    if (faults.take("code_20", operation)) return Answer{send_reply(refused("20"), "")};
    if (faults.take("accented_error", operation))
        return Answer{send_reply({"20", "Lỗi hệ thống: máy chủ đang bận"}, "")};
    if (faults.take("auth_401", operation)) return Answer{send_reply(refused("15"), ""), 401};
    return std::nullopt;
}

Task<> VxpServer::be_slow(std::string_view kind, std::string operation) {
    const auto slow = p_.faults.take(kind, operation);
    const Duration pause{slow.value_or(0)};
    if (slow) co_await p_.clock.sleep_for(pause);
}

Task<> VxpServer::respond(http::Exchange& exchange, std::string operation, Answer answer) {
    co_await be_slow("slow_reply_ms", operation);
    http::Headers headers;
    headers.add("Content-Type", answer.content_type);
    co_await exchange.reply(answer.status, std::move(headers), std::move(answer.body));
}

Task<> VxpServer::operate(http::Exchange& exchange, std::string operation, SignedCall call) {
    Answer answer;
    if (operation == "sendEdoc") {
        answer = co_await send_edoc(exchange, std::move(call));
    } else if (operation == "getEdoc" || operation == "downloadEdoc") {
        co_await drain(exchange);
        co_await hand_out(exchange, std::move(call), operation);
        co_return;
    } else {
        const auto body = co_await exchange.read_all(small_body_bytes_max);
        if (!body) {
            co_await exchange.problem(body.error());
            co_return;
        }
        answer = simple(operation, call, *body);
    }
    co_await respond(exchange, std::move(operation), std::move(answer));
}

// -- sendEdoc

std::optional<Verdict> VxpServer::refuse_sender(const SignedCall& call) {
    const auto from = call.get("from");
    if (p_.faults.take("wrong_from", "sendEdoc")) return not_registered(from, call.system);
    // The SDK's own sample puts the system id where an agency code is expected.
    if (from != call.system && !p_.directory.owns(call.system, from))
        return not_registered(from, call.system);
    const auto type = call.get("messagetype");
    if (type != "edoc" && type != "status") return refused("22");
    return std::nullopt;
}

VxpServer::Answer VxpServer::send_answer(const Verdict& verdict, std::string_view doc_id) {
    const bool without = p_.faults.take("no_docid_in_reply", "sendEdoc").has_value();
    return {send_reply(verdict, without ? std::nullopt : std::optional{doc_id})};
}

Task<Result<StagedFile>> VxpServer::receive(http::Exchange& exchange, std::string claimed_hash) {
    auto staged = p_.store.stage();
    if (!staged) co_return staged.error();
    Upload upload{std::move(*staged)};
    for (;;) {
        const auto piece = co_await exchange.read();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        auto taken = upload.take(*piece);
        if (!taken) co_return taken.error();
    }
    co_return upload.finish(claimed_hash);
}

Task<VxpServer::Answer> VxpServer::send_edoc(http::Exchange& exchange, SignedCall call) {
    if (const auto verdict = refuse_sender(call)) {
        co_await drain(exchange);
        log::warn("axissim.send_refused", "system", call.system, "code", verdict->code);
        co_return send_answer(*verdict, "");
    }
    const std::string claimed{call.get("hash-file")};
    auto file = co_await receive(exchange, claimed);
    if (!file) {
        log::warn("axissim.send_refused", "system", call.system, "reason", file.error());
        co_return send_answer(refused(file.error().code == errc::io_failed ? "20" : "10"), "");
    }
    const auto path = file->path();
    auto work = [path] { return read_facts(path); };
    auto facts = co_await offload(p_.files, std::move(work));
    co_await be_slow("slow_store_ms", "sendEdoc");
    Verdict verdict;
    const Message* kept = nullptr;
    if (!facts)
        verdict = refused_facts(facts.error());
    else if (facts->is_status != (call.get("messagetype") == "status"))
        verdict = refused("22");
    else
        verdict = p_.office.accept(std::move(*file), std::move(*facts), call.system, kept);
    if (!verdict.ok())
        log::warn("axissim.send_refused", "system", call.system, "code", verdict.code, "text", verdict.text);
    if (verdict.ok() && p_.faults.take("lost_reply_after_storing", "sendEdoc")) hang_up();
    co_return send_answer(verdict, kept == nullptr ? std::string_view{} : std::string_view{kept->id});
}

// -- getEdoc, downloadEdoc

Task<Result<Download>> VxpServer::prepare(Found found, std::string operation) {
    Rewriting how;
    how.reserialise = p_.faults.take("reserialise", operation).has_value();
    how.zip_wrap = p_.faults.take("zip_wrap", operation).has_value();
    how.reshape = p_.faults.take("reshape", operation).has_value();
    const auto stored = p_.store.blob(*found.message);
    if (!how.any()) co_return open_download(stored, false);
    const auto made = p_.store.scratch();
    const auto now = p_.clock.now();
    auto* const random = &p_.random;
    auto work = [stored, made, how, random, now] { return rewrite(stored, made, how, *random, now); };
    auto written = co_await offload(p_.files, std::move(work));
    if (!written) co_return written.error();
    co_return open_download(made, true);
}

Task<> VxpServer::hand_out(http::Exchange& exchange, SignedCall call, std::string operation) {
    co_await be_slow("slow_reply_ms", operation);  // first: nothing found may be held over a wait
    const auto found = p_.store.find(call.get("docId"), call.system);
    if (found.message == nullptr) {
        Answer missing{plain_reply(unknown_document())};
        if (operation == "downloadEdoc") missing.status = 404;
        co_await respond(exchange, operation, std::move(missing));
        co_return;
    }
    if (found.copy != nullptr && found.copy->transport == "initial")
        p_.store.set_transport(*found.copy, "processing");
    const bool poisoned = found.copy != nullptr && found.copy->poisoned;
    const bool json = operation == "getEdoc";
    if (poisoned) {
        Answer poison{"Day khong phai la edXML <\x01>", 200, "application/octet-stream"};
        if (json)
            poison = Answer{
                R"({"status":"OK","ErrorCode":"0","ErrorDesc":"Thanh cong","data":"RGF5IGtob25nIHBoYWkgbGEgZWRYTUw="})"};
        co_await respond(exchange, operation, std::move(poison));
        co_return;
    }
    auto download = co_await prepare(found, operation);
    if (!download) {
        log::error("axissim.download_failed", "reason", download.error());
        Answer failed{plain_reply(refused("21"))};
        co_await respond(exchange, operation, std::move(failed));
        co_return;
    }
    download->as_json = json;
    if (const auto cut = p_.faults.take("cut_body", operation))
        download->cut_after = static_cast<std::uint64_t>(*cut);
    co_await send_download(exchange, std::move(*download));
}

}  // namespace axis::sim
