// Goal: frames become messages, whatever their number; what is too large costs no memory.
// Method: frames made by hand, as the library hands them out.
#include "gateway/amqp/assembly.hpp"

#include <amqp_framing.h>
#include <doctest/doctest.h>

using namespace axis;
using amqp::Assembly;

namespace {

amqp_bytes_t bytes(const char* text) {
    return amqp_cstring_bytes(text);
}

amqp_frame_t method(amqp_method_number_t id, void* decoded) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_METHOD;
    frame.payload.method = {id, decoded};
    return frame;
}

amqp_frame_t header(std::uint64_t size, amqp_basic_properties_t& properties) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_HEADER;
    frame.payload.properties.body_size = size;
    frame.payload.properties.decoded = &properties;
    return frame;
}

amqp_frame_t body(const char* text) {
    amqp_frame_t frame{};
    frame.frame_type = AMQP_FRAME_BODY;
    frame.payload.body_fragment = bytes(text);
    return frame;
}

amqp_basic_deliver_t deliver(std::uint64_t tag) {
    amqp_basic_deliver_t out{};
    out.consumer_tag = bytes("queue");
    out.delivery_tag = tag;
    out.redelivered = 1;
    return out;
}

}  // namespace

TEST_CASE("a delivery in several frames is one message with its properties") {
    Assembly assembly{100};
    auto told = deliver(7);
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG;
    properties.message_id = bytes("16/2");
    properties.type = bytes("delivery.reference");

    CHECK_FALSE(assembly.take(method(AMQP_BASIC_DELIVER_METHOD, &told)));
    CHECK_FALSE(assembly.take(header(10, properties)));
    CHECK_FALSE(assembly.take(body("01234")));
    const auto content = assembly.take(body("56789"));

    REQUIRE(content);
    CHECK_FALSE(content->returned);
    CHECK(content->queue == "queue");
    CHECK(content->tag == 7);
    CHECK(content->again);
    CHECK(content->message.body == "0123456789");
    CHECK(content->message.id == "16/2");
    CHECK(content->message.type == "delivery.reference");
    CHECK(content->message.content_type.empty());
}

TEST_CASE("an empty body ends with its header") {
    Assembly assembly{100};
    auto told = deliver(1);
    amqp_basic_properties_t properties{};

    assembly.take(method(AMQP_BASIC_DELIVER_METHOD, &told));

    CHECK(assembly.take(header(0, properties)));
}

TEST_CASE("a body beyond the limit is counted and not kept") {
    Assembly assembly{8};
    auto told = deliver(1);
    amqp_basic_properties_t properties{};

    assembly.take(method(AMQP_BASIC_DELIVER_METHOD, &told));
    assembly.take(header(10, properties));
    assembly.take(body("01234"));
    const auto content = assembly.take(body("56789"));

    REQUIRE(content);
    CHECK(content->oversized);
    CHECK(content->message.body.empty());
}

TEST_CASE("what comes back says why") {
    Assembly assembly{100};
    amqp_basic_return_t back{};
    back.reply_code = 312;
    back.reply_text = bytes("NO_ROUTE");
    back.routing_key = bytes("lane");
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_MESSAGE_ID_FLAG;
    properties.message_id = bytes("16/2");

    assembly.take(method(AMQP_BASIC_RETURN_METHOD, &back));
    assembly.take(header(1, properties));
    const auto content = assembly.take(body("x"));

    REQUIRE(content);
    CHECK(content->returned);
    CHECK(content->why == "312 NO_ROUTE");
    CHECK(content->queue == "lane");
    CHECK(content->message.id == "16/2");
}

TEST_CASE("frames of nothing begun are nothing") {
    Assembly assembly{100};
    amqp_basic_properties_t properties{};

    CHECK_FALSE(assembly.take(body("x")));
    CHECK_FALSE(assembly.take(header(0, properties)));
}
