// Inquiries: short questions to outside authorities on which a message waits: OCSP responders, a time-stamp
// authority. What is asked and what an answer is worth says signature/; here the bytes travel, by HTTP POST.
//
//   question ─► POST to a listed address ─► answer, within limits │ what happened; then a pause
//
// An authority that did not answer is left in peace for `pause`: meanwhile its questions fail at once, so
// that one dead responder costs one wait and not one per message. Nothing is asked of an address that was not
// given to open(). Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/http/client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::intake {

struct InquiryLimits {
    std::chrono::milliseconds answer_wait{3'000};  // for one answer, from the name to the last byte
    std::chrono::milliseconds wait{4'000};         // of one message, for all its answers
    Duration pause{std::chrono::seconds{30}};
    std::size_t answer_bytes_max = 64 * 1024;
    std::size_t connections_max = 4;  // to each
};

std::string too_late(const InquiryLimits& limits
);  // what is said of a question whose message waits no longer

class Inquiries {
public:
    // Raised with what happened when an authority does not answer, cleared when it does.
    using Alarm = std::function<void(bool raised, std::string_view address, std::string_view text)>;

    // config_value for an address that is none. Plain HTTP is what these authorities speak: answers are
    // signed.
    static Result<std::unique_ptr<Inquiries>> open(
        asio::io_context& io,
        const Clock& clock,
        const std::vector<std::string>& addresses,
        Alarm alarm,
        InquiryLimits limits = {}
    );

    // The body of a 200 answer. peer_*: what happened instead, beginning with the address.
    Task<Result<std::string>> post(std::string address, std::string content_type, std::string question);

    const InquiryLimits& limits() const { return limits_; }

private:
    struct Authority {
        std::unique_ptr<http::Client> client;
        Time paused_until{};
        Error last{};
    };
    Inquiries(const Clock& clock, Alarm alarm, InquiryLimits limits)
        : clock_{clock}, alarm_{std::move(alarm)}, limits_{limits} {}

    const Clock& clock_;
    Alarm alarm_;
    InquiryLimits limits_;
    std::map<std::string, Authority> authorities_;
};

}  // namespace axis::intake
