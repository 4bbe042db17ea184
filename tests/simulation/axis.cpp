#include "tests/simulation/axis.hpp"

#include "adapters/vxp/calendar.hpp"
#include "gateway/base/base64.hpp"

#include <algorithm>

namespace axis::simulation {

namespace {

constexpr Duration piece_takes{20};

using model::MessageKind;
using vxp::Answer;

Answer reply(std::string status, std::string code, std::string doc_id = {}) {
    Answer a;
    a.http_status = 200;
    a.is_json = true;
    a.status = std::move(status);
    a.code = std::move(code);
    a.doc_id = std::move(doc_id);
    return a;
}

Answer wire(http::Phase phase, bool body_began) {
    Answer a;
    a.failure = http::Failure{phase, errc::peer_timeout, "simulated", body_began};
    return a;
}

Answer page() {
    Answer a;
    a.http_status = 200;
    a.excerpt = "<html>";
    return a;
}

}  // namespace

// One life of the gateway speaks to the axis through one of these.
class Line final : public vxp::Calls {
public:
    Line(Axis& axis, Clock& clock) : axis_{axis}, clock_{clock} {}

    Task<Answer> send_edoc(vxp::SendRequest request, ports::ByteStream& envelope) override;
    Task<vxp::List<vxp::ReceivedItem>> received_list(MessageKind kind) override;
    Task<vxp::List<vxp::SentItem>> sent_list(vxp::SentQuery query) override;
    Task<vxp::Fetched> download(std::string doc_id, vxp::Taker taker) override;
    Task<vxp::Fetched> get_edoc(std::string doc_id, vxp::Taker taker) override;
    Task<Answer> update_status(std::string doc_id, vxp::TransportStatus status) override;
    Time now() const override { return clock_.now(); }

private:
    Task<bool> connect();
    Answer decide(const vxp::SendRequest& request, std::string text);
    Answer take(const vxp::SendRequest& request, std::string text, bool late);
    Answer mishap(const vxp::SendRequest& request, std::string text);

    Axis& axis_;
    Clock& clock_;
};

std::unique_ptr<vxp::Calls> Axis::line(Clock& clock) {
    return std::make_unique<Line>(*this, clock);
}

void Axis::put(MessageKind kind, std::string envelope, bool poison) {
    box_.push_back({name_ + "-" + std::to_string(next_id_++), kind, std::move(envelope), poison, false});
    world_.note("axis.put", next_id_);
}

bool Axis::has(const Letter& letter) const {
    return std::any_of(letter.taken.begin(), letter.taken.end(), [&](const auto& t) {
        return t.axis == name_;
    });
}

bool Axis::empty_box() const {
    return std::all_of(box_.begin(), box_.end(), [](const Item& i) { return i.acknowledged || i.poison; });
}

// The bytes are looked at as a partner would: whole, announced truly, the same at every attempt, the sender's
// files in them.
std::string Axis::take(std::size_t n, std::string_view bytes, const Sha256& announced) {
    auto& letter = papers_.letters.at(n);
    const auto digest = sha256(bytes);
    const auto what = name_ + " got letter " + std::to_string(n);
    if (digest != announced) world_.fail(what + " with other bytes than announced");
    if (letter.sent_as.emplace(name_, digest).first->second != digest)
        world_.fail(what + " with other bytes than before");
    for (const auto& file : letter.files) {
        if (bytes.find(base64_encode(file.bytes)) == std::string_view::npos)
            world_.fail(what + " without the file " + file.name);
    }
    const bool first = !has(letter);
    const auto id = name_ + "-sent-" + std::to_string(next_id_++);
    letter.taken.push_back({name_, id, world_.now()});
    world_.note("axis.took", n);
    if (!first) world_.fail(what + " twice");
    if (first && on_letter) on_letter(letter);
    return id;
}

void Axis::take_report(std::string_view envelope) {
    const auto n = marked(envelope, "word-");
    if (n && *n < papers_.reports.size()) ++papers_.reports[*n].taken;
    const auto about = numbered(envelope);
    if (!n && about && *about < papers_.letters.size()) {
        auto& letter = papers_.letters[*about];
        for (const auto& code : letter.to)
            if (envelope.find(">" + code + "<") != std::string_view::npos) ++letter.arrived[code];
    }
    world_.note("axis.took_status", n.value_or(0));
}

Task<bool> Line::connect() {
    const auto wait = axis_.world_.between(Duration{20}, Duration{2000});
    co_await clock_.sleep_for(wait);
    if (axis_.is_away()) {
        axis_.count("axis away");
        co_return false;
    }
    const bool refused = axis_.trouble(15);
    if (refused) axis_.count("connection refused");
    co_return !refused;
}

// What comes back, and what the axis has done by then.
Answer Line::take(const vxp::SendRequest& request, std::string text, bool late) {
    if (request.kind == MessageKind::status) {
        axis_.take_report(text);
        return reply("OK", "0", "status");
    }
    const auto n = marked(text, "sim-").value_or(0);
    if (!late) return reply("OK", "0", axis_.take(n, text, request.sha256));
    ++axis_.pending_;
    axis_.world_.after(
        axis_.world_.between(Duration{1}, late_max),
        [&axis = axis_, n, text = std::move(text), digest = request.sha256] {
            --axis.pending_;
            axis.take(n, text, digest);
        }
    );
    return reply("OK", "0", "");
}

Answer Line::mishap(const vxp::SendRequest& request, std::string text) {
    auto& axis = axis_;
    switch (axis.world_.pick(8)) {
        case 0:
            axis.count("broken off in the body");
            return wire(http::Phase::send_body, true);
        case 1:
            axis.count("answer lost");
            take(request, std::move(text), false);
            return wire(http::Phase::reply, true);
        case 2:
            axis.count("taken late, answer lost");
            take(request, std::move(text), true);
            return wire(http::Phase::reply, true);
        case 3:
            axis.count("system error 20");
            return reply("FAIL", "20");
        case 4:
            axis.count("a page, taken");
            take(request, std::move(text), false);
            return page();
        case 5:
            axis.count("a page, not taken");
            return page();
        case 6:
            axis.count("OK without id, taken");
            take(request, std::move(text), false);
            return reply("OK", "0", "");
        default:
            axis.count("key refused");
            return reply("FAIL", "15");
    }
}

Answer Line::decide(const vxp::SendRequest& request, std::string text) {
    if (request.kind == MessageKind::document) {
        const auto n = marked(text, "sim-");
        if (!n || *n >= axis_.papers_.letters.size()) {
            axis_.world_.fail(axis_.name_ + " got a document nobody wrote");
            return reply("FAIL", "10");
        }
        if (axis_.papers_.letters[*n].refused) {
            axis_.count("refused for good");
            return reply("FAIL", "10");
        }
    }
    if (axis_.trouble(180)) return mishap(request, std::move(text));
    return take(request, std::move(text), false);
}

Task<Answer> Line::send_edoc(vxp::SendRequest request, ports::ByteStream& envelope) {
    axis_.open_most_ = std::max(axis_.open_most_, ++axis_.open_);
    const std::shared_ptr<void> leave{nullptr, [&axis = axis_](void*) { --axis.open_; }};
    const bool connected = co_await connect();
    if (!connected) co_return wire(http::Phase::tcp, false);
    std::string text;
    for (;;) {
        auto piece = co_await envelope.next();
        if (!piece) {
            axis_.world_.note("axis.stream_failed");
            Answer a;
            a.ours = piece.error();
            co_return a;
        }
        if (piece->empty()) break;
        text += *piece;
    }
    if (text.size() != envelope.length()) axis_.world_.fail("an envelope of another length than announced");
    // From here on the axis does what it does, whether or not the gateway lives to hear of it.
    Answer answer = decide(request, std::move(text));
    const auto most = answer.failure ? Duration{30'000} : Duration{5'000};
    const auto wait = axis_.world_.between(Duration{10}, most);
    co_await clock_.sleep_for(wait);
    axis_.world_.note("axis.answered", static_cast<std::uint64_t>(vxp::judge(answer)));
    co_return answer;
}

Task<vxp::List<vxp::ReceivedItem>> Line::received_list(MessageKind kind) {
    vxp::List<vxp::ReceivedItem> list;
    const bool connected = co_await connect();
    if (!connected) {
        list.answer = wire(http::Phase::tcp, false);
        co_return list;
    }
    list.answer = reply("OK", "0");
    list.had_data = true;
    for (const auto& item : axis_.box_)
        if (item.kind == kind && !item.acknowledged) list.items.push_back({item.id, "", "initial"});
    for (auto i = list.items.size(); i > 1; --i)
        std::swap(list.items[i - 1], list.items[axis_.world_.pick(i)]);
    co_return list;
}

Task<vxp::List<vxp::SentItem>> Line::sent_list(vxp::SentQuery query) {
    vxp::List<vxp::SentItem> list;
    const bool connected = co_await connect();
    if (!connected) {
        list.answer = wire(http::Phase::tcp, false);
        co_return list;
    }
    axis_.count("asked what was sent");
    if (!axis_.lists_) {
        list.answer = reply("FAIL", "22");
        co_return list;
    }
    list.answer = reply("OK", "0");
    if (axis_.trouble(50)) {
        axis_.count("a list without a list");
        co_return list;
    }
    list.had_data = true;
    for (const auto& letter : axis_.papers_.letters)
        for (const auto& taken : letter.taken) {
            if (taken.axis != axis_.name_ || taken.at < query.since || taken.at > query.until) continue;
            for (const auto& to : letter.to)
                if (axis_of(to) == axis_.name_)
                    list.items.push_back(
                        {taken.doc_id,
                         letter.from,
                         to,
                         letter.mark(),
                         letter.full_number(),
                         vxp::list_time(taken.at)}
                    );
        }
    for (auto i = list.items.size(); i > 1; --i)
        std::swap(list.items[i - 1], list.items[axis_.world_.pick(i)]);
    co_return list;
}

Task<vxp::Fetched> Line::download(std::string doc_id, vxp::Taker taker) {
    vxp::Fetched fetched;
    const bool connected = co_await connect();
    const auto item =
        std::find_if(axis_.box_.begin(), axis_.box_.end(), [&](const auto& i) { return i.id == doc_id; });
    if (!connected || item == axis_.box_.end()) {
        fetched.answer = wire(http::Phase::tcp, false);
        co_return fetched;
    }
    const std::string text = item->envelope;
    const bool cut = axis_.trouble(40);
    const auto end = cut ? axis_.world_.pick(text.size()) : text.size();
    const auto step = 200 + axis_.world_.pick(60'000);
    for (std::size_t at = 0; at < end; at += step) {
        const auto piece = std::string_view{text}.substr(at, std::min(step, end - at));
        auto taken = co_await taker(piece);
        if (!taken) {
            fetched.answer.ours = taken.error();
            co_return fetched;
        }
        co_await clock_.sleep_for(piece_takes);
    }
    if (cut) {
        axis_.count("download cut");
        fetched.answer = wire(http::Phase::reply, true);
        co_return fetched;
    }
    fetched.answer.http_status = 200;
    fetched.how = vxp::Fetched::How::whole;
    co_return fetched;
}

Task<vxp::Fetched> Line::get_edoc(std::string doc_id, vxp::Taker taker) {
    auto fetched = co_await download(std::move(doc_id), std::move(taker));
    co_return fetched;
}

Task<Answer> Line::update_status(std::string doc_id, vxp::TransportStatus) {
    const bool connected = co_await connect();
    if (!connected) co_return wire(http::Phase::tcp, false);
    for (auto& item : axis_.box_) {
        if (item.id != doc_id) continue;
        const bool forgets = axis_.trouble(40);
        if (forgets) axis_.count("acknowledgement forgotten");
        item.acknowledged = item.acknowledged || !forgets;
    }
    axis_.world_.note("axis.acknowledged");
    const bool lies = axis_.trouble(40);
    if (lies) axis_.count("acknowledged, said to have failed");
    co_return lies ? reply("FAIL", "21") : reply("OK", "0");
}

}  // namespace axis::simulation
