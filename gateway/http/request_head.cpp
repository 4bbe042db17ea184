#include "gateway/http/request_head.hpp"

#include "gateway/base/text.hpp"

#include <algorithm>

namespace axis::http {

namespace {

constexpr std::size_t method_and_version_bytes = 64;

Error malformed(std::string detail) {
    return {errc::http_malformed, std::move(detail)};
}

bool is_number(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && text.size() <= 19 && std::all_of(text.begin(), text.end(), digit);
}

Result<> check_framing(const HeadFields& head) {
    const auto lengths = head.headers.count("content-length");
    const auto encodings = head.headers.count("transfer-encoding");
    if (lengths > 1 || (lengths == 1 && !is_number(*head.headers.get("content-length"))))
        return malformed("Content-Length must be one number");
    if (encodings == 0) return {};
    if (lengths > 0) return malformed("Content-Length beside Transfer-Encoding");
    const bool chunked = equal_ignoring_case(*head.headers.get("transfer-encoding"), "chunked");
    if (encodings > 1 || !chunked || head.version != 11)
        return malformed("Transfer-Encoding must be chunked alone, on HTTP/1.1");
    return {};
}

Result<> check_host(const HeadFields& head) {
    if (head.headers.count("host") != 1 || head.headers.get("host")->empty())
        return malformed("exactly one Host is needed");
    const auto scheme =
        lower_ascii(head.target.substr(0, std::min(head.target.find("://"), head.target.size())));
    if (scheme != "http" && scheme != "https") return {};
    const auto rest = head.target.substr(scheme.size() + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (!equal_ignoring_case(authority, *head.headers.get("host")))
        return Error{errc::http_misdirected, "the target names another host than Host"};
    return malformed("the target must be in origin form");
}

}  // namespace

Result<> HeadScan::look_at(char c) {
    const bool line_begins = at_ == line_start_;
    if (c == '\0') return malformed("NUL in the head");
    if ((before_ == '\r') != (c == '\n')) return malformed("CR and LF must come together");
    if (line_begins && (c == ' ' || c == '\t')) return malformed("a folded line");
    if (line_begins && c == '\r' && at_ == 0) return malformed("an empty request line");
    if (c == '\n') {
        done_ = at_ - line_start_ == 1;  // CR LF alone
        if (first_line_ == 0) first_line_ = at_ + 1;
        line_start_ = at_ + 1;
    }
    before_ = c;
    ++at_;
    return {};
}

Result<std::optional<std::size_t>> HeadScan::advance(std::string_view bytes) {
    while (at_ < bytes.size() && !done_) {
        auto looked = look_at(bytes[at_]);
        if (!looked) return looked.error();
        const auto line = first_line_ == 0 ? at_ : first_line_;
        if (line > limits_.target_bytes_max + method_and_version_bytes)
            return Error{errc::http_target_too_long};
        if (at_ > limits_.header_bytes_max) return Error{errc::http_header_too_large};
    }
    if (!done_) return std::optional<std::size_t>{};
    return std::optional<std::size_t>{at_};
}

Result<> check_version(std::string_view head) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto blank = line.rfind(' ');
    if (blank == std::string_view::npos) return malformed("no version in the request line");
    const auto version = line.substr(blank + 1);
    if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
    if (version.substr(0, 5) != "HTTP/") return malformed("no version in the request line");
    return Error{errc::http_version};
}

Result<Target> check_head(const HeadFields& head) {
    if (head.method == "CONNECT" || head.method == "TRACE") return Error{errc::http_method_not_allowed};
    auto host = check_host(head);
    if (!host) return host.error();
    auto framing = check_framing(head);
    if (!framing) return framing.error();
    for (const auto& [name, value] : head.headers) {
        const bool encoding = equal_ignoring_case(name, "content-encoding");
        if (encoding && !equal_ignoring_case(value, "identity"))
            return Error{errc::http_media_type, "Content-Encoding must not be used"};
    }
    auto target = Target::parse(head.target);
    if (!target) return malformed("the target is not a plain path");
    return std::move(*target);
}

}  // namespace axis::http
