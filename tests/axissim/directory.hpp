// Who exists: the connected systems with their secrets, and the agencies with the system that serves each.
//
// Configured systems and agencies come from the command line; registerAgency and deleteAgency change the rest
// and are kept in agencies.jsonl. A deleted agency stays listed by getSynchronizeUnit. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/secret.hpp"
#include "tests/axissim/journal.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

inline constexpr std::string_view centre_code = "00.W00";  // the centre every configured agency hangs from

struct Agency {
    std::string id;
    std::string parent;  // id of the parent
    std::string code;
    std::string name;
    std::string mail;
    std::string system;
    bool locked = false;
    bool deleted = false;
    Time modified{};
    int version = 1;
};

class Directory {
public:
    static Result<Directory> open(const std::filesystem::path& state_dir);

    void add_system(std::string id, Secret secret) {
        secrets_.insert_or_assign(std::move(id), std::move(secret));
    }
    // Configured agencies; never written to disk.
    void add_configured(const std::string& code, std::string name, std::string system, Time now);
    void lock(std::string_view code);

    // registerAgency: false when the code belongs to another system. A second time: an update.
    bool add_registered(Agency agency);
    // deleteAgency: false when `system` does not own it.
    bool remove(std::string_view code, std::string_view system, Time now);
    void forget_registered();  // /sim/clear

    std::optional<std::string_view> secret_of(std::string_view system) const;
    const Agency* find(std::string_view code) const;  // null for unknown and deleted ones
    bool owns(std::string_view system, std::string_view code) const;
    std::vector<const Agency*> all() const;  // with deleted ones, by code

private:
    explicit Directory(Journal journal) : journal_{std::move(journal)} {}
    void apply(const boost::json::object& line);
    void write(const Agency& agency);

    Journal journal_;
    std::map<std::string, Secret, std::less<>> secrets_;
    std::map<std::string, Agency, std::less<>> agencies_;
    std::map<std::string, Agency, std::less<>>
        registered_;  // what came over the wire; laid over the configured
};

}  // namespace axis::sim
