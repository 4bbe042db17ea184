// Directory: who the agencies are, under which codes they go, and through which endpoint they are reached.
// Built once from the settings, never changed: reload builds a new one. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/model/agency_code.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace axis::directory {

struct Agency {
    model::AgencyCode code;
    std::string name;
    std::string address;
    std::vector<model::AgencyCode> aliases;
};

enum class Mode { off, trial, live };

// A configured counterpart as routing sees it.
struct Endpoint {
    model::EndpointName name;
    Mode mode = Mode::trial;
    bool passive = false;                  // its software fetches (REST)
    std::vector<model::AgencyCode> codes;  // it serves these
    bool everyone_else = false;            // "*": every code no other endpoint serves
};

class Directory {
public:
    Directory(model::AgencyCode own, std::vector<Agency> agencies, std::vector<Endpoint> endpoints);

    const model::AgencyCode& own() const { return own_; }
    // The code under which an agency is kept, whatever alias was written: what the ledger compares.
    std::string key(const model::AgencyCode& code) const;
    const Agency* find(const model::AgencyCode& code) const;
    std::string name_of(const model::AgencyCode& code) const;  // "" when unknown
    bool belongs_to(const model::AgencyCode& code, const model::EndpointName& endpoint) const;

    // Where a recipient is reached. recipient_unknown: in no list, or below our own code and not registered
    // (it must not leak to the axis); recipient_closed: its endpoint is off; recipient_unroutable: known, but
    // nothing serves it.
    Result<Endpoint> route(const model::AgencyCode& code) const;
    // For what arrives: the endpoint of the code itself, else of the longest known code above it (G98.11.02 →
    // G98.11), so that nothing addressed below us is dropped. Nothing when the code is not ours at all.
    std::optional<Endpoint> local_route(const model::AgencyCode& code) const;
    const Endpoint* endpoint(const model::EndpointName& name) const;
    const std::vector<Endpoint>& endpoints() const { return endpoints_; }

private:
    const Endpoint* serving(const std::string& key) const;

    model::AgencyCode own_;
    std::vector<Agency> agencies_;
    std::vector<Endpoint> endpoints_;
    std::map<std::string, std::string, std::less<>> key_of_;     // alias key → main key
    std::map<std::string, std::size_t, std::less<>> agency_at_;  // main key → agency
    std::map<std::string, std::size_t, std::less<>> served_by_;  // main key → endpoint
};

}  // namespace axis::directory
