// Values of PDF's object syntax (ISO 32000-1 §7.3), compared by what they say. Internal to signature/pdf.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace axis::signature::pdf {

// An object that stands elsewhere in the file.
struct Ref {
    std::uint32_t number = 0;
    std::uint32_t generation = 0;
    auto operator<=>(const Ref&) const = default;
};
std::string to_text(Ref ref);  // "12 0 R"

struct Null {
    bool operator==(const Null&) const = default;
};
struct Real {
    std::string text;
    bool operator==(const Real&) const = default;
};
struct Name {
    std::string text;  // without the slash, #xx replaced
    bool operator==(const Name&) const = default;
};
struct String {
    std::string bytes;
    std::uint64_t begin = 0;  // where it is written, with its brackets; within an object stream: in that text
    std::uint64_t end = 0;
    bool operator==(const String& other) const { return bytes == other.bytes; }
};

class Value;
using Array = std::vector<Value>;

struct Entry;
// By key, each once.
class Dict {
public:
    Dict() = default;
    explicit Dict(std::vector<Entry> sorted);
    const Value& operator[](std::string_view key) const;  // null when it is not there
    bool has(std::string_view key) const;
    const std::vector<Entry>& entries() const { return entries_; }
    bool operator==(const Dict& other) const;

private:
    std::vector<Entry> entries_;
};

struct Stream {
    Dict dict;
    std::uint64_t begin = 0;  // of its data
    std::uint64_t length = 0;
    bool operator==(const Stream& other) const = default;
};

class Value {
public:
    using Kinds = std::variant<Null, bool, std::int64_t, Real, Name, String, Ref, Array, Dict, Stream>;

    Value() = default;
    template <class T>
    requires std::constructible_from<Kinds, T> Value(T value) : kind_{std::move(value)} {}

    template <class T>
    const T* as() const {
        return std::get_if<T>(&kind_);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&kind_);
    }
    bool is_null() const { return as<Null>() != nullptr; }
    bool is_name(std::string_view text) const {
        const auto* name = as<Name>();
        return name != nullptr && name->text == text;
    }
    bool operator==(const Value& other) const = default;

private:
    Kinds kind_;
};

struct Entry {
    std::string key;
    Value value;
    bool operator==(const Entry&) const = default;
};

// Every reference in it, at any depth, in order.
void collect_refs(const Value& value, std::vector<Ref>& out);

}  // namespace axis::signature::pdf
