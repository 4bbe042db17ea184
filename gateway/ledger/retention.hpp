// What is purged when its time is over, piece by piece: plain values.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/model/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace axis::ledger {

enum class Retained { documents, statuses, events, set_aside };
struct PurgeCursor {
    Time at = Time::min();
    model::MessageId message;
    std::string endpoint;
    std::int64_t seq = 0;
};
struct PurgeOrder {
    Retained what = Retained::documents;
    Time before{};
    PurgeCursor after;
    std::size_t limit = 50;  // looked at in one commit
};
struct Purged {
    std::size_t count = 0;
    std::vector<Sha256> in_spool;  // texts that no message needs: the spool's files may go
    bool more = false;             // go on with `next`
    PurgeCursor next;
};

}  // namespace axis::ledger
