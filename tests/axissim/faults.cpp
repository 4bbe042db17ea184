#include "tests/axissim/faults.hpp"

#include "gateway/base/log.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace axis::sim {

bool Faults::known(std::string_view kind) {
    static constexpr std::string_view kinds[]{
        "html_502",
        "empty_body",
        "error_500_json",
        "lost_reply_after_storing",
        "no_docid_in_reply",
        "relist_done",
        "wrong_from",
        "code_20",
        "auth_401",
        "slow_reply_ms",
        "slow_store_ms",
        "reserialise",
        "zip_wrap",
        "reshape",
        "cut_body",
        "accented_error",
        "poison",
    };
    return std::ranges::find(kinds, kind) != std::end(kinds);
}

void Faults::add(std::string kind, int count, std::int64_t value, std::string operation) {
    if (count > 0) {
        armed_.push_back({std::move(kind), count, value, std::move(operation)});
        return;
    }
    std::erase_if(armed_, [&](const Armed& a) {
        return a.kind == kind && (operation.empty() || a.operation == operation);
    });
}

std::optional<std::int64_t> Faults::take(std::string_view kind, std::string_view operation) {
    const auto fits = [&](const Armed& a) {
        return a.kind == kind && (a.operation.empty() || a.operation == operation);
    };
    const auto at = std::ranges::find_if(armed_, fits);
    if (at == armed_.end()) return std::nullopt;
    const auto value = at->value;
    if (--at->count == 0) armed_.erase(at);
    log::info("axissim.fault", "kind", kind, "operation", operation);
    return value;
}

boost::json::array Faults::list() const {
    boost::json::array out;
    for (const auto& a : armed_)
        out.push_back({{"kind", a.kind}, {"count", a.count}, {"value", a.value}, {"operation", a.operation}});
    return out;
}

}  // namespace axis::sim
