#include "gateway/intake/lookup.hpp"

#include "gateway/intake/view_json.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

// A waiter's place in the list, given up when the coroutine ends in whatever way.
class Place {
public:
    Place(std::list<Wakeup*>& list, Wakeup& wakeup) : list_{list}, at_{list.insert(list.end(), &wakeup)} {}
    ~Place() { list_.erase(at_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    std::list<Wakeup*>& list_;
    std::list<Wakeup*>::iterator at_;
};

Result<std::optional<Time>> day(const std::string& name, const std::string& text) {
    Time t{};
    if (text.empty()) return std::optional<Time>{};
    if (!parse_time(text, t)) return Error{errc::http_parameter, name + ": not a date: " + text};
    return std::optional{t};
}

Result<ledger::Filter> filter_of(const ports::Caller& caller, const ports::Search& search) {
    ledger::Filter filter;
    filter.number = search.number;
    filter.external_id = search.external_id;
    filter.endpoint = caller.endpoint.text;
    filter.limit = std::min<std::size_t>(search.limit, 100);
    if (!search.state.empty()) {
        filter.state = model::delivery_state(search.state);
        if (!filter.state) return Error{errc::http_parameter, "state: " + search.state};
    }
    auto from = day("from", search.from);
    if (!from) return from.error();
    auto to = day("to", search.to);
    if (!to) return to.error();
    filter.from = *from;
    // A day without a time means the whole day.
    filter.to = *to && search.to.size() == 10 ? std::optional{**to + std::chrono::hours{24}} : *to;
    return filter;
}

}  // namespace

Task<Result<ledger::MessageView>> Lookup::visible(const ports::Caller& caller, model::MessageId id) {
    const auto viewer = caller.endpoint.text;
    auto view = co_await ledger_.message(id);
    if (!view) co_return view.error();
    if (!*view || !visible_to(**view, viewer)) co_return Error{errc::not_found, id.text()};
    co_return std::move(**view);
}

Task<Result<std::string>> Lookup::message(ports::Caller caller, model::MessageId id) {
    auto view = co_await visible(caller, id);
    if (!view) co_return view.error();
    co_return to_json(*view, caller.endpoint.text);
}

Task<Result<std::string>> Lookup::find(ports::Caller caller, ports::Search search) {
    auto filter = filter_of(caller, search);
    if (!filter) co_return filter.error();
    auto views = co_await ledger_.find(std::move(*filter));
    if (!views) co_return views.error();
    std::string out{"{\"messages\":["};
    for (std::size_t i = 0; i < views->size(); ++i)
        out += (i > 0 ? "," : "") + to_json((*views)[i], caller.endpoint.text);
    co_return out + "]}";
}

Task<Result<std::unique_ptr<ports::ByteStream>>> Lookup::envelope(ports::Caller caller, model::MessageId id) {
    auto view = co_await visible(caller, id);
    if (!view) co_return view.error();
    auto stored = co_await ledger_.envelope(id);
    if (!stored) co_return stored.error();
    if (view->purged && !stored->holes.empty()) co_return Error{errc::payload_purged, id.text()};
    co_return content_.envelope(std::move(*stored));
}

Task<Result<ports::FileStream>> Lookup::attachment(
    ports::Caller caller, model::MessageId id, std::size_t ordinal
) {
    auto view = co_await visible(caller, id);
    if (!view) co_return view.error();
    if (ordinal == 0 || ordinal > view->attachments.size())
        co_return Error{errc::not_found, "attachment " + std::to_string(ordinal)};
    if (view->purged) co_return Error{errc::payload_purged, id.text()};
    auto& attachment = view->attachments[ordinal - 1];
    ports::FileStream out{
        attachment.name,
        attachment.wrapped ? "application/octet-stream" : attachment.content_type,
        attachment.file_bytes,
        attachment.file_sha256,
        {}};
    out.stream = content_.file(std::move(attachment));
    co_return out;
}

Task<Result<ports::Events>> Lookup::events(
    ports::Caller caller, std::int64_t after, std::size_t limit, Duration wait
) {
    const auto until = clock_.now() + wait;
    Wakeup wakeup{io_};
    Place place{waiting_[caller.endpoint], wakeup};
    for (;;) {
        auto found = co_await ledger_.events(caller.endpoint, after, limit);
        if (!found) co_return found.error();
        if (!found->empty() || clock_.now() >= until || stopping_) {
            ports::Events out{{}, after};
            for (const auto& event : *found) {
                out.json.push_back(to_json(event, caller.endpoint.text));
                out.last = event.seq;
            }
            co_return out;
        }
        co_await clock_.wait(wakeup, until);
    }
}

Task<Result<std::int64_t>> Lookup::acknowledged(ports::Caller caller) {
    auto through = co_await ledger_.acknowledged_through(caller.endpoint);
    co_return through;
}

void Lookup::wake(const model::EndpointName& endpoint) {
    const auto at = waiting_.find(endpoint);
    if (at == waiting_.end()) return;
    for (auto* wakeup : at->second) wakeup->notify();
}

void Lookup::stop() {
    stopping_ = true;
    for (auto& [endpoint, wakeups] : waiting_)
        for (auto* wakeup : wakeups) wakeup->notify();
}

}  // namespace axis::intake
