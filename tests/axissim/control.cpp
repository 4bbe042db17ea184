#include "tests/axissim/control.hpp"

#include "tests/axissim/download.hpp"
#include "tests/axissim/state_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace axis::sim {

namespace {

constexpr std::size_t body_bytes_max = 1024 * 1024;

bool on_loopback(const http::Peer& peer) {
    return peer.address == "unix" || peer.address == "::1" || peer.address.starts_with("127.") ||
           peer.address.starts_with("::ffff:127.");
}

std::string text_at(
    const boost::json::object& object, std::string_view key, std::string_view otherwise = {}
) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{otherwise};
}

std::int64_t number_at(const boost::json::object& object, std::string_view key, std::int64_t otherwise) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
}

boost::json::array open_json(const VxpServer& vxp) {
    boost::json::array out;
    for (const auto& [name, begun] : vxp.open())
        out.push_back({{"call", name}, {"begun_ms", begun.time_since_epoch().count()}});
    return out;
}

Result<boost::json::object> parse_object(const std::string& body) {
    boost::system::error_code ec;
    auto json = boost::json::parse(body, ec);
    if (ec || !json.is_object()) return Error{errc::http_parameter, "the body is not a JSON object"};
    return json.get_object();
}

Result<DocumentText> parse_send(const std::string& body) {
    auto json = parse_object(body);
    if (!json) return json.error();
    DocumentText document;
    document.from.code = text_at(*json, "from", "G99");
    document.number = text_at(*json, "number", "1");
    document.notation = text_at(*json, "notation", "BTN-VP");
    document.subject = text_at(*json, "subject", "Văn bản mô phỏng");
    const auto* to = json->if_contains("to");
    if (to == nullptr || !to->is_array() || to->get_array().empty()) return Error{errc::http_parameter, "to"};
    for (const auto& code : to->get_array()) {
        if (!code.is_string()) return Error{errc::http_parameter, "to"};
        document.to.push_back({std::string{code.get_string()}, {}});
    }
    const std::filesystem::path file = text_at(*json, "file");
    if (file.empty()) return document;
    if (!std::filesystem::is_regular_file(file)) return Error{errc::http_parameter, "file"};
    document.files.push_back({file, text_at(*json, "file_name", file.filename().string())});
    return document;
}

}  // namespace

Task<> Control::serve(http::Exchange& exchange) {
    const auto& request = exchange.request();
    Error wrong;
    if (!on_loopback(request.peer))
        wrong = Error{errc::not_found};
    else if (request.method != "GET" && request.method != "POST")
        wrong = Error{errc::http_method_not_allowed};
    if (wrong.code != errc::none) {
        co_await exchange.problem(wrong);
        co_return;
    }
    if (request.method == "GET")
        co_await get(exchange);
    else
        co_await post(exchange);
}

Task<> Control::get(http::Exchange& exchange) {
    const auto& path = exchange.request().target.segments;
    if (path.size() == 4 && path[1] == "documents" && path[3] == "edxml") {
        co_await send_blob(exchange, path[2]);
        co_return;
    }
    std::string body;
    if (path.size() == 2 && path[1] == "state") body = boost::json::serialize(state_json(p_.store));
    if (path.size() == 2 && path[1] == "open") body = boost::json::serialize(open_json(p_.vxp));
    if (path.size() == 2 && path[1] == "faults") body = boost::json::serialize(p_.faults.list());
    if (body.empty()) {
        co_await exchange.problem(errc::not_found);
        co_return;
    }
    co_await exchange.reply_json(200, std::move(body));
}

Task<> Control::send_blob(http::Exchange& exchange, std::string doc_id) {
    const auto* message = p_.store.message(doc_id);
    if (message == nullptr) {
        co_await exchange.problem(errc::not_found);
        co_return;
    }
    auto download = open_download(p_.store.blob(*message), false);
    if (!download) {
        co_await exchange.problem(download.error());
        co_return;
    }
    co_await send_download(exchange, std::move(*download));
}

Result<> Control::add_fault(const std::string& body) {
    auto json = parse_object(body);
    if (!json) return json.error();
    auto kind = text_at(*json, "kind");
    if (!Faults::known(kind)) return Error{errc::http_parameter, "kind"};
    p_.faults.add(
        std::move(kind),
        static_cast<int>(number_at(*json, "count", 1)),
        number_at(*json, "value", 0),
        text_at(*json, "operation")
    );
    return {};
}

Task<> Control::post(http::Exchange& exchange) {
    const auto& path = exchange.request().target.segments;
    auto body = co_await exchange.read_all(body_bytes_max);
    if (!body) {
        co_await exchange.problem(body.error());
        co_return;
    }
    const auto verb = path.size() == 2 ? path[1] : std::string{};
    if (verb == "send") {
        co_await send(exchange, std::move(*body));
        co_return;
    }
    Result<> done;
    if (verb == "faults") {
        done = add_fault(*body);
    } else if (verb == "clear") {
        p_.store.clear();
        p_.directory.forget_registered();
        p_.faults.clear();
    } else {
        done = Error{errc::not_found};
    }
    if (!done) {
        co_await exchange.problem(done.error());
        co_return;
    }
    co_await exchange.reply_json(200, "{}");
}

Task<> Control::send(http::Exchange& exchange, std::string body) {
    auto document = parse_send(body);
    if (!document) {
        co_await exchange.problem(document.error());
        co_return;
    }
    auto sent = co_await p_.partners.send(std::move(*document));
    if (!sent) {
        co_await exchange.problem(sent.error());
        co_return;
    }
    boost::json::object reply{{"docId", sent->doc_id}};
    if (!sent->verdict.ok()) reply = {{"ErrorCode", sent->verdict.code}, {"ErrorDesc", sent->verdict.text}};
    const unsigned status = sent->verdict.ok() ? 200 : 422;
    co_await exchange.reply_json(status, boost::json::serialize(reply));
}

}  // namespace axis::sim
