// Admission: whether the ledger still takes a message, by how much waits. Private to gateway/ledger.
//
// Two bounds. What the lanes have yet to do is one for all: beyond it nothing new comes in. What waits for
// one endpoint, also what it has not fetched or what is held for it, is a bound of its own: an endpoint that
// is dead for months refuses what is addressed to it, and nobody else notices. What an axis brings is not
// refused for the second one: its other recipients would wait for the dead one. Statuses pass up to half as
// many more. Counting is too dear for every message: estimates are kept, corrected now and then. Thread:
// store.
#pragma once

#include "gateway/ledger/ledger.hpp"
#include "gateway/ledger/schema.hpp"

#include <map>

namespace axis::ledger {

class Admission {
public:
    Admission(const Limits& limits, Clock& clock) : limits_{limits}, clock_{clock} {}

    // overloaded, recipient_backlog (its detail names the endpoints).
    Result<> admit(Sql& sql, const Acceptance& acceptance);

private:
    struct Count {
        std::int64_t estimate = 0;
        int additions = 0;  // since it was corrected
        Time at{};
    };
    template <class Query>
    void correct(Count& count, Query query);

    const Limits& limits_;
    Clock& clock_;
    Count all_;
    std::map<model::EndpointName, Count> by_endpoint_;
};

}  // namespace axis::ledger
