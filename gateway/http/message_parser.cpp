#include "gateway/http/message_parser.hpp"

#include <algorithm>
#include <limits>

namespace axis::http {

namespace {

constexpr std::size_t chunk_extension_bytes_max = 256;
constexpr std::size_t chunk_framing_bytes_max = 8 * 1024;  // a chunk's line, or the last one with trailers

}  // namespace

template <bool is_request>
MessageParser<is_request>::MessageParser(std::size_t piece_bytes_max) : piece_bytes_max_{piece_bytes_max} {
    this->header_limit(std::numeric_limits<std::uint32_t>::max());  // the caller measured the head
    this->body_limit(boost::none);                                  // the caller counts
    this->eager(false);
}

template <bool is_request>
bool MessageParser<is_request>::take_head(beast::flat_buffer& in) {
    error_code ec;
    const auto used = this->put(in.data(), ec);
    in.consume(used);
    return !ec && this->is_header_done();
}

template <bool is_request>
Pull MessageParser<is_request>::pull(beast::flat_buffer& in, std::string_view& piece) {
    for (;;) {
        if (this->is_done()) return Pull::end;
        if (in.size() == 0) return Pull::need_more;
        error_code ec;
        piece_ = {};
        const auto used = this->put(in.data(), ec);
        in.consume(used);
        if (!piece_.empty()) {
            piece = piece_;
            return Pull::piece;
        }
        if (ec == beast::http::error::need_more)
            return in.size() > chunk_framing_bytes_max ? Pull::broken : Pull::need_more;
        if (ec) return Pull::broken;
    }
}

template <bool is_request>
bool MessageParser<is_request>::end_of_input() {
    error_code ec;
    this->put_eof(ec);
    return !ec && this->is_done();
}

template <bool is_request>
void MessageParser<
    is_request>::on_request_impl(beast::http::verb, string_view m, string_view t, int v, error_code&) {
    method = m;
    target = t;
    version = v;
}

template <bool is_request>
void MessageParser<is_request>::on_response_impl(int code, string_view, int v, error_code&) {
    status = static_cast<unsigned>(code);
    version = v;
}

template <bool is_request>
void MessageParser<
    is_request>::on_field_impl(beast::http::field, string_view name, string_view value, error_code&) {
    if (!header_done_) headers.add(std::string{name}, std::string{value});
}

template <bool is_request>
void MessageParser<is_request>::on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& ec) {
    if (extensions.size() > chunk_extension_bytes_max) ec = beast::http::error::bad_chunk_extension;
}

template <bool is_request>
std::size_t MessageParser<is_request>::note(string_view body) {
    piece_ = std::string_view{body.data(), std::min(body.size(), piece_bytes_max_)};
    return piece_.size();
}

template class MessageParser<true>;
template class MessageParser<false>;

}  // namespace axis::http
