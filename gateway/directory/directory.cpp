#include "gateway/directory/directory.hpp"

namespace axis::directory {

Directory::Directory(model::AgencyCode own, std::vector<Agency> agencies, std::vector<Endpoint> endpoints)
    : own_{std::move(own)}, agencies_{std::move(agencies)}, endpoints_{std::move(endpoints)} {
    for (std::size_t i = 0; i < agencies_.size(); ++i) {
        const auto& agency = agencies_[i];
        agency_at_.emplace(agency.code.key(), i);
        for (const auto& alias : agency.aliases) key_of_.emplace(alias.key(), agency.code.key());
    }
    for (std::size_t i = 0; i < endpoints_.size(); ++i)
        for (const auto& code : endpoints_[i].codes) served_by_.emplace(key(code), i);
}

std::string Directory::key(const model::AgencyCode& code) const {
    const auto at = key_of_.find(code.key());
    return at == key_of_.end() ? code.key() : at->second;
}

const Agency* Directory::find(const model::AgencyCode& code) const {
    const auto at = agency_at_.find(key(code));
    return at == agency_at_.end() ? nullptr : &agencies_[at->second];
}

std::string Directory::name_of(const model::AgencyCode& code) const {
    const auto* agency = find(code);
    return agency ? agency->name : std::string{};
}

const Endpoint* Directory::serving(const std::string& key) const {
    const auto at = served_by_.find(key);
    return at == served_by_.end() ? nullptr : &endpoints_[at->second];
}

const Endpoint* Directory::endpoint(const model::EndpointName& name) const {
    for (const auto& endpoint : endpoints_)
        if (endpoint.name == name) return &endpoint;
    return nullptr;
}

bool Directory::belongs_to(const model::AgencyCode& code, const model::EndpointName& name) const {
    const auto* found = serving(key(code));
    return found && found->name == name;
}

Result<Endpoint> Directory::route(const model::AgencyCode& code) const {
    const auto main = key(code);
    const auto* found = serving(main);
    if (!found) {
        const bool below_us = main == own_.key() || main.starts_with(own_.key() + ".");
        if (below_us)
            return Error{find(code) ? errc::recipient_unroutable : errc::recipient_unknown, code.text()};
        for (const auto& endpoint : endpoints_)
            if (endpoint.everyone_else) found = &endpoint;
    }
    if (!found) return Error{find(code) ? errc::recipient_unroutable : errc::recipient_unknown, code.text()};
    if (found->mode == Mode::off) return Error{errc::recipient_closed, code.text()};
    return *found;
}

std::optional<Endpoint> Directory::local_route(const model::AgencyCode& code) const {
    for (auto main = key(code); !main.empty();) {
        const auto* found = serving(main);
        if (found && found->passive) return *found;
        const auto dot = main.rfind('.');
        main = dot == std::string::npos ? std::string{} : main.substr(0, dot);
    }
    return std::nullopt;
}

}  // namespace axis::directory
