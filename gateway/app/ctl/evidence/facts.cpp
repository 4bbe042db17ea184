#include "gateway/app/ctl/evidence/facts.hpp"

#include "gateway/app/ctl/members.hpp"
#include "gateway/base/base64.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace axis::ctl {

namespace {

namespace json = boost::json;

// Throws what Boost.JSON throws; parse() turns it into a refusal.
std::string text(const json::value& o, std::string_view name) {
    return std::string{o.at(name).as_string()};
}
std::uint64_t number(const json::value& o, std::string_view name) {
    return o.at(name).to_number<std::uint64_t>();
}
Time moment(const json::value& o, std::string_view name) {
    return Time{Duration{o.at(name).to_number<std::int64_t>()}};
}
Sha256 digest(const json::value& o, std::string_view name) {
    const auto found = Sha256::from_hex(text(o, name));
    if (!found) throw std::invalid_argument{std::string{name} + ": no SHA-256"};
    return *found;
}

JournalEntry entry_of(const json::value& o) {
    return {
        o.at("seq").to_number<std::int64_t>(),
        moment(o, "at_ms"),
        text(o, "actor"),
        text(o, "kind"),
        text(o, "message"),
        text(o, "delivery"),
        text(o, "facts"),
        digest(o, "before"),
        digest(o, "hash")};
}

EvidenceFacts facts_of(const json::value& document) {
    if (text(document, "format") != "axisd-evidence-1") throw std::invalid_argument{"another format"};
    const auto& e = document.at("evidence");
    EvidenceFacts out;
    out.message = text(e.at("message"), "id");
    out.from = text(e.at("message").at("from"), "code");
    out.accepted_at = moment(e, "accepted_ms");
    const auto& envelope = e.at("envelope");
    out.envelope.sha256 = digest(envelope, "sha256");
    out.envelope.bytes = number(envelope, "bytes");
    for (const auto& h : envelope.at("holes").as_array())
        out.envelope.holes.push_back(
            {number(h, "offset"), digest(h, "sha256"), number(h, "bytes"), h.at("has_cr").as_bool()}
        );
    for (const auto& f : e.at("files").as_array())
        out.files.push_back(
            {text(f, "name"), f.at("wrapped").as_bool(), digest(f, "file_sha256"), number(f, "file_bytes")}
        );
    for (const auto& j : e.at("judgements").as_array())
        out.judgements.push_back(
            {j.at("part").to_number<int>(), text(j, "verdict"), text(j, "code"), text(j, "facts")}
        );
    for (const auto& m : e.at("materials").as_array())
        out.materials.push_back({digest(m, "sha256"), text(m, "kind")});
    for (const auto& j : e.at("journal").as_array()) out.journal.push_back(entry_of(j));
    return out;
}

}  // namespace

std::vector<RestsOn> rests_on(const json::value& facts) {
    std::vector<RestsOn> out;
    for (const auto& one : list(facts, "signatures"))
        if (const auto* own = member_of(one, "facts"))
            for (auto& each : rests_on(*own)) out.push_back(std::move(each));
    RestsOn own;
    for (const auto& der : list(facts, "chain")) {
        std::string bytes;
        if (der.is_string() && base64_decode(std::string_view{der.as_string()}, bytes))
            own.chain.push_back(std::move(bytes));
    }
    for (const auto& check : list(facts, "checks"))
        own.bound |= member(check, "name") == "binding" && member(check, "outcome") == "passed";
    if (!own.chain.empty()) out.push_back(std::move(own));
    return out;
}

Result<EvidenceFacts> EvidenceFacts::parse(std::string_view text) {
    try {
        return facts_of(json::parse(text));
    } catch (const std::exception& e) {
        return Error{errc::evidence_refused, std::string{"evidence.json: "} + e.what()};
    }
}

bool EvidenceFacts::is_acceptance(const JournalEntry& entry) const {
    if (entry.kind != "message.accepted" && entry.kind != "status.accepted") return false;
    json::error_code ec;
    const auto said = json::parse(entry.facts, ec);
    return !ec && member(said, "id") == message;
}

std::string EvidenceFacts::contradiction(const JournalEntry& accepted, const Sha256& markup) const {
    json::error_code ec;
    const auto parsed = json::parse(accepted.facts, ec);
    if (ec || !parsed.is_object()) return "the facts of the acceptance are no JSON";
    const auto& said = parsed.as_object();
    const auto says = [&parsed](std::string_view name, const std::string& value) {
        return member(parsed, name) == value;
    };
    if (accepted.at != accepted_at) return "the acceptance was at another time";
    if (!says("sha256", envelope.sha256.hex())) return "the acceptance is of another envelope";
    // Ledgers of before version 3 do not name it.
    if (said.contains("markup_sha256") && !says("markup_sha256", markup.hex()))
        return "the markup is not what was accepted";
    if (judgements.empty()) return said.contains("signatures") ? "judgements are missing" : "";
    Sha256Hasher hasher;
    for (const auto& j : judgements) hasher.update(j.facts);
    if (!says("facts_sha256", hasher.finish().hex())) return "the judgements are not those of the acceptance";
    const auto& named = list(parsed, "signatures");
    if (named.size() != judgements.size()) return "the acceptance names other judgements";
    for (std::size_t n = 0; n < judgements.size(); ++n)
        if (member(named[n], "verdict") != judgements[n].verdict)
            return "the acceptance names another verdict";
    return "";
}

void Cutter::take(std::string_view bytes) {
    while (!bytes.empty() || (hole_ < holes_.size() && holes_[hole_].offset == markup_.size())) {
        const bool inside = hole_ < holes_.size() && holes_[hole_].offset == markup_.size();
        if (!inside) {
            const auto room = hole_ < holes_.size() ? holes_[hole_].offset - markup_.size() : bytes.size();
            const auto part =
                bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
            markup_ += part;
            bytes.remove_prefix(part.size());
            continue;
        }
        const auto& hole = holes_[hole_];
        const auto left = hole.bytes - in_text_;
        const auto part =
            bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size())));
        hasher_.update(part);
        in_text_ += part.size();
        bytes.remove_prefix(part.size());
        if (in_text_ < hole.bytes) return;  // bytes are used up
        good_ = hasher_.finish() == hole.blob && good_;
        in_text_ = 0;
        ++hole_;
    }
}

}  // namespace axis::ctl
