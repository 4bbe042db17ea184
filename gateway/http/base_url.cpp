#include "gateway/http/base_url.hpp"

#include "gateway/base/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace axis::http {

namespace {

namespace asio = boost::asio;

bool is_name(std::string_view host) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '.' || c == '_';
    };
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), allowed);
}

bool is_prefix(std::string_view text) {
    const auto bad = [](char c) { return c <= ' ' || c > '~' || c == '?' || c == '#' || c == '\\'; };
    return text.empty() || (text.front() == '/' && std::none_of(text.begin(), text.end(), bad));
}

// "host", "host:port", "[::1]:port" into host and the text after the colon; false when there is no such
// split.
bool split_authority(std::string_view text, std::string& host, std::string_view& port) {
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return false;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        boost::system::error_code ec;
        asio::ip::make_address_v6(host, ec);
        return !ec && (port.empty() || port.front() == ':');
    }
    const auto colon = std::min(text.find(':'), text.size());
    host = text.substr(0, colon);
    port = text.substr(colon);
    return is_name(host);
}

bool is_loopback(const std::string& host) {
    boost::system::error_code ec;
    const auto ip = asio::ip::make_address(host, ec);
    return ec ? lower_ascii(host) == "localhost" : ip.is_loopback();
}

}  // namespace

Result<BaseUrl> BaseUrl::parse(std::string_view text) {
    const Error bad{
        errc::config_value, "base_url '" + std::string{text} + "' is not http(s)://host[:port][/prefix]"};
    BaseUrl url;
    const auto scheme = lower_ascii(text.substr(0, std::min(text.find("://"), text.size())));
    if (scheme != "http" && scheme != "https") return bad;
    url.tls = scheme == "https";
    const std::uint16_t usual = url.tls ? 443 : 80;
    auto rest = text.substr(scheme.size() + 3);
    const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view port;
    if (!split_authority(rest.substr(0, slash), url.host, port)) return bad;
    url.port = usual;
    if (!port.empty()) {
        const auto read = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
        if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || url.port == 0) return bad;
    }
    url.authority = rest.substr(0, slash - (url.port == usual ? port.size() : 0));
    rest.remove_prefix(slash);
    while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
    if (!is_prefix(rest)) return bad;
    url.prefix = rest;
    url.loopback = is_loopback(url.host);
    return url;
}

}  // namespace axis::http
