#include "gateway/base/file.hpp"
#include "gateway/settings/faults.hpp"
#include "gateway/settings/keys.hpp"
#include "gateway/settings/settings.hpp"
#include "gateway/settings/toml.hpp"

#include <algorithm>
#include <set>
#include <system_error>

namespace axis::settings {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t endpoints_max = 2000;

class Reader {
public:
    explicit Reader(Language language) : faults_{language} {}

    Result<Settings> read(const fs::path& file);

private:
    void read_main(const fs::path& file);
    void read_endpoints(const fs::path& folder);
    void read_endpoint(const fs::path& file);
    std::vector<Table> parse(const fs::path& file);
    Origin read_table(
        const fs::path& file, const Table& table, std::vector<std::string_view> sections, std::string prefix
    );
    void read_entry(const Entry& entry, const Key& key, const Origin& origin);
    void unknown_key(const Entry& entry, std::string_view section, const Origin& origin);
    void unknown_table(const fs::path& file, const Table& table, std::string_view vi, std::string_view en);
    bool speaks_vxp(const fs::path& file, std::vector<Table>& tables);

    Faults faults_;
    Draft draft_;
    Origins origins_;
};

Table empty_table(std::string name) {
    return {std::move(name), 1, {}};
}

const Entry* entry_of(const Table& table, std::string_view key) {
    const auto it = std::find_if(table.entries.begin(), table.entries.end(), [&](const Entry& e) {
        return e.key == key;
    });
    return it == table.entries.end() ? nullptr : &*it;
}

std::vector<Table> Reader::parse(const fs::path& file) {
    const auto text = read_file(file, file_bytes_max);
    if (!text) {
        faults_.add(file.string() + ":1", errc::config_file, text.error().detail, text.error().detail);
        return {};
    }
    auto tables = parse_toml(*text);
    if (tables) return std::move(*tables);
    const auto& error = tables.error();
    const auto pointer = file.string() + ":" + error.faults.front().pointer;
    faults_.add(
        pointer,
        errc::config_syntax,
        "sai cú pháp TOML (" + error.detail + "); chuỗi phải nằm trong ngoặc kép, mỗi khoá một dòng",
        "not valid TOML (" + error.detail + "); texts stand in double quotes, one key a line"
    );
    return {};
}

void Reader::unknown_key(const Entry& entry, std::string_view section, const Origin& origin) {
    const auto near = nearest(section, entry.key);
    if (near.empty()) {
        faults_.add(
            origin.pointer(entry.key),
            errc::config_key,
            "không có khoá này; xoá dòng này, hoặc xem axisctl config reference",
            "no such key; remove the line, or see axisctl config reference"
        );
    } else {
        faults_.add(
            origin.pointer(entry.key),
            errc::config_key,
            "không có khoá này; có phải " + std::string{near} + "?",
            "no such key; did you mean " + std::string{near} + "?"
        );
    }
}

void Reader::unknown_table(
    const fs::path& file, const Table& table, std::string_view vi, std::string_view en
) {
    const auto pointer = file.string() + ":" + std::to_string(table.line) + " [" + table.name + "]";
    faults_.add(pointer, errc::config_key, std::string{vi}, std::string{en});
}

void Reader::read_entry(const Entry& entry, const Key& key, const Origin& origin) {
    Value value = entry.value;
    if (fits(key, value)) return key.store(draft_, value);
    const auto language = faults_.language();
    faults_.add(
        origin.pointer(key.name),
        errc::config_value,
        "đọc được " + shown(key, value, language) + "; hãy ghi " + wanted(key, language),
        "read " + shown(key, value, language) + "; write " + wanted(key, language)
    );
}

// Stores every key of `sections`, given or by default; what is unknown or missing becomes a fault.
Origin Reader::read_table(
    const fs::path& file, const Table& table, std::vector<std::string_view> sections, std::string prefix
) {
    Origin origin{file.string(), std::move(prefix), table.line, {}};
    draft_.folder = file.parent_path();
    for (const auto& entry : table.entries) origin.lines.emplace(entry.key, entry.line);

    for (const auto& entry : table.entries) {
        const bool known = std::any_of(sections.begin(), sections.end(), [&](auto s) {
            return find(s, entry.key) != nullptr;
        });
        if (!known) unknown_key(entry, sections.front(), origin);
    }
    for (const auto& key : keys()) {
        if (std::find(sections.begin(), sections.end(), key.section) == sections.end()) continue;
        if (const auto* entry = entry_of(table, key.name)) {
            read_entry(*entry, key, origin);
        } else if (key.presence == Presence::optional) {
            key.store(draft_, standard_value(key));
        } else {
            const auto language = faults_.language();
            const std::string sentence{key.sentence(language)};
            faults_.add(
                origin.pointer(key.name),
                errc::config_missing,
                "thiếu: " + sentence + " Hãy ghi " + wanted(key, language),
                "missing: " + sentence + " Write " + wanted(key, language)
            );
        }
    }
    return origin;
}

void Reader::read_main(const fs::path& file) {
    const auto tables = parse(file);
    if (tables.empty()) return;
    std::set<std::string> wanting{
        "gateway", "api", "admin", "limits", "queue", "worker", "signature", "audit", "retention", "log"};
    const std::set<std::string> known = wanting;
    for (const auto& table : tables) {
        if (table.name == "agency") {
            const auto prefix = "agency[" + std::to_string(origins_.agencies.size() + 1) + "].";
            draft_.agency = {};
            origins_.agencies.push_back(read_table(file, table, {"agency"}, prefix));
            draft_.all.agencies.push_back(std::move(draft_.agency));
        } else if (wanting.erase(table.name) > 0) {
            origins_.main[table.name] = read_table(file, table, {table.name}, table.name + ".");
        } else if (known.contains(table.name)) {
            unknown_table(
                file,
                table,
                "mục này chỉ được ghi một lần, dạng [" + table.name + "]",
                "this table stands once, as [" + table.name + "]"
            );
        } else if (!table.name.empty()) {
            unknown_table(
                file,
                table,
                "không có mục này; các mục: gateway, api, admin, limits, queue, worker, signature, audit, "
                "retention, log, [[agency]]",
                "no such table; there are gateway, api, admin, limits, queue, worker, signature, audit, "
                "retention, log, [[agency]]"
            );
        } else {
            const Origin top{file.string(), "", 1, {}};
            for (const auto& entry : table.entries) {
                Origin origin = top;
                origin.lines.emplace(entry.key, entry.line);
                faults_.add(
                    origin.pointer(entry.key),
                    errc::config_key,
                    "khoá đứng ngoài mọi mục; đặt dưới [gateway], [api], …",
                    "a key outside every table; put it under [gateway], [api], …"
                );
            }
        }
    }
    for (const auto& name : wanting)
        origins_.main[name] = read_table(file, empty_table(name), {name}, name + ".");
}

// Which keys may stand in the file depends on the adapter, so it is looked at first.
bool Reader::speaks_vxp(const fs::path& file, std::vector<Table>& tables) {
    auto& top = tables.front();
    const auto* adapter = entry_of(top, "adapter");
    const std::string word = adapter == nullptr ? "" : adapter->value.text;
    const bool has_vxp =
        std::any_of(tables.begin(), tables.end(), [](const Table& t) { return t.name == "vxp"; });
    if (word == "rest" || (word != "vxp" && !has_vxp)) return false;
    for (const auto* name : {"token_sha256", "queues"}) {
        const auto* of_rest = entry_of(top, name);
        if (of_rest == nullptr) continue;
        faults_.add(
            file.string() + ":" + std::to_string(of_rest->line) + " " + name,
            errc::config_key,
            "chỉ dùng với adapter = \"rest\"; xoá dòng này",
            "only with adapter = \"rest\"; remove the line"
        );
        std::erase_if(top.entries, [name](const Entry& e) { return e.key == name; });
    }
    return true;
}

void Reader::read_endpoint(const fs::path& file) {
    auto tables = parse(file);
    if (tables.empty()) return;
    draft_.endpoint = {};
    draft_.vxp = {};
    auto name = model::EndpointName::parse(file.stem().string());
    if (!name) {
        faults_.add(
            file.string() + ":1",
            errc::config_value,
            "tên tệp chỉ gồm chữ thường không dấu, số, - và _, rồi .toml",
            "a file name is made of a-z, 0-9, - and _, then .toml"
        );
    } else {
        draft_.endpoint.name = *name;
    }

    const bool is_vxp = speaks_vxp(file, tables);
    const std::vector<std::string_view> sections = is_vxp ? std::vector<std::string_view>{"endpoint"}
                                                          : std::vector<std::string_view>{"endpoint", "rest"};
    origins_.endpoints.push_back(read_table(file, tables.front(), sections, ""));

    Table wire = empty_table("vxp");
    bool found = false;
    for (const auto& table : tables) {
        if (table.name.empty()) continue;
        if (table.name == "vxp" && is_vxp && !found) {
            wire = table;
            found = true;
        } else {
            unknown_table(
                file,
                table,
                "mục này không dùng ở đây; chỉ có một mục [vxp], với adapter = \"vxp\"",
                "this table does not belong here; only one [vxp], with adapter = \"vxp\""
            );
        }
    }
    origins_.wires.push_back(is_vxp ? read_table(file, wire, {"vxp"}, "vxp.") : Origin{});
    if (is_vxp) draft_.endpoint.vxp = std::move(draft_.vxp);
    draft_.all.endpoints.push_back(std::move(draft_.endpoint));
}

void Reader::read_endpoints(const fs::path& folder) {
    std::error_code failed;
    if (!fs::exists(folder, failed)) return;
    std::set<fs::path> files;
    for (fs::directory_iterator it{folder, failed}, end; !failed && it != end; it.increment(failed)) {
        if (it->path().extension() == ".toml") files.insert(it->path());
    }
    if (failed) faults_.add(folder.string() + ":1", errc::config_file, failed.message(), failed.message());
    if (files.size() > endpoints_max) {
        const auto most = std::to_string(endpoints_max);
        faults_.add(
            folder.string() + ":1",
            errc::config_value,
            "quá " + most + " điểm kết nối",
            "more than " + most + " endpoints"
        );
        return;
    }
    for (const auto& file : files) read_endpoint(file);
}

Result<Settings> Reader::read(const fs::path& file) {
    read_main(file);
    read_endpoints(file.parent_path() / "endpoints.d");
    complete(draft_.all, origins_, faults_);
    auto faults = faults_.take();
    if (faults.empty()) return std::move(draft_.all);
    const auto count = std::to_string(faults.size());
    const bool vi = faults_.language() == Language::vi;
    return Error{
        errc::config_invalid,
        count + (vi ? " lỗi trong cấu hình" : " faults in the configuration"),
        std::move(faults)};
}

}  // namespace

Result<Settings> load(const fs::path& file, Language language) {
    return Reader{language}.read(file);
}

}  // namespace axis::settings
