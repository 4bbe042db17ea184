// The table of configuration keys and what one row knows (rows: keys.def). Inside settings only.
#pragma once

#include "gateway/settings/settings.hpp"
#include "gateway/settings/toml.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::settings {

// What may stand behind a key. `code` … `name` are texts with a form of their own; `path` may be empty.
enum class Kind {
    text,
    name,
    code,
    own_code,
    optional_code,
    path,
    listen,
    url,
    day,
    word,
    number,
    flag,
    codes,
    reach,
    hashes,
    hosts
};
enum class Presence { required, optional };
enum class Shown { open, secret };

// The settings while they are being read; agency, endpoint and vxp are the ones of the present table.
struct Draft {
    Settings all;
    Agency agency;
    Endpoint endpoint;
    Vxp vxp;
    std::filesystem::path folder;  // of the present file

    std::filesystem::path path(const Value& value) const;
    void set_codes(const Value& value);
};

struct Key {
    std::string_view section;
    std::string_view name;
    Kind kind;
    Presence presence;
    Shown shown;
    std::string_view standard;
    std::string_view limits;
    std::string_view vi;
    std::string_view en;
    void (*store)(Draft& draft, const Value& value);

    bool is_list() const {
        return kind == Kind::codes || kind == Kind::reach || kind == Kind::hashes || kind == Kind::hosts;
    }
    std::string_view sentence(Language language) const { return language == Language::vi ? vi : en; }
};

const std::vector<Key>& keys();
const Key* find(std::string_view section, std::string_view name);  // null: no such key
// The known name nearest to a mistyped one; empty when nothing is near.
std::string_view nearest(std::string_view section, std::string_view name);

// Whether `value` suits the key; a word's place in its list is noted in value.choice.
bool fits(const Key& key, Value& value);
Value standard_value(const Key& key);
std::string wanted(const Key& key, Language language);  // "an integer 1..64"
std::string shown(
    const Key& key, const Value& value, Language language
);                                          // what was read, unless it is secret
std::string standard_text(const Key& key);  // as TOML: "\"vi\"", "8", "[]"

std::vector<Host> hosts_of(const std::vector<std::string>& list);  // each fits(); port 0: not given

bool is_loopback(std::string_view listen);  // "127.0.0.1:80", "[::1]:80"
bool is_loopback_host(const std::string& name);
bool is_address(const std::string& name);      // IPv4
bool is_plain_remote(std::string_view url);    // http:// to another machine
std::string in_quotes(std::string_view text);  // as a TOML string

}  // namespace axis::settings
