#include "gateway/app/retention.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/offload.hpp"

namespace axis::app {

namespace {

constexpr std::chrono::hours every{1};
constexpr std::uint64_t text_age_seconds = 3600;  // a younger text may be on its way into a message
constexpr std::size_t per_commit = 50;

std::string_view name(ledger::Retained what) {
    using ledger::Retained;
    switch (what) {
        case Retained::documents:
            return "documents";
        case Retained::statuses:
            return "statuses";
        case Retained::events:
            return "events";
        case Retained::set_aside:
            break;
    }
    return "set_aside";
}

}  // namespace

Task<> Retention::run() {
    using ledger::Retained;
    const auto& kept = parts_.kept;
    const std::pair<Retained, std::chrono::days> classes[] = {
        {Retained::documents, kept.documents},
        {Retained::statuses, kept.statuses},
        {Retained::events, kept.events},
        {Retained::set_aside, kept.set_aside}};
    for (;;) {
        std::string why;
        for (const auto& [what, days] : classes) {
            if (days.count() == 0) continue;
            auto purged = co_await purge(what, days);
            if (!purged) why = std::string{name(what)} + ": " + to_string(purged.error());
        }
        parts_.alarms.set(!why.empty(), "retention.failed", "ledger", why);
        co_await parts_.clock.sleep_for(every);
    }
}

Task<Result<>> Retention::purge(ledger::Retained what, std::chrono::days kept) {
    ledger::PurgeOrder order;
    order.what = what;
    order.before = parts_.clock.now() - kept;
    order.limit = per_commit;
    std::size_t count = 0;
    std::size_t texts = 0;
    for (bool more = true; more;) {
        auto purged = co_await parts_.ledger.purge(order);
        if (!purged) co_return purged.error();
        count += purged->count;
        texts += purged->in_spool.size();
        more = purged->more;
        order.after = purged->next;
        co_await remove(std::move(purged->in_spool));
    }
    if (count > 0) log::info("retention.purged", "class", name(what), "count", count, "texts", texts);
    co_return Result<>{};
}

// What stays is found by the collection (health.hpp): it is known to nobody.
Task<> Retention::remove(std::vector<Sha256> texts) {
    if (texts.empty()) co_return;
    auto work = [this, texts = std::move(texts)] {
        for (const auto& text : texts) (void)parts_.spool.remove(text, text_age_seconds);
    };
    co_await offload(parts_.files, std::move(work));
}

}  // namespace axis::app
