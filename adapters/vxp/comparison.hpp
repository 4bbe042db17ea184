// What the ledger says of one day held against the axis' lists of it: each difference has an owner and
// something to do. Facts in, differences out; no I/O, any thread.
#pragma once

#include "adapters/vxp/replies.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/model/ids.hpp"
#include "gateway/ports/arrivals.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace axis::vxp {

enum class Owner { gateway, axis, sender, recipient };
std::string_view name(Owner owner);

// A kind of difference: what it is and what to do about it; {} stands for the endpoint.
struct DifferenceKind {
    std::string_view name;  // sent.not_listed …; the rows are in comparison.cpp
    Owner owner;
    std::string_view en, vi;
    std::string_view do_en, do_vi;
};

struct Difference {
    const DifferenceKind* kind = nullptr;
    std::string doc_id;  // the axis' own
    std::optional<model::MessageId> message;
    std::string number;  // số ký hiệu, where it is known
    std::string detail;
};

// What the axis took from us, as the ledger has it.
struct OwnSending {
    std::string doc_id;
    model::MessageId message;
    std::string number;
    std::vector<std::string> to;
    bool of_the_day = false;  // else only known, so that it is no stranger in the list
};
struct Span {
    Time from{}, until{};
};
// `listed` holds all rows of the day and may hold more.
std::vector<Difference> compare_sent(
    const std::vector<OwnSending>& own, const std::vector<SentItem>& listed, Span day
);
// `known` in the order of `listed`. What was put there after `until` may still be on its way to us.
std::vector<Difference> compare_received(
    const std::vector<ReceivedItem>& listed, const std::vector<ports::Known>& known, Time until
);

}  // namespace axis::vxp
