#include "gateway/app/daily_reconcile.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"

#include <algorithm>

namespace axis::app {

namespace {

constexpr std::chrono::hours vietnam{7};
constexpr std::chrono::hours a_day{24};
constexpr std::chrono::hours margin{1};  // between our clock and the axis'
constexpr std::chrono::hours again_after{1};
constexpr std::size_t sendings_max = vxp::list_entries_max;
constexpr std::size_t known_count_max = 500;  // asked of the ledger at once
constexpr int never = 24;

Time day_start(Time at) {
    return Time{std::chrono::floor<std::chrono::days>(at.time_since_epoch() + vietnam) - vietnam};
}

std::string in_place(std::string_view text, const std::string& endpoint) {
    std::string out{text};
    if (const auto at = out.find("{}"); at != std::string::npos) out.replace(at, 2, endpoint);
    return out;
}

std::string to_json(const vxp::Difference& d, const std::string& endpoint) {
    return JsonObject{}
        .text("kind", d.kind->name)
        .maybe("doc_id", d.doc_id)
        .maybe("message_id", d.message ? d.message->text() : "")
        .maybe("number", d.number)
        .maybe("detail", d.detail)
        .text("owner", vxp::name(d.kind->owner))
        .text("what", d.kind->vi)
        .text("what_en", d.kind->en)
        .text("action", in_place(d.kind->do_vi, endpoint))
        .text("action_en", in_place(d.kind->do_en, endpoint))
        .done();
}

std::string why_not(std::string_view list, model::MessageKind kind, bool cut, const vxp::Answer& answer) {
    const auto why = cut ? std::string{"the list is not complete"} : to_string(vxp::why(answer));
    return std::string{list} + " " + std::string{model::name(kind)} + ": " + why;
}

void append(std::vector<vxp::Difference>& to, std::vector<vxp::Difference> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Time first_run(Time now, int hour) {
    const auto today = day_start(now) + std::chrono::hours{hour};
    return today > now ? today : std::min(now + again_after, today + a_day);
}

Time next_run(Time now, int hour, bool whole) {
    const auto tomorrow = day_start(now) + a_day + std::chrono::hours{hour};
    return whole ? tomorrow : std::min(now + again_after, tomorrow);
}

std::string to_json(const Reconciled& r, const std::string& endpoint) {
    std::vector<std::string> differences;
    for (const auto& d : r.differences) differences.push_back(to_json(d, endpoint));
    std::vector<std::string> open;
    for (const auto& text : r.not_compared) open.push_back(json_quoted(text));
    return JsonObject{}
        .text("endpoint", endpoint)
        .text("day", r.day)
        .number("sent_here", static_cast<std::int64_t>(r.sent_here))
        .number("sent_listed", static_cast<std::int64_t>(r.sent_there))
        .number("received_listed", static_cast<std::int64_t>(r.received_there))
        .raw("differences", json_array(differences))
        .raw("not_compared", json_array(open))
        .done();
}

Task<> DailyReconcile::run() {
    std::map<model::EndpointName, Time> next;
    for (const auto& [endpoint, hour] : parts_.hours)
        if (hour != never) next[endpoint] = first_run(parts_.clock.now(), hour);
    if (next.empty()) co_return;
    for (;;) {
        const auto soonest = std::min_element(next.begin(), next.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
        });
        co_await parts_.clock.sleep_until(soonest->second);
        const auto endpoint = soonest->first;
        const std::string yesterday;
        auto found = co_await compare(endpoint, yesterday);
        const bool whole = found && found->not_compared.empty();
        if (!whole)
            log::warn(
                "reconcile.incomplete",
                "endpoint",
                endpoint,
                "reason",
                found ? found->not_compared.front() : to_string(found.error())
            );
        soonest->second = next_run(parts_.clock.now(), parts_.hours.at(endpoint), whole);
    }
}

Task<Result<Reconciled>> DailyReconcile::compare(model::EndpointName endpoint, std::string day) {
    const auto link = std::find_if(parts_.links.begin(), parts_.links.end(), [&](const auto& l) {
        return l->settings.endpoint == endpoint;
    });
    if (link == parts_.links.end()) co_return Error{errc::not_found, endpoint.text};
    const auto now = parts_.clock.now();
    vxp::Span span;
    span.from = day_start(now) - a_day;
    if (!day.empty() && (day.size() != 10 || !parse_time(day, span.from)))
        co_return Error{errc::http_parameter, "day: " + day};
    span.from = day_start(span.from);
    span.until = span.from + a_day;
    Reconciled out;
    out.day = to_local_text(span.from).substr(0, 10);

    auto sent = co_await compare_sent(**link, span, out);
    if (!sent) co_return sent.error();
    // What came a moment ago is being fetched.
    const auto settled = now - (*link)->settings.poll * 2;
    const auto until = std::min<Time>(span.until, settled);
    auto received = co_await compare_received(**link, until, out);
    if (!received) co_return received.error();
    if (span.until >= day_start(now)) tell(endpoint, out);
    co_return out;
}

// The lists before the ledger: what is listed has been noted here since, but for attempts that are open.
Task<Result<>> DailyReconcile::compare_sent(AxisLink& link, vxp::Span day, Reconciled& out) {
    const auto asked = parts_.clock.now();
    std::map<model::MessageKind, std::vector<vxp::SentItem>> lists;
    for (const auto kind : {model::MessageKind::document, model::MessageKind::status}) {
        vxp::SentQuery query{kind, {}, day.from - margin, day.until + margin};
        auto list = co_await link.client->sent_list(std::move(query));
        if (vxp::succeeded(list.answer) && list.had_data && !list.cut)
            lists[kind] = std::move(list.items);
        else
            out.not_compared.push_back(why_not("sent", kind, list.cut, list.answer));
    }
    // Up to now: what was asked for and found later counts as sent when the axis took it.
    auto facts = co_await parts_.ledger.sent(
        link.settings.endpoint, day.from - margin, parts_.clock.now() + margin, sendings_max
    );
    if (!facts) co_return facts.error();
    if (facts->size() == sendings_max) out.not_compared.emplace_back("sent: too many since that day");
    std::map<model::MessageKind, std::vector<vxp::OwnSending>> own;
    for (auto& fact : *facts) {
        const bool counts = fact.begun >= day.from && fact.begun < std::min(day.until, asked);
        out.sent_here += counts ? 1 : 0;
        own[fact.kind].push_back(
            {std::move(fact.remote_id), fact.message, std::move(fact.number), std::move(fact.to), counts}
        );
    }
    for (const auto& [kind, list] : lists) {
        out.sent_there += list.size();
        append(out.differences, vxp::compare_sent(own[kind], list, day));
    }
    co_return Result<>{};
}

Task<Result<>> DailyReconcile::compare_received(AxisLink& link, Time until, Reconciled& out) {
    for (const auto kind : {model::MessageKind::document, model::MessageKind::status}) {
        auto list = co_await link.client->received_list(kind);
        if (!vxp::succeeded(list.answer) || list.cut) {
            out.not_compared.push_back(why_not("received", kind, list.cut, list.answer));
            continue;
        }
        out.received_there += list.items.size();
        for (std::size_t at = 0; at < list.items.size(); at += known_count_max) {
            const auto end = std::min(list.items.size(), at + known_count_max);
            std::vector<vxp::ReceivedItem> piece{
                list.items.begin() + static_cast<std::ptrdiff_t>(at),
                list.items.begin() + static_cast<std::ptrdiff_t>(end)};
            std::vector<std::string> ids;
            for (const auto& item : piece) ids.push_back(item.doc_id);
            auto known = co_await parts_.intake.known(link.settings.endpoint, std::move(ids));
            if (!known) co_return known.error();
            append(out.differences, vxp::compare_received(piece, *known, until));
        }
    }
    co_return Result<>{};
}

void DailyReconcile::tell(const model::EndpointName& endpoint, const Reconciled& found) {
    const auto count = found.differences.size();
    log::info("reconcile.compared", "endpoint", endpoint, "day", found.day, "differences", count);
    for (const auto& d : found.differences)
        log::warn(
            "reconcile.difference",
            "endpoint",
            endpoint,
            "kind",
            d.kind->name,
            "doc",
            d.doc_id,
            "owner",
            vxp::name(d.kind->owner)
        );
    if (count > 0 || found.not_compared.empty())
        parts_.alarms.set(
            count > 0, "reconcile.differences", endpoint.text, std::to_string(count) + " on " + found.day
        );
}

}  // namespace axis::app
