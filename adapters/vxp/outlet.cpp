#include "adapters/vxp/outlet.hpp"

#include "adapters/vxp/reconcile.hpp"

#include <algorithm>

namespace axis::vxp {

namespace {

using model::Outcome;
using model::Verdict;

Outcome outcome(Verdict verdict, errc reason, std::string detail) {
    Outcome out;
    out.verdict = verdict;
    out.reason = reason;
    out.detail = std::move(detail);
    return out;
}

// What the list of sendings says about one attempt.
Outcome conclude(const ports::Dispatch& dispatch, const List<SentItem>& list) {
    if (!succeeded(list.answer)) {
        const Error reason = why(list.answer);
        return outcome(Verdict::unknown, reason.code, "the axis gives no list of sendings: " + reason.detail);
    }
    Match match = find_attempt(dispatch, list.items);
    if (match.how == Match::How::found) {
        Outcome found = outcome(Verdict::accepted, errc::none, std::move(match.detail));
        found.remote_id = std::move(match.doc_id);
        return found;
    }
    if (match.how == Match::How::doubtful)
        return outcome(Verdict::unknown, errc::peer_unknown, std::move(match.detail));
    if (!list.had_data || list.cut)
        return outcome(Verdict::unknown, errc::peer_unknown, "the axis' list of sendings is not complete");
    return outcome(Verdict::deferred, errc::peer_unknown, "not among the sendings the axis lists");
}

}  // namespace

Task<Outcome> Outlet::deliver(ports::Dispatch dispatch, ports::ByteStream& envelope) {
    // The axis registers the codes of subordinate units to the same system: the sender goes under its own
    // code.
    const std::string& from = dispatch.from.empty() ? agency_ : dispatch.from;
    SendRequest request{dispatch.kind, from, dispatch.sha256};
    const Answer answer = co_await axis_.send_edoc(std::move(request), envelope);
    co_return send_outcome(answer);
}

Task<Outcome> Outlet::reconcile(ports::Dispatch dispatch) {
    if (dispatch.kind == model::MessageKind::status)
        co_return outcome(Verdict::deferred, errc::peer_unknown, "a status is simply sent again");
    if (dispatch.from.empty()) dispatch.from = agency_;
    const Duration day = std::chrono::hours{24};
    // A ledger that was restored from a backup asks for what may have been sent at any time since.
    const auto until = std::max(dispatch.begun + day, axis_.now());
    SentQuery query{dispatch.kind, {}, dispatch.begun - day, until};
    const List<SentItem> list = co_await axis_.sent_list(std::move(query));
    co_return conclude(dispatch, list);
}

}  // namespace axis::vxp
