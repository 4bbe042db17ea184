// What an axis took from us within a span of time, from the journal: for the comparison with the axis' list.
#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

// The journal grows with time: the first row at or after `at`, by halving. A clock that was set back leaves
// rows a little out of order; whoever asks takes a margin.
std::int64_t first_row_at(Sql& sql, Time at) {
    std::int64_t low = 1;
    std::int64_t high = 1;
    {
        auto q = sql.query("SELECT max(seq) FROM journal");
        if (q.next() && !q.is_null(0)) high = q.integer(0) + 1;
    }
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        auto q = sql.query("SELECT at FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1", middle);
        if (q.next() && q.time(0) < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

}  // namespace

std::vector<SentFact> sent(
    Sql& sql, const model::EndpointName& endpoint, Time from, Time until, std::size_t limit
) {
    std::vector<SentFact> out;
    {
        auto q = sql.query(
            "SELECT d.remote_id, d.id, m.id, m.kind, m.number, a.begun FROM journal j JOIN delivery d ON "
            "d.id = "
            "j.delivery JOIN message m ON m.id = d.message JOIN attempt a ON a.delivery = d.id AND a.number "
            "= "
            "d.attempts WHERE j.seq >= ? AND j.seq < ? AND j.kind = 'delivery.accepted' AND j.actor = ? "
            "ORDER BY "
            "j.seq LIMIT ?",
            first_row_at(sql, from),
            first_row_at(sql, until),
            "axis:" + endpoint.text,
            limit
        );
        while (q.next())
            out.push_back(
                {q.text(0),
                 {q.integer(1)},
                 q.message(2),
                 static_cast<model::MessageKind>(q.integer(3)),
                 q.text(4),
                 q.time(5),
                 {}}
            );
    }
    for (auto& fact : out) {
        auto r =
            sql.query("SELECT code FROM recipient WHERE delivery = ? ORDER BY ordinal", fact.delivery.value);
        while (r.next()) fact.to.push_back(r.text(0));
    }
    return out;
}

}  // namespace axis::ledger
