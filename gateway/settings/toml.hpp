// A TOML file as flat tables with line numbers: all that settings needs of toml++, which stays in toml.cpp.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/model/agency_code.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace axis::settings {

struct Value {
    enum class Type { text, number, flag, list, other };  // list: of texts only
    Type type = Type::other;
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
    std::vector<std::string> list;
    std::size_t choice = 0;  // of a word: its place among the allowed ones

    // What the rows of keys.def call after fits().
    template <class Enum>
    Enum as() const {
        return static_cast<Enum>(choice);
    }
    std::size_t count() const { return static_cast<std::size_t>(number); }
    std::uint64_t kibibytes() const { return static_cast<std::uint64_t>(number) * 1024; }
    std::uint64_t mebibytes() const { return kibibytes() * 1024; }
    model::AgencyCode code() const { return model::AgencyCode::parse(text).value_or(model::AgencyCode{}); }
    std::vector<model::AgencyCode> codes() const;
    std::vector<Sha256> digests() const;
};

struct Entry {
    std::string key;
    int line = 0;
    Value value;
};

// One [name] or one element of [[name]]; the name of the top of the file is empty.
struct Table {
    std::string name;
    int line = 1;
    std::vector<Entry> entries;
};

// The top first, then the tables as they stand. A table inside a table is an entry of type other.
// config_syntax: detail is the reason without any text of the file, faults[0].pointer the line.
Result<std::vector<Table>> parse_toml(std::string_view text);

}  // namespace axis::settings
