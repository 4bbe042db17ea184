#include "adapters/vxp/reconcile.hpp"

#include "adapters/vxp/calendar.hpp"
#include "gateway/base/text.hpp"
#include "gateway/model/agency_code.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace axis::vxp {

namespace {

constexpr Duration clock_skew_max{std::chrono::minutes{5}};
enum class Fact { yes, no, cannot_tell };

std::string code_key(std::string_view text) {
    const auto code = model::AgencyCode::parse(trimmed(text));
    return code ? code->key() : std::string{};
}

// NFC, runs of white space as one blank.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : nfc(trimmed(text))) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (blank && !out.empty() && out.back() == ' ') continue;
        out += blank ? ' ' : c;
    }
    return out;
}

std::string notation_key(std::string_view text) {
    std::string key = plain(text);
    std::erase(key, ' ');
    return upper_ascii(key);
}

enum class Notation { whole, part, missing, other };

Notation compare_notation(const std::string& number, const std::string& listed) {
    const std::string ours = notation_key(number);
    const std::string theirs = notation_key(listed);
    if (theirs.empty()) return Notation::missing;
    if (theirs == ours) return Notation::whole;
    const auto slash = ours.find('/');
    const bool part = slash != std::string::npos && theirs == ours.substr(slash + 1);
    return part ? Notation::part : Notation::other;
}

Fact compare_title(const std::string& subject, const std::string& listed) {
    const std::string ours = plain(subject);
    std::string theirs = plain(listed);
    if (ours == theirs) return Fact::yes;
    for (const std::string_view dots : {"...", "…"})
        if (theirs.ends_with(dots)) theirs.resize(theirs.size() - dots.size());
    return ours.starts_with(theirs) ? Fact::cannot_tell : Fact::no;  // empty or cut off
}

// One sending as the axis lists it: its rows, one per recipient.
struct Sending {
    const SentItem* first = nullptr;
    std::set<std::string> to;
};

using Sendings = std::map<std::string, Sending>;

Sendings by_doc_id(const std::vector<SentItem>& rows) {
    Sendings out;
    std::size_t nameless = 0;
    for (const SentItem& row : rows) {
        // A blank begins no usable docId.
        const bool named = !row.sender_doc_id.empty();
        auto& sending = out[named ? row.sender_doc_id : " " + std::to_string(++nameless)];
        if (sending.first == nullptr) sending.first = &row;
        sending.to.insert(code_key(row.to));
    }
    return out;
}

bool covers(const Sending& sending, const std::vector<std::string>& to) {
    const auto there = [&](const std::string& code) { return sending.to.contains(code_key(code)); };
    return std::all_of(to.begin(), to.end(), there);
}

Match::How compare(const ports::Dispatch& dispatch, const Sending& sending) {
    const SentItem& row = *sending.first;
    const auto at = read_list_time(row.sent_time);
    const auto notation = compare_notation(dispatch.number, row.notation);
    const auto title = compare_title(dispatch.subject, row.title);
    const bool too_early = at && *at < dispatch.begun - clock_skew_max;
    if (notation == Notation::other) return Match::How::none;
    if (title == Fact::no && notation != Notation::whole) return Match::How::none;

    const bool same_document =
        title == Fact::yes && (notation == Notation::whole || notation == Notation::part);
    const bool same_parties = code_key(row.from) == code_key(dispatch.from) && covers(sending, dispatch.to);
    // Ours after all, if our clock was ahead of the axis' when it began.
    if (too_early) return same_document && same_parties ? Match::How::doubtful : Match::How::none;
    const bool certain = at && same_document && same_parties && !row.sender_doc_id.empty();
    return certain ? Match::How::found : Match::How::doubtful;
}

}  // namespace

Match find_attempt(const ports::Dispatch& dispatch, const std::vector<SentItem>& rows) {
    Match match;
    Duration nearest = Duration::max();
    for (const auto& [id, sending] : by_doc_id(rows)) {
        const auto how = compare(dispatch, sending);
        if (how == Match::How::none) continue;
        if (how == Match::How::doubtful) {
            if (match.how != Match::How::none) continue;
            match.how = how;
            match.detail = "a sending like it is listed, not the same in every field: " +
                           printable(sending.first->sender_doc_id, 64);
            continue;
        }
        const Duration apart = std::chrono::abs(*read_list_time(sending.first->sent_time) - dispatch.begun);
        if (match.how == Match::How::found && apart >= nearest) continue;
        nearest = apart;
        match.how = Match::How::found;
        match.doc_id = id;
        match.detail = "listed by the axis, sent " + printable(sending.first->sent_time, 32);
    }
    return match;
}

}  // namespace axis::vxp
