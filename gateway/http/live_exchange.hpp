// An Exchange on a wire: reads the body through the parser, writes the reply. Private to http. Thread: io.
#pragma once

#include "gateway/http/message_parser.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/wire.hpp"

#include <optional>

namespace axis::http {

class LiveExchange final : public Exchange {
public:
    struct Parts {
        Wire& wire;
        beast::flat_buffer& input;
        RequestParser* parser;  // null: the request was refused before its body
        const ServerLimits& limits;
        const bool& stopping;
    };
    LiveExchange(Parts parts, Request request);

    const Request& request() const override { return request_; }
    Task<Result<std::string_view>> read() override;
    void set_body_limit(std::uint64_t bytes) override { body_bytes_max_ = bytes; }
    Task<> reply(unsigned status, Headers headers, std::string body) override;
    Task<> begin(unsigned status, Headers headers, std::optional<std::uint64_t> length) override;
    Task<> write(std::string_view piece) override;
    Task<> finish() override;
    bool replied() const override { return state_ != State::unanswered; }

    bool complete() const { return state_ == State::finished && !gone_; }  // the peer has a whole reply
    bool keeps() const { return complete() && keep_; }  // … and may send its next request

private:
    enum class State { unanswered, begun, finished };

    Task<Result<>> fill();
    Task<> send(std::string_view bytes);
    std::string head(unsigned status, const Headers& headers, std::optional<std::uint64_t> length);
    bool body_read() const { return parts_.parser != nullptr && parts_.parser->is_done(); }
    Error fail(errc code, std::string detail = {});

    Parts parts_;
    Request request_;
    State state_ = State::unanswered;
    Error failed_;  // what read() says from now on
    std::uint64_t body_bytes_max_ = 1024 * 1024;
    std::uint64_t body_bytes_ = 0;
    Pace reading_;
    Pace writing_;
    std::optional<std::uint64_t> left_;  // of a reply with a known length
    bool continue_wanted_ = false;
    bool keep_ = false;
    bool chunked_ = false;
    bool bodiless_ = false;  // HEAD, 204, 304: nothing follows the head
    bool gone_ = false;      // the peer takes no more; the rest of the reply is dropped
};

}  // namespace axis::http
