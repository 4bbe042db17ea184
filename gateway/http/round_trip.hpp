// One request and its reply on one connection. Private to http. Thread: io.
#pragma once

#include "gateway/http/client.hpp"
#include "gateway/http/connections.hpp"

#include <optional>
#include <string>

namespace axis::http {

// Request line and fields: the caller's in their order, then ours.
std::string request_head(const Call& call, const BaseUrl& url);
std::uint64_t body_length(const Call& call);

class RoundTrip {
public:
    // All references outlive run().
    RoundTrip(
        Connection& connection,
        const Call& call,
        const BaseUrl& url,
        const ClientLimits& limits,
        Deadline deadline
    );

    Task<Outcome<Reply>> run();
    // After a failure on a kept connection: it was closed before anything of ours could be taken.
    bool repeatable() const;
    // After a reply: the connection can carry another request.
    bool keeps() const;

private:
    Task<std::optional<Failure>> send();
    Task<std::optional<Failure>> send_bytes(std::string_view bytes);
    Task<std::optional<Failure>> send_source();
    Task<Outcome<Reply>> receive();
    Task<std::optional<Failure>> receive_head();
    Task<std::optional<Failure>> receive_body(Reply& reply);
    Task<std::optional<Failure>> fill(Wire::Wait wait);
    Wire::Wait capped(Wire::Wait wait) const;
    bool body_began() const;
    Failure fail(Phase phase, errc code, std::string detail) const;
    Failure broken(Phase phase, const error_code& ec);

    Connection& connection_;
    const Call& call_;
    const ClientLimits& limits_;
    Deadline deadline_;
    std::string head_;
    std::uint64_t length_;
    std::uint64_t sent_ = 0;  // bytes of head and body the kernel took
    std::uint64_t received_ = 0;
    std::optional<ReplyParser> parser_;
    bool all_sent_ = false;
    bool closed_ = false;  // the other side closed the connection
};

}  // namespace axis::http
