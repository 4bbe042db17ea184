#include "gateway/package/json_text.hpp"

#include "gateway/base/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace axis::package {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 32;

// Builds the value as json::parser does, and stops at a key that its object already has: of two values one
// would be checked and the other might be used by the next program.
struct Builder {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    using Code = json::error_code;
    using Text = json::string_view;

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) {
        keys.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t n, Code&) {
        keys.pop_back();
        stack.push_object(n);
        return true;
    }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t n, Code&) {
        stack.push_array(n);
        return true;
    }
    bool on_key_part(Text s, std::size_t, Code&) {
        key.append(s);
        stack.push_chars(s);
        return true;
    }
    bool on_key(Text s, std::size_t, Code& code) {
        key.append(s);
        duplicate = !keys.back().insert(key).second;
        key.clear();
        if (duplicate) code = json::error::syntax;
        stack.push_key(s);
        return !duplicate;
    }
    bool on_string_part(Text s, std::size_t, Code&) {
        stack.push_chars(s);
        return true;
    }
    bool on_string(Text s, std::size_t, Code&) {
        stack.push_string(s);
        return true;
    }
    bool on_number_part(Text, Code&) { return true; }
    bool on_int64(std::int64_t i, Text, Code&) {
        stack.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t u, Text, Code&) {
        stack.push_uint64(u);
        return true;
    }
    bool on_double(double d, Text, Code&) {
        stack.push_double(d);
        return true;
    }
    bool on_bool(bool b, Code&) {
        stack.push_bool(b);
        return true;
    }
    bool on_null(Code&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }

    json::value_stack stack;
    std::vector<std::set<std::string, std::less<>>> keys;  // of the objects that are open
    std::string key;
    bool duplicate = false;
};

std::string position(std::string_view before) {
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto start = before.rfind('\n');
    const auto tail = start == std::string_view::npos ? before : before.substr(start + 1);
    return "line " + std::to_string(line) + ", column " + std::to_string(code_point_count(tail) + 1);
}

void write_pretty(const json::value& value, std::size_t level, std::string& out) {
    const auto line = [&](std::size_t at) { out.append("\n").append(2 * at, ' '); };
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if ((!object || object->empty()) && (!array || array->empty())) {
        out += json::serialize(value);
        return;
    }
    out += object ? '{' : '[';
    const char* separator = "";
    if (object) {
        for (const auto& member : *object) {
            out += std::exchange(separator, ",");
            line(level + 1);
            out += json::serialize(member.key()) + ": ";
            write_pretty(member.value(), level + 1, out);
        }
    } else {
        for (const auto& element : *array) {
            out += std::exchange(separator, ",");
            line(level + 1);
            write_pretty(element, level + 1, out);
        }
    }
    line(level);
    out += object ? '}' : ']';
}

}  // namespace

std::string pretty(const json::value& value) {
    std::string out;
    write_pretty(value, 0, out);
    return out + "\n";
}

std::optional<json::value> read_json(std::string_view text, std::string& problem) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::basic_parser<Builder> parser{options};
    parser.handler().stack.reset();
    json::error_code failure;
    const auto used = parser.write_some(false, text.data(), text.size(), failure);
    if (!failure && used == text.size()) return parser.handler().stack.release();
    const auto why = parser.handler().duplicate ? "a key occurs twice"
                     : failure                  ? failure.message()
                                                : "text after the end";
    problem = position(text.substr(0, used)) + ": " + why;
    return std::nullopt;
}

}  // namespace axis::package
