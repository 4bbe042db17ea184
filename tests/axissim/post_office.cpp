#include "tests/axissim/post_office.hpp"

#include "gateway/base/log.hpp"

#include <algorithm>

namespace axis::sim {

Verdict not_registered(std::string_view code, std::string_view system) {
    return {
        "19", "Don vi gui " + std::string{code} + " khong dung voi ma da dang ky: " + std::string{system}};
}

Verdict refused(std::string_view code) {
    static constexpr std::pair<std::string_view, std::string_view> texts[]{
        {"10", "Tep khong hop le hoac sai ma bam"},
        {"15", "Sai SystemId hoac SecretKey"},
        {"18", "Don vi nhan khong ton tai"},
        {"20", "Loi he thong"},
        {"21", "Loi xu ly tep"},
        {"22", "Tep edXML khong dung quy dinh"},
        {"23", "Don vi nhan dang bi khoa"},
    };
    for (const auto& [known, text] : texts)
        if (known == code) return {std::string{code}, std::string{text}};
    return {"20", "Loi he thong"};
}

Verdict refused_facts(const Error& error) {
    if (error.code == errc::io_failed) return refused("20");
    return refused(error.code == errc::attachment_base64 ? "10" : "22");
}

Verdict PostOffice::route(const Facts& facts, std::vector<Recipient>& to) const {
    const auto codes = facts.is_status ? std::vector{facts.response_for} : facts.to;
    for (const auto& code : codes) {
        if (std::ranges::find(to, code, &Recipient::code) != to.end()) continue;  // a code listed twice
        const auto* agency = directory_.find(code);
        if (agency == nullptr || agency->system.empty()) return refused("18");
        if (agency->locked) return refused("23");
        to.push_back({code, agency->system});
    }
    return {};
}

Verdict PostOffice::accept(StagedFile file, Facts facts, const std::string& system, const Message*& kept) {
    kept = nullptr;
    if (!directory_.owns(system, facts.from)) return not_registered(facts.from, system);
    std::vector<Recipient> to;
    auto verdict = route(facts, to);
    if (!verdict.ok()) return verdict;

    auto added = store_.add(std::move(file), std::move(facts), system, to);
    if (!added) {
        log::error("axissim.store_failed", "reason", added.error());
        return refused("20");
    }
    kept = *added;
    log::info(
        "axissim.accepted",
        "doc",
        kept->id,
        "from",
        kept->facts.from,
        "system",
        system,
        "type",
        kept->facts.is_status ? "status" : "edoc",
        "bytes",
        kept->bytes,
        "copies",
        kept->copies.size()
    );
    if (observer_) observer_(*kept);
    return {};
}

}  // namespace axis::sim
