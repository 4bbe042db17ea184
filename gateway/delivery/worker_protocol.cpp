#include "gateway/delivery/worker_protocol.hpp"

#include "gateway/base/json_object.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace axis::delivery {

namespace {

namespace json = boost::json;

constexpr std::array verdicts{
    model::Verdict::accepted,
    model::Verdict::rejected,
    model::Verdict::deferred,
    model::Verdict::unauthorised,
    model::Verdict::unknown};
constexpr std::size_t name_bytes_max = 100;
constexpr std::array kinds{model::MessageKind::document, model::MessageKind::status};

// The members of one object; what is missing or of another kind makes it bad.
class Members {
public:
    explicit Members(std::string_view text) {
        json::error_code broken;
        value_ = json::parse(json::string_view{text.data(), text.size()}, broken);
        good_ = !broken && value_.is_object();
    }
    bool good() const { return good_; }
    std::string text(std::string_view name) {
        const auto* found = find(name);
        if (!found || !found->is_string()) return fail(), std::string{};
        return {found->get_string().data(), found->get_string().size()};
    }
    std::int64_t number(std::string_view name) {
        const auto* found = find(name);
        if (!found || !found->is_int64()) return fail(), 0;
        return found->get_int64();
    }
    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> out;
        const auto* found = find(name);
        if (!found || !found->is_array()) return fail(), out;
        for (const auto& one : found->get_array()) {
            if (!one.is_string()) return fail(), out;
            out.emplace_back(one.get_string().data(), one.get_string().size());
        }
        return out;
    }
    template <class T>
    T keep(const std::optional<T>& value) {
        if (!value) fail();
        return value.value_or(T{});
    }

private:
    const json::value* find(std::string_view name) const {
        return good_ ? value_.get_object().if_contains(json::string_view{name.data(), name.size()}) : nullptr;
    }
    void fail() { good_ = false; }

    json::value value_;
    bool good_ = false;
};

template <class All>
auto named(const All& all, std::string_view word) -> std::optional<typename All::value_type> {
    const auto at =
        std::find_if(all.begin(), all.end(), [word](auto one) { return model::name(one) == word; });
    return at == all.end() ? std::nullopt : std::optional{*at};
}

// An owner of another version may not know it; the verdict is what counts.
errc reason_named(std::string_view code) {
    for (const auto& one : error_table())
        if (one.code == code) return one.value;
    return code.empty() ? errc::none : errc::internal;
}

}  // namespace

std::string to_json(const Hello& hello) {
    return JsonObject{}.text("name", hello.name).done();
}

std::optional<Hello> hello_of(std::string_view text) {
    Members members{text};
    Hello out{members.text("name").substr(0, name_bytes_max)};
    return members.good() && !out.name.empty() ? std::optional{std::move(out)} : std::nullopt;
}

std::string to_json(const Welcome& welcome) {
    return JsonObject{}
        .text("worker", welcome.worker)
        .number("lease_ms", welcome.lease.count())
        .number("beat_ms", welcome.beat.count())
        .done();
}

std::optional<Welcome> welcome_of(std::string_view text) {
    Members members{text};
    Welcome out;
    out.worker = members.text("worker");
    out.lease = Duration{members.number("lease_ms")};
    out.beat = Duration{members.number("beat_ms")};
    return members.good() ? std::optional{std::move(out)} : std::nullopt;
}

std::string to_json(const ports::Dispatch& d) {
    std::vector<std::string> to;
    for (const auto& code : d.to)
        to.push_back(json::serialize(json::value(json::string_view{code.data(), code.size()})));
    return JsonObject{}
        .text("message", d.message.text())
        .text("kind", model::name(d.kind))
        .number("attempt", d.attempt)
        .number("begun", d.begun.time_since_epoch().count())
        .text("from", d.from)
        .raw("to", json_array(to))
        .text("document_id", d.document_id)
        .text("number", d.number)
        .text("subject", d.subject)
        .text("sha256", d.sha256.hex())
        .number("bytes", static_cast<std::int64_t>(d.bytes))
        .done();
}

std::optional<ports::Dispatch> dispatch_from(std::string_view text) {
    Members members{text};
    ports::Dispatch d;
    d.message = members.keep(model::MessageId::parse(members.text("message")));
    d.kind = members.keep(named(kinds, members.text("kind")));
    d.attempt = static_cast<int>(members.number("attempt"));
    d.begun = Time{Duration{members.number("begun")}};
    d.from = members.text("from");
    d.to = members.texts("to");
    d.document_id = members.text("document_id");
    d.number = members.text("number");
    d.subject = members.text("subject");
    d.sha256 = members.keep(Sha256::from_hex(members.text("sha256")));
    d.bytes = static_cast<std::uint64_t>(members.number("bytes"));
    return members.good() ? std::optional{std::move(d)} : std::nullopt;
}

std::string to_json(const Report& report) {
    const auto& outcome = report.outcome;
    return JsonObject{}
        .number("delivery", report.reference.delivery.value)
        .number("attempt", report.reference.attempt)
        .text("verdict", model::name(outcome.verdict))
        .text("reason", outcome.reason == errc::none ? std::string_view{} : row(outcome.reason).code)
        .text("detail", outcome.detail)
        .text("remote_id", outcome.remote_id)
        .number("connect_ms", outcome.connect.count())
        .number("transfer_ms", outcome.transfer.count())
        .done();
}

std::optional<Report> report_of(std::string_view text) {
    Members members{text};
    Report report;
    report.reference = {
        model::DeliveryId{members.number("delivery")}, static_cast<int>(members.number("attempt"))};
    report.outcome.verdict = members.keep(named(verdicts, members.text("verdict")));
    report.outcome.reason = reason_named(members.text("reason"));
    report.outcome.detail = members.text("detail");
    report.outcome.remote_id = members.text("remote_id");
    report.outcome.connect = Duration{members.number("connect_ms")};
    report.outcome.transfer = Duration{members.number("transfer_ms")};
    return members.good() ? std::optional{std::move(report)} : std::nullopt;
}

}  // namespace axis::delivery
