#include "gateway/ledger/admission.hpp"

#include "gateway/ledger/use_cases.hpp"

namespace axis::ledger {

namespace {

constexpr int additions_max = 200;
constexpr Duration stale_after{std::chrono::seconds{1}};

}  // namespace

template <class Query>
void Admission::correct(Count& count, Query query) {
    const auto now = clock_.now();
    if (++count.additions <= additions_max && now - count.at < stale_after) return;
    count = {query(), 1, now};
}

Result<> Admission::admit(Sql& sql, const Acceptance& a) {
    const auto allowed = [&a](std::int64_t bound) { return a.status ? bound * 3 / 2 : bound; };
    correct(all_, [&] { return waiting_deliveries(sql); });
    auto total = all_.estimate;
    std::map<model::EndpointName, std::int64_t> wanted;
    for (const auto& delivery : a.deliveries) {
        ++wanted[delivery.endpoint];
        if (!delivery.passive && !delivery.held) ++total;
    }
    const bool more_to_do = total > all_.estimate;
    if (more_to_do && total > allowed(limits_.waiting_deliveries_max))
        return Error{errc::overloaded, "waiting deliveries"};
    std::string full;
    for (const auto& [endpoint, more] : wanted) {
        auto& count = by_endpoint_[endpoint];
        const auto bound = allowed(limits_.waiting_per_endpoint_max);
        correct(count, [&, &name = endpoint] { return waiting_deliveries(sql, name, 2 * bound); });
        if (!a.incoming && count.estimate + more > bound) full += (full.empty() ? "" : ", ") + endpoint.text;
    }
    if (!full.empty()) return Error{errc::recipient_backlog, std::move(full)};
    all_.estimate = total;
    for (const auto& [endpoint, more] : wanted) by_endpoint_[endpoint].estimate += more;
    return {};
}

}  // namespace axis::ledger
