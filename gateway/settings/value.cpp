// Which values suit which kind of key, and how both are put into words.
#include "gateway/base/clock.hpp"
#include "gateway/base/text.hpp"
#include "gateway/settings/keys.hpp"

#include <arpa/inet.h>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>

namespace axis::settings {

namespace {

struct Range {
    std::int64_t min = 0;
    std::int64_t max = 0;
};

Range range_of(const Key& key) {
    Range range;
    const auto* end = key.limits.data() + key.limits.size();
    const auto read = std::from_chars(key.limits.data(), end, range.min);
    std::from_chars(read.ptr + 2, end, range.max);
    return range;
}

std::vector<std::string_view> words_of(const Key& key) {
    std::vector<std::string_view> words;
    auto rest = key.limits;
    for (auto bar = rest.find('|'); bar != std::string_view::npos; bar = rest.find('|')) {
        words.push_back(rest.substr(0, bar));
        rest.remove_prefix(bar + 1);
    }
    words.push_back(rest);
    return words;
}

// Letters, digits and hyphens between dots (RFC 1123): what a certificate can bear.
bool good_host_name(std::string_view name) {
    constexpr std::size_t name_bytes_max = 253, label_bytes_max = 63;
    if (name.size() > name_bytes_max) return false;
    for (;;) {
        const auto label = name.substr(0, name.find('.'));
        if (label.empty() || label.size() > label_bytes_max) return false;
        if (label.front() == '-' || label.back() == '-') return false;
        const bool plain = std::all_of(label.begin(), label.end(), [](unsigned char c) {
            return c < 0x80 && (std::isalnum(c) != 0 || c == '-');
        });
        if (!plain) return false;
        if (label.size() == name.size()) return true;
        name.remove_prefix(label.size() + 1);
    }
}

// "mq1.example", "mq1.example:5671".
std::optional<Host> host_of(std::string_view text) {
    const auto colon = text.find(':');
    Host host{std::string{text.substr(0, colon)}, 0};
    if (!good_host_name(host.name)) return std::nullopt;
    if (colon == std::string_view::npos) return host;
    const auto port = text.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), host.port);
    const bool whole = read.ec == std::errc{} && read.ptr == port.data() + port.size();
    return whole && host.port > 0 ? std::optional{host} : std::nullopt;
}

// "127.0.0.1:80", "[::1]:80" → the address without brackets; nothing when it is neither.
std::optional<std::string> address_of(std::string_view listen) {
    const auto colon = listen.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = listen.substr(colon + 1);
    std::uint16_t number = 0;
    const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || read.ec != std::errc{} || read.ptr != port.data() + port.size()) return std::nullopt;

    std::string host{listen.substr(0, colon)};
    in6_addr space{};
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        return ::inet_pton(AF_INET6, host.c_str(), &space) == 1 ? std::optional{host} : std::nullopt;
    }
    return ::inet_pton(AF_INET, host.c_str(), &space) == 1 ? std::optional{host} : std::nullopt;
}

bool loopback_host(const std::string& host) {
    in_addr space{};
    const bool v4 =
        ::inet_pton(AF_INET, host.c_str(), &space) == 1;  // "127.0.0.1.example" is another machine
    return host == "localhost" || host == "::1" || host == "[::1]" || (v4 && host.starts_with("127."));
}

// "https://host:1/x" → "host:1".
std::string_view authority_of(std::string_view url) {
    const auto rest = url.substr(std::min(url.find("//") + 2, url.size()));
    return rest.substr(0, rest.find_first_of("/?#"));
}

// No user:password, query or fragment: a secret must not hide in an address. Boost.URL 1.81 reads the host of
// http://127.0.0.1.example/ as 127.0.0.1, so what it read is compared with what stands there.
bool good_url(std::string_view text) {
    const auto url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != "http" && url->scheme() != "https")) return false;
    if (url->has_userinfo() || url->has_query() || url->has_fragment()) return false;
    const std::string host{url->encoded_host()};
    const std::string port{url->port()};
    return !host.empty() && authority_of(text) == (url->has_port() ? host + ":" + port : host);
}

bool good_name(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool good_code(std::string_view text) {
    return model::AgencyCode::parse(text).has_value();
}

bool good_day(std::string_view text) {
    Time ignored;
    return text.size() == 10 && text[4] == '-' && parse_time(text, ignored);
}

bool fits_text(const Key& key, Value& value) {
    const auto& text = value.text;
    if (!is_utf8(text) || has_hidden_characters(text)) return false;
    switch (key.kind) {
        case Kind::name:
            return good_name(text);
        case Kind::code:
            return good_code(text);
        case Kind::own_code:
            return good_code(text) && value.code().well_formed();
        case Kind::optional_code:
            return text.empty() || good_code(text);
        case Kind::listen:
            return text.empty() || address_of(text);
        case Kind::url:
            return (key.presence == Presence::optional && text.empty()) || good_url(text);
        case Kind::day:
            return text.empty() || good_day(text);
        case Kind::word: {
            const auto words = words_of(key);
            const auto found = std::find(words.begin(), words.end(), text);
            value.choice = static_cast<std::size_t>(found - words.begin());
            return found != words.end();
        }
        default:
            return key.presence == Presence::optional || !trimmed(text).empty();
    }
}

bool fits_list(const Key& key, const Value& value) {
    const auto& list = value.list;
    if (key.presence == Presence::required && list.empty()) return false;
    if (key.kind == Kind::hosts)
        return list.size() <= static_cast<std::size_t>(range_of(key).max) &&
               std::all_of(list.begin(), list.end(), [](const auto& h) { return host_of(h).has_value(); });
    if (key.kind == Kind::reach && list == std::vector<std::string>{"*"}) return true;
    if (key.kind == Kind::hashes)
        return std::all_of(list.begin(), list.end(), [](const auto& h) {
            return Sha256::from_hex(h).has_value();
        });
    return std::all_of(list.begin(), list.end(), [](const auto& c) { return c != "*" && good_code(c); });
}

struct Words {
    std::string_view vi;
    std::string_view en;
};

Words wanted_of(Kind kind) {
    switch (kind) {
        case Kind::name:
            return {
                "chuỗi ASCII không có khoảng trắng, ví dụ \"vxp.g98\"",
                "ASCII text without blanks, such as \"vxp.g98\""};
        case Kind::own_code:
            return {
                "mã định danh theo QĐ 20/2020, ví dụ \"G98\"",
                "an agency code of the form of QĐ 20/2020, such as \"G98\""};
        case Kind::code:
        case Kind::optional_code:
            return {"mã định danh, ví dụ \"G98.11\"", "an agency code, such as \"G98.11\""};
        case Kind::path:
            return {"đường dẫn, ví dụ \"/etc/axisd/…\"", "a path, such as \"/etc/axisd/…\""};
        case Kind::listen:
            return {
                "địa chỉ IP và cổng, ví dụ \"127.0.0.1:8080\"",
                "IP address and port, such as \"127.0.0.1:8080\""};
        case Kind::url:
            return {
                "địa chỉ \"https://máy[:cổng][/đường/dẫn]\", không kèm mật khẩu hay tham số",
                "an address \"https://host[:port][/path]\" without password or parameters"};
        case Kind::day:
            return {"ngày dạng \"2027-06-30\"", "a day such as \"2027-06-30\""};
        case Kind::flag:
            return {"true hoặc false", "true or false"};
        case Kind::codes:
            return {
                "danh sách mã định danh, ví dụ [\"G98.11\", \"G98.12\"]",
                "a list of agency codes, such as [\"G98.11\", \"G98.12\"]"};
        case Kind::reach:
            return {
                "danh sách mã định danh, ví dụ [\"G98.11\"], hoặc [\"*\"]",
                "a list of agency codes, such as [\"G98.11\"], or [\"*\"]"};
        case Kind::hashes:
            return {
                "danh sách SHA-256, mỗi giá trị 64 chữ số hex: [\"…\"]",
                "a list of SHA-256 values, each 64 hex digits: [\"…\"]"};
        case Kind::hosts:
            return {
                "danh sách 1 đến 9 tên máy, mỗi tên kèm cổng nếu cần: [\"mq1.bo.example\", "
                "\"mq2.bo.example:5671\"]",
                "a list of 1 to 9 host names, each with a port where needed: [\"mq1.bo.example\", "
                "\"mq2.bo.example:5671\"]"};
        default:
            return {
                "chuỗi trong ngoặc kép, không để trống nếu bắt buộc",
                "text in double quotes, not empty when required"};
    }
}

std::string joined(const std::vector<std::string>& list) {
    std::string text = "[";
    for (const auto& one : list) text += (text.size() > 1 ? ", " : "") + in_quotes(one);
    return text + "]";
}

}  // namespace

bool fits(const Key& key, Value& value) {
    if (key.is_list()) return value.type == Value::Type::list && fits_list(key, value);
    if (key.kind == Kind::flag) return value.type == Value::Type::flag;
    if (key.kind != Kind::number) return value.type == Value::Type::text && fits_text(key, value);
    const auto range = range_of(key);
    return value.type == Value::Type::number && value.number >= range.min && value.number <= range.max;
}

Value standard_value(const Key& key) {
    Value value;
    if (key.is_list()) {
        value.type = Value::Type::list;
    } else if (key.kind == Kind::flag) {
        value.type = Value::Type::flag;
        value.flag = key.standard == "true";
    } else if (key.kind == Kind::number) {
        value.type = Value::Type::number;
        std::from_chars(key.standard.data(), key.standard.data() + key.standard.size(), value.number);
    } else {
        value.type = Value::Type::text;
        value.text = key.standard;
    }
    AXIS_ASSERT(fits(key, value));
    return value;
}

std::string wanted(const Key& key, Language language) {
    const bool vi = language == Language::vi;
    if (key.kind == Kind::number) return (vi ? "số nguyên " : "an integer ") + std::string{key.limits};
    if (key.kind != Kind::word) return std::string{vi ? wanted_of(key.kind).vi : wanted_of(key.kind).en};
    std::string text;
    for (const auto word : words_of(key))
        text += (text.empty() ? "" : vi ? " hoặc " : " or ") + in_quotes(word);
    return text;
}

std::string shown(const Key& key, const Value& value, Language language) {
    const bool vi = language == Language::vi;
    const bool password = key.kind == Kind::url && value.text.find('@') != std::string::npos;
    if (key.shown == Shown::secret || password)
        return vi ? "một giá trị không hiện ở đây" : "a value not shown here";
    std::string text;
    switch (value.type) {
        case Value::Type::text:
            text = in_quotes(value.text);
            break;
        case Value::Type::number:
            text = std::to_string(value.number);
            break;
        case Value::Type::flag:
            text = value.flag ? "true" : "false";
            break;
        case Value::Type::list:
            text = joined(value.list);
            break;
        case Value::Type::other:
            return vi ? "một giá trị kiểu khác" : "a value of another type";
    }
    constexpr std::size_t bytes_max = 120;
    if (text.size() <= bytes_max) return text;
    std::size_t cut = bytes_max;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;
    return text.substr(0, cut) + "…";
}

std::string standard_text(const Key& key) {
    if (key.is_list()) return "[]";
    if (key.kind == Kind::flag || key.kind == Kind::number) return std::string{key.standard};
    return in_quotes(key.standard);
}

std::vector<Host> hosts_of(const std::vector<std::string>& list) {
    std::vector<Host> hosts;
    for (const auto& one : list) hosts.push_back(host_of(one).value_or(Host{}));
    return hosts;
}

bool is_loopback_host(const std::string& name) {
    return loopback_host(name);
}

bool is_address(const std::string& name) {
    in_addr space{};
    return ::inet_pton(AF_INET, name.c_str(), &space) == 1;
}

bool is_loopback(std::string_view listen) {
    const auto address = address_of(listen);
    return address && loopback_host(*address);
}

bool is_plain_remote(std::string_view text) {
    const auto url = boost::urls::parse_uri(text);
    return url && url->scheme() == "http" && !loopback_host(std::string{url->encoded_host()});
}

std::string in_quotes(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (byte >= 0x20 && byte != 0x7f) {
            out += c;
        } else {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out + "\"";
}

}  // namespace axis::settings
