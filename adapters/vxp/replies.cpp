#include "adapters/vxp/replies.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>
#include <array>

namespace axis::vxp {

namespace {

using model::Verdict;

constexpr std::size_t excerpt_bytes_max = 500;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool among(std::string_view code, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_ok(const Answer& a) {
    return equal_ignoring_case(a.status, "OK");
}

bool is_fail(const Answer& a) {
    return equal_ignoring_case(a.status, "FAIL");
}

Verdict judge_json(const Answer& a) {
    const bool good_http = a.http_status >= 200 && a.http_status < 300;
    if (good_http && is_ok(a) && a.code == "0") return Verdict::accepted;
    if (a.http_status == 401 || a.http_status == 403 || among(a.code, {"15", "19"}))
        return Verdict::unauthorised;
    if (among(a.code, {"10", "18", "22", "23"})) return Verdict::rejected;
    if (among(a.code, {"20", "21"})) return Verdict::deferred;
    return is_fail(a) && a.code != "0" ? Verdict::deferred : Verdict::unknown;
}

errc reason_of(const Answer& a, Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted:
            return errc::none;
        case Verdict::unauthorised:
            return errc::peer_unauthorised;
        case Verdict::rejected:
            return errc::peer_rejected;
        case Verdict::deferred:
            return errc::peer_deferred;
        case Verdict::unknown:
            break;
    }
    return a.is_json ? errc::peer_unknown : errc::peer_http;
}

std::string_view name(http::Phase phase) {
    static constexpr std::array<std::string_view, 6> names{"name", "tcp", "tls", "header", "body", "reply"};
    return names.at(static_cast<std::size_t>(phase));
}

// The first character of `text`, as many bytes as it has; empty when it is not UTF-8.
std::string_view first_character(std::string_view text) {
    for (std::size_t n = 1; n <= std::min<std::size_t>(4, text.size()); ++n)
        if (is_utf8(text.substr(0, n))) return text.substr(0, n);
    return {};
}

}  // namespace

std::string printable(std::string_view raw, std::size_t bytes_max) {
    std::string out;
    while (!raw.empty()) {
        const auto character = first_character(raw);
        std::string_view shown = character.empty() ? replacement : character;
        if (!character.empty() && has_hidden_characters(character)) shown = " ";
        if (out.size() + shown.size() > bytes_max) break;
        const bool second_blank = shown == " " && (out.empty() || out.back() == ' ');
        if (!second_blank) out += shown;
        raw.remove_prefix(std::max<std::size_t>(1, character.size()));
    }
    return out;
}

bool is_doc_id(std::string_view text) {
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
    return ascii && !text.empty() && text.size() <= doc_id_bytes_max && text != "0";
}

void read_envelope(ReplyReader& reader, Answer& answer) {
    answer.is_json = reader.finish();
    answer.excerpt = printable(reader.excerpt(), excerpt_bytes_max);
    if (!answer.is_json) return;
    const Fields& fields = reader.envelope();
    answer.status = printable(fields.get("status"), 32);
    answer.code = printable(fields.get("errorcode"), 32);
    answer.description = printable(fields.get("errordesc"), excerpt_bytes_max);
    const auto doc_id = fields.get("docid");
    if (is_doc_id(doc_id)) answer.doc_id = doc_id;
}

Verdict judge(const Answer& answer) {
    if (answer.ours.code == errc::peer_header_not_ascii) return Verdict::rejected;
    // What we broke off ourselves never was a complete request.
    if (answer.ours.code != errc::none) return Verdict::deferred;
    if (answer.failure) return answer.failure->body_began ? Verdict::unknown : Verdict::deferred;
    return answer.is_json ? judge_json(answer) : Verdict::unknown;
}

bool succeeded(const Answer& answer) {
    return judge(answer) == Verdict::accepted;
}

Error why(const Answer& answer) {
    if (answer.ours.code != errc::none) return answer.ours;
    if (answer.failure) {
        std::string text{name(answer.failure->phase)};
        text += ": " + printable(answer.failure->detail, excerpt_bytes_max);
        return Error{answer.failure->code, std::move(text)};
    }
    const std::string shown = answer.excerpt.empty() ? "(empty)" : answer.excerpt;
    return Error{
        reason_of(answer, judge(answer)), "HTTP " + std::to_string(answer.http_status) + " " + shown};
}

model::Outcome send_outcome(const Answer& answer) {
    Error reason = why(answer);
    model::Outcome outcome;
    outcome.verdict = judge(answer);
    outcome.reason = reason.code;
    outcome.detail = std::move(reason.detail);
    outcome.connect = answer.connect;
    outcome.transfer = answer.transfer;
    if (outcome.verdict != Verdict::accepted) return outcome;
    outcome.remote_id = answer.doc_id;
    if (answer.doc_id.empty()) {
        outcome.verdict = Verdict::unknown;
        outcome.reason = errc::peer_unknown;
    }
    return outcome;
}

std::optional<ReceivedItem> received_item(const Fields& row) {
    const auto id = row.get("docid");
    if (!is_doc_id(id)) return std::nullopt;
    return ReceivedItem{
        std::string{id},
        printable(row.get("from"), 128),
        lower_ascii(row.get("status")),
        std::string{row.get("created_time")}};
}

SentItem sent_item(const Fields& row) {
    const auto text = [&](std::string_view field) { return std::string{row.get(field)}; };
    SentItem item{
        text("senderdocid"),
        text("fromcode"),
        text("tocode"),
        text("title"),
        text("notation"),
        text("senttime"),
        lower_ascii(row.get("sendstatus")),
        lower_ascii(row.get("receivestatus"))};
    if (!is_doc_id(item.sender_doc_id)) item.sender_doc_id.clear();
    return item;
}

}  // namespace axis::vxp
