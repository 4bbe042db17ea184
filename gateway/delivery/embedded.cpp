#include "gateway/delivery/embedded.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

namespace axis::delivery {

ports::Dispatch dispatch_of(const ledger::Attempt& a) {
    return {
        a.message,
        a.kind,
        a.number,
        a.begun,
        a.from,
        a.to,
        a.document_id,
        a.number_text,
        a.subject,
        a.envelope.sha256,
        a.envelope.bytes};
}

Task<model::Outcome> ask(Task<model::Outcome> outlet) {
    const auto state = co_await asio::this_coro::cancellation_state;
    model::Outcome outcome;
    try {
        outcome = co_await std::move(outlet);
    } catch (const std::exception& e) {
        if (state.cancelled() != asio::cancellation_type::none) throw;
        outcome.verdict = model::Verdict::unknown;
        outcome.reason = errc::internal;
        outcome.detail = e.what();
    }
    co_return outcome;
}

Task<Result<Attempted>> Embedded::attempt(ledger::Due due) {
    auto begun = co_await ledger_.begin(due.delivery, due.attempts + 1);
    if (!begun) co_return begun.error();
    Attempted out;
    out.attempt = std::move(*begun);
    const auto stream = stream_(out.attempt.envelope);
    auto dispatch = dispatch_of(out.attempt);
    auto sending = outlet_.deliver(std::move(dispatch), *stream);
    out.outcome = co_await ask(std::move(sending));
    co_return out;
}

}  // namespace axis::delivery
