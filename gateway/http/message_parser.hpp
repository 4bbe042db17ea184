// Beast's HTTP/1 parser without its containers: fields go to Headers (Beast's own hold at most 64 KiB each),
// body bytes are seen where they lie in the input. Private to http; the one header that names Beast. Thread:
// io.
#pragma once

#include "gateway/http/message.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace axis::http {

namespace beast = boost::beast;

// What one pull() brought.
enum class Pull { piece, end, need_more, broken };

template <bool is_request>
class MessageParser final : public beast::http::basic_parser<is_request> {
public:
    explicit MessageParser(std::size_t piece_bytes_max);

    // Takes the head, which must lie complete in `in`. False when Beast refuses it.
    bool take_head(beast::flat_buffer& in);
    // Goes one piece on in the body. `piece` holds until `in` is filled again.
    Pull pull(beast::flat_buffer& in, std::string_view& piece);

    // The input ended. True when the message ends with it.
    bool end_of_input();

    std::string method;
    std::string target;
    unsigned status = 0;
    int version = 0;
    Headers headers;  // trailers are not taken

private:
    using error_code = beast::error_code;
    using string_view = beast::string_view;
    using Length = boost::optional<std::uint64_t>;

    void on_request_impl(beast::http::verb, string_view m, string_view t, int v, error_code&) override;
    void on_response_impl(int code, string_view reason, int v, error_code&) override;
    void on_field_impl(beast::http::field, string_view name, string_view value, error_code&) override;
    void on_header_impl(error_code&) override { header_done_ = true; }
    void on_body_init_impl(const Length&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override { return note(body); }
    void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        return note(body);
    }
    void on_finish_impl(error_code&) override {}
    std::size_t note(string_view body);

    std::size_t piece_bytes_max_;
    std::string_view piece_;
    bool header_done_ = false;
};

extern template class MessageParser<true>;
extern template class MessageParser<false>;
using RequestParser = MessageParser<true>;
using ReplyParser = MessageParser<false>;

}  // namespace axis::http
