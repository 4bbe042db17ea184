#include "tests/unit/axissim/support.hpp"

#include "gateway/base/base64.hpp"
#include "tests/axissim/auth.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <charconv>

namespace axis::sim::test {

namespace {

using asio::ip::tcp;

std::optional<std::size_t> announced_length(const std::string& headers) {
    const auto at = headers.find("Content-Length: ");
    if (at == std::string::npos) return std::nullopt;
    std::size_t value = 0;
    std::from_chars(headers.data() + at + 16, headers.data() + headers.size(), value);
    return value;
}

RawReply parse_reply(std::string text) {
    RawReply reply;
    if (text.starts_with("HTTP/1.1 100")) {
        reply.continued = true;
        text.erase(0, text.find("\r\n\r\n") + 4);
    }
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos || !text.starts_with("HTTP/1.1 ")) return reply;
    std::from_chars(text.data() + 9, text.data() + 12, reply.status);
    reply.headers = text.substr(0, end + 2);
    reply.body = text.substr(end + 4);
    reply.whole = announced_length(reply.headers) == reply.body.size();
    return reply;
}

// True when `text` holds a whole reply; otherwise the end of the connection decides.
bool is_whole(const std::string& text) {
    return parse_reply(text).whole;
}

// `later` follows when the server has said 100 Continue.
Task<RawReply> converse(asio::io_context& io, std::uint16_t port, std::string bytes, std::string later) {
    tcp::socket socket{io};
    const tcp::endpoint there{asio::ip::address_v4::loopback(), port};
    co_await socket.async_connect(there, asio::use_awaitable);
    boost::system::error_code ec;
    co_await asio::async_write(socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
    std::string text;
    std::array<char, 65536> buffer{};
    while (!ec && !is_whole(text)) {
        const auto n = co_await socket.async_read_some(
            asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec)
        );
        text.append(buffer.data(), n);
        const bool asked = !later.empty() && text.starts_with("HTTP/1.1 100");
        if (asked)
            co_await asio::async_write(
                socket, asio::buffer(later), asio::redirect_error(asio::use_awaitable, ec)
            );
        if (asked) later.clear();
    }
    co_return parse_reply(std::move(text));
}

std::uint16_t port_of(const std::string& bound) {
    std::uint16_t port = 0;
    const auto at = bound.rfind(':') + 1;
    std::from_chars(bound.data() + at, bound.data() + bound.size(), port);
    return port;
}

}  // namespace

boost::json::value RawReply::json() const {
    boost::system::error_code ec;
    return boost::json::parse(body, ec);
}

std::string RawReply::error_code() const {
    const auto value = json();
    const auto* code = value.is_object() ? value.get_object().if_contains("ErrorCode") : nullptr;
    return code != nullptr && code->is_string() ? std::string{code->get_string()} : std::string{};
}

std::string signed_head(const Call& call, std::size_t body_bytes) {
    auto parameters = call.parameters;
    const std::string type = call.operation == "sendEdoc" ? "application/octet-stream" : "application/json";
    parameters["systemid"] = call.system;
    parameters["timestamp"] = "21112026T180406+0749";
    parameters["Content-Type"] = type;
    boost::json::object sign;
    std::string keys;
    std::string head =
        call.method + " /" + call.operation + " HTTP/1.1\r\nHost: axis\r\nContent-Type: " + type + "\r\n";
    for (const auto& [name, value] : parameters) {
        sign["XroadVnpt-" + name] = value;
        keys += (keys.empty() ? "" : ";") + name;
        head += "XroadVnpt-" + name + ": " + value + "\r\n";
    }
    const auto text = boost::json::serialize(sign);
    head += "XroadVnpt-sign-header-key: " + keys + "\r\nXroadVnpt-sign-header: " + text +
            "\r\nXroadVnpt-hash-header: " + hmac_sha256_hex(call.secret, text) + "\r\n";
    if (call.method == "POST") head += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
    return head + "\r\n";
}

std::string request_of(const Call& call) {
    return signed_head(call, call.body.size()) + call.body;
}

Call send_call(const std::string& edxml, const std::string& from, const std::string& type) {
    Call call;
    call.operation = "sendEdoc";
    call.parameters = {
        {"from", from},
        {"servicetype", "eDoc"},
        {"messagetype", type},
        {"hash-file", unpadded_hex(sha256(edxml))}};
    call.body = edxml + "\r\n";
    return call;
}

std::string document_of(const DocumentSpec& spec) {
    const std::string ns = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
    std::string to;
    for (const auto& code : spec.to) to += "<edXML:To><edXML:OrganId>" + code + "</edXML:OrganId></edXML:To>";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edXML xmlns=\"" + ns +
           "\"><edXML:edXMLEnvelope xmlns:edXML=\"" + ns +
           "\"><edXML:edXMLHeader><edXML:MessageHeader><edXML:From><edXML:OrganId>" + spec.from +
           "</edXML:OrganId><edXML:OrganName>Bộ Thử nghiệm</edXML:OrganName></edXML:From>" + to +
           "<edXML:DocumentId>" + spec.from + ",2026/11/21," + spec.number +
           "/BTN</edXML:DocumentId><edXML:Code><edXML:CodeNumber>" + spec.number +
           "</edXML:CodeNumber><edXML:CodeNotation>BTN</edXML:CodeNotation></edXML:Code>"
           "<edXML:PromulgationInfo><edXML:PromulgationDate>2026/11/21</edXML:PromulgationDate></"
           "edXML:PromulgationInfo>"
           "<edXML:Subject>Về việc thử "
           "nghiệm</edXML:Subject></edXML:MessageHeader><edXML:TraceHeaderList><edXML:TraceHeader>"
           "<edXML:OrganId>" +
           spec.from +
           "</edXML:OrganId><edXML:Timestamp>2026/11/21 "
           "09:00:00</edXML:Timestamp></edXML:TraceHeader></edXML:TraceHeaderList>"
           "</edXML:edXMLHeader></edXML:edXMLEnvelope><AttachmentEncoded><Attachment><ContentId>cid:1</"
           "ContentId>"
           "<AttachmentName>Công văn.pdf</AttachmentName><ContentType>application/pdf</ContentType>"
           "<edXML:ContentTransferEncoded xmlns:edXML=\"" +
           ns + "\">" + base64_encode(spec.file_text) +
           "</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>";
}

std::string status_of(
    const std::string& from, const std::string& to, const std::string& code, const std::string& document_id
) {
    StatusText status;
    status.from = {from, "Bộ Thử nghiệm"};
    status.response_for = to;
    status.response_document_id = document_id;
    status.code = code;
    return write_status(status);
}

World::World(VxpSettings vxp) : vxp_{vxp} {
    open();
}

World::~World() {
    close();
}

void World::open() {
    Settings settings;
    settings.state = dir.path() / "state";
    settings.vxp = vxp_;
    settings.systems.push_back({"vxp.demo.01", {"G98", "G98.11", "G98.12"}, Secret{std::string{demo_secret}}}
    );
    settings.systems.push_back({"vxp.demo.02", {"G96", "G95"}, Secret{"another-secret"}});
    settings.locked = {"G95"};
    auto opened = Simulator::open(io, clock, random, std::move(settings));
    REQUIRE_MESSAGE(opened.has_value(), to_string(opened.has_error() ? opened.error() : Error{}));
    simulator = std::move(*opened);
    running_ = true;
    asio::co_spawn(io, simulator->run(), [this](std::exception_ptr) { running_ = false; });
}

void World::close() {
    // From inside the loop: asio (1.81) posts a cancellation that comes from outside, and it may arrive too
    // late.
    asio::post(io, [this] { simulator->abort(); });
    run_until([this] { return !running_; });
    simulator.reset();
}

void World::restart() {
    close();
    open();
}

void World::run_until(const std::function<bool()>& done) {
    io.restart();
    while (!done()) REQUIRE(io.run_one() > 0);
}

std::shared_ptr<std::optional<RawReply>> World::start(std::string bytes, std::string later) {
    auto out = std::make_shared<std::optional<RawReply>>();
    auto done = [out](std::exception_ptr error, RawReply reply) {
        if (error) std::rethrow_exception(error);
        *out = std::move(reply);
    };
    asio::co_spawn(
        io, converse(io, port_of(simulator->bound()), std::move(bytes), std::move(later)), std::move(done)
    );
    return out;
}

RawReply World::talk(std::string bytes, std::string later) {
    const auto reply = start(std::move(bytes), std::move(later));
    run_until([&reply] { return reply->has_value(); });
    return **reply;
}

RawReply World::post(const std::string& path, const std::string& json) {
    return talk(
        "POST " + path + " HTTP/1.1\r\nHost: sim\r\nContent-Length: " + std::to_string(json.size()) +
        "\r\n\r\n" + json
    );
}

boost::json::array World::list(const std::string& type) {
    Call c;
    c.operation = "getReceivedEdocList";
    c.parameters = {{"servicetype", "eDoc"}, {"messagetype", type}};
    const auto reply = call(c);
    REQUIRE(reply.error_code() == "0");
    return reply.json().at("data").as_array();
}

std::string World::send(const DocumentSpec& spec) {
    const auto reply = call(send_call(document_of(spec), spec.from));
    REQUIRE_MESSAGE(reply.error_code() == "0", reply.body);
    return std::string{std::string_view{reply.json().at("DocId").as_string()}};
}

void World::fault(const std::string& kind, std::int64_t value) {
    REQUIRE(
        post(
            "/sim/faults", boost::json::serialize(boost::json::object{{"kind", kind}, {"value", value}})
        ).status == 200
    );
}

void World::pass(Duration time) {
    clock.advance(time);
    io.restart();
    io.poll();
}

}  // namespace axis::sim::test
