#include "gateway/app/admin.hpp"

#include "gateway/app/admin_json.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/intake/view_json.hpp"

#include <algorithm>
#include <charconv>

namespace axis::app {

namespace {

constexpr std::size_t steered_at_once_max = 500;  // in one commit

std::string parameter(const http::Target& target, std::string_view name) {
    return std::string{target.parameter(name).value_or("")};
}

double resident_bytes() {
    const auto statm = read_file("/proc/self/statm", 4096);
    if (!statm) return 0;
    const auto second = statm->find(' ');
    return std::strtod(statm->c_str() + second, nullptr) * 4096;
}

std::string adapter_name(settings::Adapter adapter) {
    return adapter == settings::Adapter::rest ? "rest" : "vxp";
}

std::string mode_name(settings::Mode mode) {
    return mode == settings::Mode::off ? "off" : mode == settings::Mode::trial ? "trial" : "live";
}

std::optional<model::DeliveryState> wanted(const std::string& verb) {
    using model::DeliveryState;
    if (verb == "retry" || verb == "release") return DeliveryState::queued;
    if (verb == "hold") return DeliveryState::held;
    if (verb == "cancel") return DeliveryState::cancelled;
    return std::nullopt;
}

}  // namespace

Task<bool> Admin::health(http::Exchange& exchange) {
    const auto& target = exchange.request().target;
    if (target.path == "/livez") {
        co_await exchange.reply_json(200, "{\"live\":true}");
        co_return true;
    }
    if (target.path == "/readyz") {
        std::string why;
        const bool ready = parts_.health.ready(why);
        JsonObject out;
        out.boolean("ready", ready).maybe("why", why);
        if (target.parameter("verbose"))
            out.number("commit_age_ms", parts_.health.commit_age().count())
                .number("free_bytes", static_cast<std::int64_t>(parts_.health.free_bytes()));
        co_await exchange.reply_json(ready ? 200 : 503, out.done());
        co_return true;
    }
    if (target.path == "/metrics") {
        auto text = co_await metrics_text();
        http::Headers headers;
        headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        co_await exchange.reply(200, std::move(headers), std::move(text));
        co_return true;
    }
    co_return false;
}

Task<std::string> Admin::metrics_text() {
    auto lanes = co_await parts_.ledger.lanes();
    if (lanes)
        for (const auto& lane : *lanes)
            for (std::size_t i = 0; i < lane.by_state.size(); ++i)
                parts_.metrics.waiting(
                    lane.endpoint,
                    model::name(static_cast<model::DeliveryState>(i)),
                    static_cast<double>(lane.by_state[i])
                );
    for (const auto& row : observe::alarm_catalogue()) {
        const auto active = parts_.alarms.active();
        parts_.metrics.alarm(row.name, std::any_of(active.begin(), active.end(), [&](const auto& a) {
                                 return a.name == row.name;
                             }));
    }
    broker_metrics();
    parts_.metrics.last_success("commit", static_cast<double>(parts_.health.commit_age().count()) / 1000);
    parts_.metrics.resident_bytes(resident_bytes());
    const auto committed = parts_.ledger.committed();
    parts_.metrics.committed(static_cast<double>(committed.commits), static_cast<double>(committed.jobs));
    co_return parts_.metrics.text();
}

void Admin::broker_metrics() {
    auto& metrics = parts_.metrics;
    if (const auto* lanes = parts_.brokered) {
        metrics.broker("lanes", lanes->standing() == amqp::Standing::open);
        metrics.workers(static_cast<double>(lanes->workers()));
        for (const auto& queue : lanes->queues())
            metrics.queue(queue.look.name, queue.look.waiting, queue.look.consumers);
    }
    if (const auto* software = parts_.software) {
        metrics.broker("software", software->standing() == amqp::Standing::open);
        for (const auto& queue : software->queues())
            metrics.queue(queue.name, queue.waiting, queue.consumers);
    }
}

Task<> Admin::handle_health(http::Exchange& exchange) {
    const bool answered = co_await health(exchange);
    if (answered) co_return;
    Error missing{errc::not_found, exchange.request().target.path};
    co_await exchange.problem(std::move(missing));
}

Task<> Admin::handle_socket(http::Exchange& exchange) {
    const bool answered = co_await health(exchange);
    if (answered) co_return;
    auto result = co_await answer(exchange);
    if (exchange.replied()) co_return;
    if (!result)
        co_await exchange.problem(result.error());
    else
        co_await exchange.reply_json(200, std::move(*result));
}

Task<Result<std::string>> Admin::answer(http::Exchange& exchange) {
    const auto& request = exchange.request();
    const auto& segments = request.target.segments;
    const bool get = request.method == "GET";
    const std::string first = segments.empty() ? "" : segments[0];
    if (get && first == "status" && segments.size() == 1) {
        auto out = co_await status();
        co_return out;
    }
    if (get && first == "queue" && segments.size() == 1) {
        auto out = co_await queue();
        co_return out;
    }
    if (get && first == "messages" && segments.size() == 1) {
        auto out = co_await find(request.target);
        co_return out;
    }
    if (get && first == "messages" && segments.size() <= 3) {
        const auto id = model::MessageId::parse(segments[1]);
        if (!id) co_return Error{errc::not_found, segments[1]};
        if (segments.size() == 2) {
            ports::Caller console;
            auto out = co_await parts_.lookup.message(console, *id);
            co_return out;
        }
        if (segments[2] == "story") {
            auto out = co_await story(*id);
            co_return out;
        }
        if (segments[2] == "evidence") {
            auto out = co_await evidence(*id);
            co_return out;
        }
        if (segments[2] == "envelope") {
            auto sent = co_await envelope(exchange, *id);
            if (!sent) co_return sent.error();
            co_return std::string{};
        }
    }
    if (get && (first == "materials" || (segments.size() == 3 && segments[2] == "skeleton"))) {
        auto sent = co_await bytes(exchange);
        if (!sent) co_return sent.error();
        co_return std::string{};
    }
    if (request.method == "POST") {
        auto out = co_await act(exchange);
        co_return out;
    }
    if (get && first == "endpoints" && segments.size() == 3 && segments[2] == "reconcile") {
        auto out = co_await reconcile(request.target);
        co_return out;
    }
    co_return Error{errc::not_found, request.target.path};
}

Task<Result<std::string>> Admin::act(http::Exchange& exchange) {
    const auto& request = exchange.request();
    const auto& segments = request.target.segments;
    const std::string first = segments.empty() ? "" : segments[0];
    if (first == "deliveries" && segments.size() == 3) {
        auto out = co_await steer(segments[1], segments[2], request.peer);
        co_return out;
    }
    if (first == "endpoints" && segments.size() == 3) {
        auto out = co_await steer_lane(exchange);
        co_return out;
    }
    if (first == "drain" && segments.size() == 1) {
        auto out = co_await drain(parameter(request.target, "on") != "0", request.peer);
        co_return out;
    }
    co_return Error{errc::not_found, request.target.path};
}

Task<Result<std::string>> Admin::reconcile(const http::Target& target) {
    const auto name = model::EndpointName::parse(target.segments[1]);
    if (!name) co_return Error{errc::not_found, target.segments[1]};
    auto found = co_await parts_.reconcile.compare(*name, parameter(target, "day"));
    if (!found) co_return found.error();
    co_return to_json(*found, name->text);
}

Task<Result<std::string>> Admin::status() {
    auto lanes = co_await parts_.ledger.lanes();
    if (!lanes) co_return lanes.error();
    std::vector<std::string> endpoints;
    for (const auto& e : parts_.settings.endpoints) {
        std::vector<std::string> codes;
        for (const auto& code : e.codes) codes.push_back(json_quoted(code.text()));
        if (e.any_code) codes.push_back("\"*\"");
        JsonObject o;
        o.text("name", e.name.text)
            .text("adapter", adapter_name(e.adapter))
            .text("mode", mode_name(e.mode))
            .raw("codes", json_array(codes));
        if (e.vxp) o.text("base_url", e.vxp->base_url);
        const auto lane = std::find_if(lanes->begin(), lanes->end(), [&](const auto& l) {
            return l.endpoint == e.name.text;
        });
        o.raw("lane", lane == lanes->end() ? "null" : to_json(*lane, halted(e.name)));
        endpoints.push_back(o.done());
    }
    std::vector<std::string> alarms;
    for (const auto& alarm : parts_.alarms.active()) alarms.push_back(to_json(alarm));
    std::string why;
    const bool ready = parts_.health.ready(why);
    co_return JsonObject{}
        .text("version", AXIS_VERSION)
        .text("agency", parts_.settings.gateway.agency.text())
        .time("started", parts_.started)
        .time("now", parts_.clock.now())
        .boolean("ready", ready)
        .maybe("why", why)
        .number("free_bytes", static_cast<std::int64_t>(parts_.health.free_bytes()))
        .number("resident_bytes", static_cast<std::int64_t>(resident_bytes()))
        .raw("endpoints", json_array(endpoints))
        .raw("alarms", json_array(alarms))
        .done();
}

Task<Result<std::string>> Admin::queue() {
    auto lanes = co_await parts_.ledger.lanes();
    if (!lanes) co_return lanes.error();
    auto aside = co_await parts_.ledger.quarantined(100);
    if (!aside) co_return aside.error();
    std::vector<std::string> lane_texts;
    for (const auto& lane : *lanes) lane_texts.push_back(to_json(lane, halted({lane.endpoint})));
    std::vector<std::string> aside_texts;
    for (const auto& item : *aside) aside_texts.push_back(to_json(item));
    co_return JsonObject{}
        .raw("lanes", json_array(lane_texts))
        .raw("broker", parts_.brokered ? to_json(*parts_.brokered) : "null")
        .raw("software", parts_.software ? to_json(*parts_.software) : "null")
        .raw("quarantined_incoming", json_array(aside_texts))
        .done();
}

Task<Result<std::string>> Admin::find(const http::Target& target) {
    const auto prefix = parameter(target, "id");
    if (!prefix.empty()) {
        ledger::Filter filter;
        filter.id_prefix = prefix;
        auto views = co_await parts_.ledger.find(std::move(filter));
        if (!views) co_return views.error();
        std::vector<std::string> texts;
        for (const auto& view : *views) texts.push_back(intake::to_json(view, ""));
        co_return JsonObject{}.raw("messages", json_array(texts)).done();
    }
    ports::Search search{
        parameter(target, "number"),
        parameter(target, "external_id"),
        parameter(target, "state"),
        parameter(target, "from"),
        parameter(target, "to"),
        100};
    ports::Caller console;
    auto out = co_await parts_.lookup.find(console, std::move(search));
    co_return out;
}

Task<Result<std::string>> Admin::story(model::MessageId id) {
    auto view = co_await parts_.ledger.message(id);
    if (!view) co_return view.error();
    if (!*view) co_return Error{errc::not_found, id.text()};
    auto told = co_await parts_.ledger.story(id);
    if (!told) co_return told.error();
    JsonObject halts;
    for (const auto& e : parts_.settings.endpoints) {
        const auto halt = halted(e.name);
        if (!halt.why.empty()) halts.text(e.name.text, halt.why);
    }
    co_return JsonObject{}
        .raw("message", intake::to_json(**view, ""))
        .raw("story", to_json(*told))
        .raw("halted", halts.done())
        .done();
}

Task<Result<std::string>> Admin::evidence(model::MessageId id) {
    auto found = co_await parts_.ledger.evidence(id);
    if (!found) co_return found.error();
    co_return JsonObject{}
        .text("format", "axisd-evidence-1")
        .text("agency", parts_.settings.gateway.agency.text())
        .text("version", AXIS_VERSION)
        .time("exported_at", parts_.clock.now())
        .raw("evidence", to_json(*found))
        .done();
}

// Of one message or one material, whole: neither is large.
Task<Result<>> Admin::bytes(http::Exchange& exchange) {
    const auto& segments = exchange.request().target.segments;
    std::string out;
    if (segments[0] == "materials") {
        const auto sha256 = segments.size() == 2 ? Sha256::from_hex(segments[1]) : std::nullopt;
        if (!sha256) co_return Error{errc::not_found, exchange.request().target.path};
        auto found = co_await parts_.ledger.material(*sha256);
        if (!found) co_return found.error();
        out = std::move(*found);
    } else {
        const auto id = model::MessageId::parse(segments[1]);
        if (!id) co_return Error{errc::not_found, segments[1]};
        auto found = co_await parts_.ledger.envelope(*id);
        if (!found) co_return found.error();
        out = std::move(found->skeleton);
    }
    http::Headers headers;
    headers.add("Content-Type", "application/octet-stream");
    co_await exchange.reply(200, std::move(headers), std::move(out));
    co_return Result<>{};
}

Halted Admin::halted(const model::EndpointName& name) const {
    const auto& all = parts_.settings.endpoints;
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.name == name; });
    if (at != all.end() && at->vxp && at->mode == settings::Mode::trial) return {"trial"};
    const auto state = parts_.lanes.state(name);
    if (!state) return {""};
    return {delivery::name(state->halt), state->until == Time{} ? std::nullopt : std::optional{state->until}};
}

Task<Result<std::string>> Admin::steer(
    const std::string& delivery, const std::string& verb, const http::Peer& peer
) {
    const auto state = wanted(verb);
    std::int64_t number = 0;
    const auto parsed = std::from_chars(delivery.data(), delivery.data() + delivery.size(), number);
    if (!state || parsed.ec != std::errc{} || parsed.ptr != delivery.data() + delivery.size())
        co_return Error{errc::not_found, delivery + "/" + verb};
    const model::DeliveryId id{number};
    const auto actor = "uid:" + std::to_string(peer.uid);
    auto steered = co_await parts_.ledger.steer(id, *state, actor);
    if (!steered) co_return steered.error();
    parts_.alarms.clear("delivery.quarantined", delivery);
    for (const auto& endpoint : parts_.settings.endpoints) {
        parts_.lanes.poke(endpoint.name);
        parts_.lookup.wake(endpoint.name);
    }
    co_return JsonObject{}.number("delivery_id", number).text("state", model::name(*steered)).done();
}

// Of a whole endpoint.
Task<Result<std::string>> Admin::steer_lane(http::Exchange& exchange) {
    const auto& request = exchange.request();
    const auto endpoint = request.target.segments[1];
    const auto verb = request.target.segments[2];
    const auto name = model::EndpointName::parse(endpoint);
    if (!name || !parts_.directory.endpoint(*name)) co_return Error{errc::not_found, endpoint};
    const auto actor = "uid:" + std::to_string(request.peer.uid);
    JsonObject out;
    out.text("endpoint", endpoint).text("verb", verb);
    const bool sends = parts_.lanes.state(*name).has_value();
    if (verb == "poke") {
        parts_.lanes.resume(*name);
        for (auto& link : parts_.links)
            if (link->settings.endpoint == *name) link->feed->poke();
        co_return out.done();
    }
    if ((verb == "hold" || verb == "release") && sends) {
        auto held = co_await parts_.ledger.hold_lane(*name, verb == "hold", actor);
        if (!held) co_return held.error();
        parts_.lanes.look_again(*name);
        co_return out.done();
    }
    const auto from = model::delivery_state(parameter(request.target, "state"));
    const auto to = wanted(verb);
    if (!from || !to || *from == *to) co_return Error{errc::not_found, request.target.path};
    auto steered = co_await parts_.ledger.steer_all(*name, *from, *to, actor, steered_at_once_max);
    if (!steered) co_return steered.error();
    for (const auto id : *steered) parts_.alarms.clear("delivery.quarantined", to_string(id));
    parts_.lanes.look_again(*name);
    parts_.lookup.wake(*name);
    out.number("count", static_cast<std::int64_t>(steered->size()))
        .boolean("more", steered->size() == steered_at_once_max);
    co_return out.done();
}

Task<Result<std::string>> Admin::drain(bool wanted, const http::Peer& peer) {
    parts_.intake.drain(wanted);
    log::warn(wanted ? "gateway.draining" : "gateway.open", "actor", "uid:" + std::to_string(peer.uid));
    auto out = co_await queue();
    co_return out;
}

Task<Result<>> Admin::envelope(http::Exchange& exchange, model::MessageId id) {
    auto view = co_await parts_.ledger.message(id);
    if (!view) co_return view.error();
    auto stored = co_await parts_.ledger.envelope(id);
    if (!stored) co_return stored.error();
    if (*view && (*view)->purged && !stored->holes.empty()) co_return Error{errc::payload_purged, id.text()};
    const auto bytes = stored->bytes;
    const auto stream = parts_.content.envelope(std::move(*stored));
    http::Headers headers;
    headers.add("Content-Type", "application/xml");
    co_await exchange.begin(200, std::move(headers), bytes);
    for (;;) {
        auto piece = co_await stream->next();
        if (!piece) co_return piece.error();  // the connection is cut: a short body must not look whole
        if (piece->empty()) break;
        co_await exchange.write(*piece);
    }
    co_await exchange.finish();
    co_return Result<>{};
}

}  // namespace axis::app
