#include "gateway/amqp/link.hpp"

#include "gateway/base/mutation.hpp"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace axis::amqp {

namespace {

constexpr amqp_channel_t channel = 1;
constexpr int frame_bytes_max = 131'072;

amqp_bytes_t bytes_of(const std::string& text) {
    return {text.size(), const_cast<char*>(text.data())};  // only read
}

timeval duration_of(std::chrono::milliseconds wait) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
    return {whole.count(), std::chrono::duration_cast<std::chrono::microseconds>(wait - whole).count()};
}

amqp_table_entry_t yes(const char* name) {
    amqp_table_entry_t entry{};
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
}

amqp_table_entry_t text(const char* name, const std::string& value) {
    amqp_table_entry_t entry{};
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = bytes_of(value);
    return entry;
}

amqp_table_entry_t number(const char* name, int value) {
    amqp_table_entry_t entry{};
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_I32;
    entry.value.value.i32 = value;
    return entry;
}

// What the broker said when it closed the channel or the connection.
std::string closing_words(const amqp_method_t& method) {
    if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto& close = *static_cast<const amqp_channel_close_t*>(method.decoded);
        return std::to_string(close.reply_code) + " " + text_of(close.reply_text);
    }
    if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        const auto& close = *static_cast<const amqp_connection_close_t*>(method.decoded);
        return std::to_string(close.reply_code) + " " + text_of(close.reply_text);
    }
    return amqp_method_name(method.id);
}

// The library says of TLS only that it failed; OpenSSL knows why ("tlsv13 alert certificate required").
std::string words_of(int status) {
    std::string text = amqp_error_string2(status);
    const bool tls = status <= AMQP_STATUS_SSL_ERROR;
    const auto* reason = tls ? ERR_reason_error_string(ERR_peek_last_error()) : nullptr;
    return reason == nullptr ? text : text + ": " + reason;
}

// A call of the library that may block, under the fuse.
template <class F>
auto timed(Fuse& fuse, F call) {
    fuse.begin();
    auto result = call();
    fuse.end();
    return result;
}

}  // namespace

void Fuse::hold(int socket) {
    const std::lock_guard lock{mutex_};
    socket_ = socket;
}

void Fuse::begin() {
    const std::lock_guard lock{mutex_};
    since_ = std::chrono::steady_clock::now();
}

void Fuse::end() {
    const std::lock_guard lock{mutex_};
    since_.reset();
}

void Fuse::blow_if_older(std::chrono::milliseconds age) {
    const std::lock_guard lock{mutex_};
    if (since_ && socket_ >= 0 && std::chrono::steady_clock::now() - *since_ > age)
        ::shutdown(socket_, SHUT_RDWR);
}

Link::Link(
    const Broker& broker,
    const Host& host,
    const Limits& limits,
    const std::vector<Queue>& queues,
    Fuse& fuse,
    LinkEvents events
)
    : broker_{broker},
      host_{host},
      limits_{limits},
      queues_{queues},
      fuse_{fuse},
      events_{std::move(events)},
      assembly_{limits.message_bytes_max},
      acks_{limits.acknowledge_together, limits.acknowledge_wait} {}

Link::~Link() {
    fuse_.hold(-1);  // the number may be another file's soon
}

Result<> Link::answered(const char* what, amqp_rpc_reply_t reply) {
    const auto failed = [what](const std::string& why) {
        return Error{errc::broker_down, std::string{what} + ": " + why};
    };
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL:
            return {};
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            return failed(closing_words(reply.reply));
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            return failed(words_of(reply.library_error));
        case AMQP_RESPONSE_NONE:
            break;
    }
    return failed("no answer");
}

Result<> Link::written(const char* what, int status) {
    if (status == AMQP_STATUS_OK) return {};
    return Error{errc::broker_down, std::string{what} + ": " + words_of(status)};
}

Result<> Link::open(const std::string& forsaken) {
    ERR_clear_error();  // of the thread
    for (auto step : {&Link::connect, &Link::log_in}) {
        auto done = timed(fuse_, [this, step] { return (this->*step)(); });
        if (!done) return done;
    }
    for (const auto& queue : queues_) {
        auto declared = timed(fuse_, [&] {
            auto removed = queue.name == forsaken ? remove(queue.name) : Result<>{};
            return removed ? declare(queue) : removed;
        });
        if (!declared) return declared;
    }
    for (const auto& queue : queues_) {
        if (queue.prefetch == 0) continue;
        auto begun = timed(fuse_, [this, &queue] { return consume(queue); });
        if (!begun) return begun;
    }
    return {};
}

Result<> Link::connect() {
    state_.reset(amqp_new_connection());
    if (!state_) return Error{errc::broker_down, "out of memory"};
    amqp_socket_t* socket = nullptr;
    int status = AMQP_STATUS_OK;
    if (broker_.tls) {
        socket = amqp_ssl_socket_new(state_.get());
        if (socket == nullptr) return Error{errc::broker_down, "TLS cannot be used"};
        amqp_ssl_socket_set_verify_peer(socket, 1);
        amqp_ssl_socket_set_verify_hostname(socket, 1);
        status = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
        if (status == AMQP_STATUS_OK) status = amqp_ssl_socket_set_cacert(socket, broker_.ca_file.c_str());
        if (status == AMQP_STATUS_OK && !broker_.cert.empty())
            status = amqp_ssl_socket_set_key(socket, broker_.cert.c_str(), broker_.key.c_str());
    } else {
        socket = amqp_tcp_socket_new(state_.get());
        if (socket == nullptr) return Error{errc::broker_down, "out of memory"};
    }
    if (status != AMQP_STATUS_OK) return written("TLS files", status);
    const auto wait = duration_of(limits_.connect_wait);
    status = amqp_socket_open_noblock(socket, host_.name.c_str(), host_.port, &wait);
    if (status != AMQP_STATUS_OK) return written("connect", status);
    const int fd = amqp_get_sockfd(state_.get());
    const int on = 1;
    const auto patience = static_cast<unsigned>(limits_.call_wait.count());
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
    fuse_.hold(fd);
    return {};
}

// The library announces little of what it can bear; without connection.blocked an alarm looks like a stalled
// socket. No heartbeats: the library sends them only inside its calls, and hangs in a write when they are
// missed.
Result<> Link::log_in() {
    const auto wait = duration_of(limits_.connect_wait);
    amqp_set_handshake_timeout(state_.get(), &wait);
    const auto call = duration_of(limits_.call_wait);
    amqp_set_rpc_timeout(state_.get(), &call);
    std::array<amqp_table_entry_t, 4> able{
        yes("connection.blocked"),
        yes("consumer_cancel_notify"),
        yes("publisher_confirms"),
        yes("basic.nack")};
    const std::string product = "axisd";
    std::array<amqp_table_entry_t, 3> told{
        text("product", product), text("connection_name", broker_.name), {}};
    told[2].key = amqp_cstring_bytes("capabilities");
    told[2].value.kind = AMQP_FIELD_KIND_TABLE;
    told[2].value.value.table = {static_cast<int>(able.size()), able.data()};
    const amqp_table_t properties{static_cast<int>(told.size()), told.data()};
    const std::string password{broker_.password.reveal()};
    auto in = answered(
        "login",
        amqp_login_with_properties(
            state_.get(),
            broker_.vhost.c_str(),
            channel,
            frame_bytes_max,
            0,
            &properties,
            AMQP_SASL_METHOD_PLAIN,
            broker_.user.c_str(),
            password.c_str()
        )
    );
    if (!in) return in;
    amqp_channel_open(state_.get(), channel);
    auto opened = answered("channel", amqp_get_rpc_reply(state_.get()));
    if (!opened) return opened;
    amqp_confirm_select(state_.get(), channel);
    return answered("confirm.select", amqp_get_rpc_reply(state_.get()));
}

Result<> Link::remove(const std::string& queue) {
    amqp_queue_delete(state_.get(), channel, bytes_of(queue), 0, 0);
    return answered(("deletion of " + queue).c_str(), amqp_get_rpc_reply(state_.get()));
}

// Dead letters at least once: what a crash of the broker leaves half-way is moved again. That wants
// reject-publish.
Result<> Link::declare(const Queue& queue) {
    static const std::string quorum = "quorum", at_least_once = "at-least-once", reject = "reject-publish",
                             drop = "drop-head", none;
    const auto& overflow = queue.when_full == WhenFull::refuse ? reject : drop;
    std::vector<amqp_table_entry_t> arguments{text("x-queue-type", quorum), text("x-overflow", overflow)};
    if (queue.length_max > 0) arguments.push_back(number("x-max-length", queue.length_max));
    if (queue.delivery_limit > 0) arguments.push_back(number("x-delivery-limit", queue.delivery_limit));
    if (!queue.dead_letters.empty()) {
        arguments.push_back(text("x-dead-letter-exchange", none));
        arguments.push_back(text("x-dead-letter-routing-key", queue.dead_letters));
        arguments.push_back(text("x-dead-letter-strategy", at_least_once));
    }
    static const std::string classic = "classic";
    if (mutated(Mutation::classic_queue))
        arguments = {text("x-queue-type", classic), number("x-queue-version", 2)};
    const amqp_table_t table{static_cast<int>(arguments.size()), arguments.data()};
    amqp_queue_declare(state_.get(), channel, bytes_of(queue.name), 0, 1, 0, 0, table);
    auto declared = answered(("queue " + queue.name).c_str(), amqp_get_rpc_reply(state_.get()));
    if (!declared || !queue.exchange) return declared;
    return declare_exchange(queue.name);
}

Result<> Link::declare_exchange(const std::string& name) {
    static const std::string fanout = "fanout";
    amqp_exchange_declare(
        state_.get(), channel, bytes_of(name), bytes_of(fanout), 0, 1, 0, 0, amqp_empty_table
    );
    auto declared = answered(("exchange " + name).c_str(), amqp_get_rpc_reply(state_.get()));
    if (!declared) return declared;
    amqp_queue_bind(
        state_.get(), channel, bytes_of(name), bytes_of(name), amqp_empty_bytes, amqp_empty_table
    );
    return answered(("binding of " + name).c_str(), amqp_get_rpc_reply(state_.get()));
}

Result<> Link::consume(const Queue& queue) {
    amqp_basic_qos(state_.get(), channel, 0, queue.prefetch, 0);
    auto limited = answered("basic.qos", amqp_get_rpc_reply(state_.get()));
    if (!limited) return limited;
    amqp_basic_consume(
        state_.get(), channel, bytes_of(queue.name), bytes_of(queue.name), 0, 0, 0, amqp_empty_table
    );
    const auto reply = amqp_get_rpc_reply(state_.get());
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
        silent_ = queue.name;
    return answered(("consumer of " + queue.name).c_str(), reply);
}

int Link::socket() const {
    return amqp_get_sockfd(state_.get());
}

Result<> Link::publish(const std::string& queue, const Message& message) {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    const auto set = [&properties](amqp_flags_t flag, amqp_bytes_t& where, const std::string& value) {
        if (value.empty()) return;
        properties._flags |= flag;
        where = bytes_of(value);
    };
    set(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type, message.content_type);
    set(AMQP_BASIC_TYPE_FLAG, properties.type, message.type);
    set(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id, message.id);
    set(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id, message.correlation_id);
    std::vector<amqp_table_entry_t> headers;
    for (const auto& [name, value] : message.headers) headers.push_back(text(name.c_str(), value));
    if (!headers.empty()) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = {static_cast<int>(headers.size()), headers.data()};
    }
    const auto write = [&] {
        return amqp_basic_publish(
            state_.get(),
            channel,
            amqp_empty_bytes,
            bytes_of(queue),
            1,
            0,
            &properties,
            bytes_of(message.body)
        );
    };
    auto done = written("basic.publish", timed(fuse_, write));
    if (done && mutated(Mutation::publish_unconfirmed)) confirms_.answered(confirms_.last(), true, true);
    return done;
}

void Link::acknowledge(std::uint64_t tag) {
    acks_.acknowledge(tag, std::chrono::steady_clock::now());
}

Result<> Link::tell() {
    for (const auto& ack : acks_.take()) {
        const auto write = [&] {
            return amqp_basic_ack(state_.get(), channel, ack.tag, ack.multiple ? 1 : 0);
        };
        auto told = written("basic.ack", timed(fuse_, write));
        if (!told) return told;
    }
    return {};
}

Result<> Link::reject(std::uint64_t tag, bool requeue) {
    acks_.rejected(tag);
    const auto write = [&] { return amqp_basic_reject(state_.get(), channel, tag, requeue ? 1 : 0); };
    return written("basic.reject", timed(fuse_, write));
}

bool Link::holds_more() const {
    return amqp_frames_enqueued(state_.get()) || amqp_data_in_buffer(state_.get());
}

Result<> Link::drain() {
    do {
        amqp_frame_t frame;
        const timeval now{0, 0};
        const int status =
            timed(fuse_, [&] { return amqp_simple_wait_frame_noblock(state_.get(), &frame, &now); });
        if (status == AMQP_STATUS_TIMEOUT) break;
        auto seen = written("read", status);
        if (seen) seen = take(frame);
        if (!seen) return seen;
    } while (holds_more());
    amqp_maybe_release_buffers(state_.get());
    return {};
}

Result<> Link::take(const amqp_frame_t& frame) {
    if (frame.frame_type != AMQP_FRAME_METHOD) {
        auto content = assembly_.take(frame);
        if (!content) return {};
        if (content->returned) {
            confirms_.returned(content->queue, content->message.id, content->why);
            return {};
        }
        acks_.handed(content->tag);
        events_.received(std::move(*content));
        return {};
    }
    const auto& method = frame.payload.method;
    switch (method.id) {
        case AMQP_BASIC_DELIVER_METHOD:
        case AMQP_BASIC_RETURN_METHOD:
            assembly_.take(frame);
            return {};
        case AMQP_BASIC_ACK_METHOD: {
            const auto& ack = *static_cast<const amqp_basic_ack_t*>(method.decoded);
            confirms_.answered(ack.delivery_tag, ack.multiple != 0, true);
            return {};
        }
        case AMQP_BASIC_NACK_METHOD: {
            const auto& nack = *static_cast<const amqp_basic_nack_t*>(method.decoded);
            return refused(confirms_.answered(nack.delivery_tag, nack.multiple != 0, false));
        }
        case AMQP_CONNECTION_BLOCKED_METHOD:
            events_.blocked(
                true, text_of(static_cast<const amqp_connection_blocked_t*>(method.decoded)->reason)
            );
            return {};
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            events_.blocked(false, {});
            return {};
        case AMQP_BASIC_CANCEL_METHOD:
            return Error{errc::broker_down, "a queue we read from was deleted"};
        case AMQP_CHANNEL_CLOSE_METHOD:
        case AMQP_CONNECTION_CLOSE_METHOD:
            return Error{errc::broker_down, "closed: " + closing_words(method)};
        default:
            return {};  // nothing of it concerns us
    }
}

// Half full when it was looked at last, or not looked at yet: it may be.
bool Link::may_be_full(const Queue& queue) const {
    if (queue.length_max == 0 || queue.when_full == WhenFull::drop_oldest) return false;
    const auto seen = waiting_.find(queue.name);
    return seen == waiting_.end() || 2 * seen->second >= static_cast<std::uint32_t>(queue.length_max);
}

// A queue that cannot be full refuses nothing: its leader did not answer the broker's channel. RabbitMQ 3.10
// then refuses whatever is published on that channel, long after there is a leader again; another one is
// heard.
Result<> Link::refused(const std::vector<std::string>& queues) const {
    for (const auto& queue : queues_) {
        const bool nacked = std::find(queues.begin(), queues.end(), queue.name) != queues.end();
        if (nacked && !may_be_full(queue))
            return Error{errc::broker_down, "basic.nack of " + queue.name + ", which cannot be full"};
    }
    return {};
}

void Link::say_goodbye() {
    amqp_connection_close_t words{};
    words.reply_code = AMQP_REPLY_SUCCESS;
    words.reply_text = amqp_cstring_bytes("axisd stops");
    timed(fuse_, [&] { return amqp_send_method(state_.get(), 0, AMQP_CONNECTION_CLOSE_METHOD, &words); });
}

// Asked passively: a queue that is gone closes the channel, and the next life declares it again.
Result<std::vector<QueueLook>> Link::look() {
    std::vector<QueueLook> out;
    for (const auto& queue : queues_) {
        const auto ask = [&] {
            return amqp_queue_declare(
                state_.get(), channel, bytes_of(queue.name), 1, 1, 0, 0, amqp_empty_table
            );
        };
        const auto* seen = timed(fuse_, ask);
        auto told = answered(("look at " + queue.name).c_str(), amqp_get_rpc_reply(state_.get()));
        if (!told) return told.error();
        out.push_back({queue.name, seen->message_count, seen->consumer_count});
        waiting_[queue.name] = seen->message_count;
    }
    return out;
}

}  // namespace axis::amqp
