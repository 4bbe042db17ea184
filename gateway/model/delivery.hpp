// A delivery: one message on its way to one endpoint, serving 1…N recipients (architecture D5, D6).
//
//   queued --begin--> sending --accepted--> done
//     ^                 |---deferred-----> queued, due later
//     |                 |---unknown------> reconciling --accepted--> done | --deferred--> queued
//     |---operator------+---rejected-----> quarantined
//   queued <--> held     queued --> cancelled
//   queued --> offered --acknowledged--> done          (passive endpoints: REST pull)
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/model/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace axis::model {

enum class DeliveryState { queued, sending, offered, reconciling, held, quarantined, cancelled, done };

std::string_view name(DeliveryState state);  // "queued" …: the names on every surface
std::optional<DeliveryState> delivery_state(std::string_view name);
inline std::string to_string(DeliveryState state) {
    return std::string{name(state)};
}

// What a clerk reads for one recipient: the latest business status when there is one, else the transport's
// state. "Chưa gửi", "Đang gửi", "Đã gửi", "Gửi lỗi", "Chờ đơn vị lấy về", "Đã thu lại trước khi gửi" …
std::string label(DeliveryState state, std::string_view status);
std::string label_en(DeliveryState state, std::string_view status);

// Deliveries from this size on may take half of a lane at most: small ones pass beside them.
inline constexpr std::uint64_t large_bytes = 1024 * 1024;

enum class MessageKind { document, status };
std::string_view name(MessageKind kind);

// The answer to one attempt.
enum class Verdict { accepted, rejected, deferred, unauthorised, unknown };
std::string_view name(Verdict verdict);

struct Outcome {
    Verdict verdict = Verdict::unknown;
    errc reason = errc::none;  // from the error table: why, when not accepted
    std::string detail;        // what the other side said, for the operator; no secrets, at most 1,000 bytes
    std::string remote_id;     // the axis' DocId when accepted
    // a/b of the log's delays=a/b/c/d are the lane's; these two are the adapter's
    Duration connect{0};   // c: connect and TLS
    Duration transfer{0};  // d: request and reply
};

}  // namespace axis::model
