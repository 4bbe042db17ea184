#include "gateway/amqp/assembly.hpp"

#include <algorithm>
#include <utility>

namespace axis::amqp {

std::string text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string{} : std::string{static_cast<const char*>(bytes.bytes), bytes.len};
}

std::optional<Content> Assembly::take(const amqp_frame_t& frame) {
    switch (frame.frame_type) {
        case AMQP_FRAME_METHOD:
            begin(frame.payload.method);
            return std::nullopt;
        case AMQP_FRAME_HEADER:
            if (!open_) return std::nullopt;
            properties(frame);
            return missing_ == 0 ? ended() : std::nullopt;
        case AMQP_FRAME_BODY:
            if (!open_) return std::nullopt;
            if (!open_->oversized) open_->message.body += text_of(frame.payload.body_fragment);
            missing_ -= std::min<std::uint64_t>(missing_, frame.payload.body_fragment.len);
            return missing_ == 0 ? ended() : std::nullopt;
        default:
            return std::nullopt;
    }
}

void Assembly::begin(const amqp_method_t& method) {
    if (method.id == AMQP_BASIC_DELIVER_METHOD) {
        const auto& deliver = *static_cast<const amqp_basic_deliver_t*>(method.decoded);
        open_.emplace();
        open_->queue = text_of(deliver.consumer_tag);
        open_->tag = deliver.delivery_tag;
        open_->again = deliver.redelivered != 0;
    } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
        const auto& back = *static_cast<const amqp_basic_return_t*>(method.decoded);
        open_.emplace();
        open_->returned = true;
        open_->queue = text_of(back.routing_key);
        open_->why = std::to_string(back.reply_code) + " " + text_of(back.reply_text);
    }
}

void Assembly::properties(const amqp_frame_t& frame) {
    missing_ = frame.payload.properties.body_size;
    open_->oversized = missing_ > bytes_max_;
    const auto& seen = *static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded);
    auto& message = open_->message;
    const auto has = [&seen](amqp_flags_t flag) { return (seen._flags & flag) != 0; };
    message.content_type = has(AMQP_BASIC_CONTENT_TYPE_FLAG) ? text_of(seen.content_type) : std::string{};
    if (has(AMQP_BASIC_TYPE_FLAG)) message.type = text_of(seen.type);
    if (has(AMQP_BASIC_MESSAGE_ID_FLAG)) message.id = text_of(seen.message_id);
    if (has(AMQP_BASIC_CORRELATION_ID_FLAG)) message.correlation_id = text_of(seen.correlation_id);
}

std::optional<Content> Assembly::ended() {
    return std::exchange(open_, std::nullopt);
}

}  // namespace axis::amqp
