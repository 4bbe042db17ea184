#include "tests/axissim/directory.hpp"

#include "gateway/base/digest.hpp"

namespace axis::sim {

namespace {

std::string text(const boost::json::object& line, std::string_view key) {
    const auto* value = line.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

// Stable over restarts: 24 hex digits made from the code.
std::string id_of(std::string_view code) {
    return sha256(code).hex().substr(0, 24);
}

}  // namespace

Result<Directory> Directory::open(const std::filesystem::path& state_dir) {
    std::vector<boost::json::object> lines;
    auto journal =
        Journal::open(state_dir / "agencies.jsonl", [&lines](const auto& line) { lines.push_back(line); });
    if (!journal) return journal.error();
    Directory directory{std::move(*journal)};
    for (const auto& line : lines) directory.apply(line);
    return directory;
}

void Directory::apply(const boost::json::object& line) {
    Agency agency;
    agency.code = text(line, "code");
    agency.id = text(line, "id");
    agency.parent = text(line, "parent");
    agency.name = text(line, "name");
    agency.mail = text(line, "mail");
    agency.system = text(line, "system");
    agency.deleted = line.at("deleted").as_bool();
    agency.version = line.at("version").to_number<int>();
    agency.modified = Time{Duration{line.at("modified").to_number<std::int64_t>()}};
    registered_.insert_or_assign(agency.code, agency);
}

void Directory::write(const Agency& agency) {
    registered_.insert_or_assign(agency.code, agency);
    journal_.append(
        {{"code", agency.code},
         {"id", agency.id},
         {"parent", agency.parent},
         {"name", agency.name},
         {"mail", agency.mail},
         {"system", agency.system},
         {"deleted", agency.deleted},
         {"version", agency.version},
         {"modified", agency.modified.time_since_epoch().count()}}
    );
}

void Directory::add_configured(const std::string& code, std::string name, std::string system, Time now) {
    Agency agency;
    agency.code = code;
    agency.id = id_of(code);
    agency.parent = code == centre_code ? std::string{} : id_of(centre_code);
    agency.name = std::move(name);
    agency.system = std::move(system);
    agency.modified = now;
    agencies_.insert_or_assign(code, std::move(agency));
}

void Directory::lock(std::string_view code) {
    if (const auto at = agencies_.find(code); at != agencies_.end()) at->second.locked = true;
}

bool Directory::add_registered(Agency agency) {
    if (const auto* known = find(agency.code)) {
        if (known->system != agency.system) return false;
        agency.version = known->version + 1;
    }
    agency.id = id_of(agency.code);
    const auto* parent = find(agency.parent);
    agency.parent = parent != nullptr ? parent->id : id_of(agency.parent);
    write(agency);
    return true;
}

bool Directory::remove(std::string_view code, std::string_view system, Time now) {
    const auto* known = find(code);
    if (known == nullptr || known->system != system) return false;
    Agency agency = *known;
    agency.deleted = true;
    agency.modified = now;
    ++agency.version;
    write(agency);
    return true;
}

void Directory::forget_registered() {
    registered_.clear();
    journal_.clear();
}

std::optional<std::string_view> Directory::secret_of(std::string_view system) const {
    const auto at = secrets_.find(system);
    if (at == secrets_.end()) return std::nullopt;
    return at->second.reveal();
}

const Agency* Directory::find(std::string_view code) const {
    if (const auto at = registered_.find(code); at != registered_.end())
        return at->second.deleted ? nullptr : &at->second;
    const auto at = agencies_.find(code);
    return at == agencies_.end() ? nullptr : &at->second;
}

bool Directory::owns(std::string_view system, std::string_view code) const {
    const auto* agency = find(code);
    return agency != nullptr && agency->system == system;
}

std::vector<const Agency*> Directory::all() const {
    std::map<std::string_view, const Agency*> merged;
    for (const auto& [code, agency] : agencies_) merged[code] = &agency;
    for (const auto& [code, agency] : registered_) merged[code] = &agency;
    std::vector<const Agency*> out;
    for (const auto& [code, agency] : merged) out.push_back(agency);
    return out;
}

}  // namespace axis::sim
