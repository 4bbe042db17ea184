// Goal: what a message asks is read as the table of adapters/amqp/README.md says, or refused with what is
// wrong. Method: messages by hand.
#include "adapters/amqp/command.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::software;

namespace {

amqp::Received message(std::string type, std::string body, std::string id = "k-1") {
    amqp::Received out;
    out.message.type = std::move(type);
    out.message.body = std::move(body);
    out.message.id = std::move(id);
    return out;
}

Result<Command> read(std::string type, std::string body, std::string id = "k-1", CommandLimits limits = {}) {
    return read_command(message(std::move(type), std::move(body), std::move(id)), limits);
}

std::string wrong(const Result<Command>& command) {
    return command ? "" : command.error().detail;
}

const std::string about = "01JD8Y0000000000000000000A";

}  // namespace

TEST_CASE("a package is kept as it was written, whatever stands around it") {
    const std::string package = "{ \"subject\" :\t\"a \\\"quoted\\\" } , name\", \"files\":[{\"x\":1},{}] }";
    const auto bodies = {
        "{\"package\":" + package + "}",
        "{\"files\":[] , \"package\" : " + package + " ,\"dry_run\": false}",
        "\n{ \"dry_run\":false,\n\"package\":\n" + package + "\n}\n"};
    for (const auto& body : bodies) {
        const auto command = read("package", body);
        REQUIRE_MESSAGE(command.has_value(), wrong(command));
        CHECK(std::get<SubmitPackage>(*command).package == package);
    }
}

TEST_CASE("files come in the message or by claim") {
    const auto command = read(
        "package",
        R"({"package":{},"files":[{"name":"a.txt","base64":"eGlu\/w=="},{"name":"b.pdf","claim":"c1"}],"dry_run":true})"
    );

    REQUIRE_MESSAGE(command.has_value(), wrong(command));
    const auto& package = std::get<SubmitPackage>(*command);
    CHECK(package.dry_run);
    REQUIRE(package.files.size() == 2);
    CHECK(package.files[0].name == "a.txt");
    CHECK(package.files[0].bytes == "xin\xff");
    CHECK(package.files[0].claim.empty());
    CHECK(package.files[1].claim == "c1");
}

TEST_CASE("what is wrong with a package is named") {
    CHECK(wrong(read("package", R"({"files":[]})")) == "/package is missing");
    CHECK(wrong(read("package", R"({"package":{},"extra":1})")) == "/extra is not known");
    CHECK(wrong(read("package", R"({"package":{},"dry_run":"yes"})")) == "/dry_run is not true or false");
    CHECK(wrong(read("package", R"({"package":{},"files":{}})")) == "/files is not an array");
    CHECK(wrong(read("package", R"({"package":{},"files":[1]})")) == "/files/0 is not an object");
    for (const auto* file :
         {R"({"name":"a"})",
          R"({"base64":""})",
          R"({"name":"a","base64":"","claim":"c"})",
          R"({"name":"a","base64":1})"})
        CHECK(
            wrong(read("package", R"({"package":{},"files":[)" + std::string{file} + "]}")) ==
            "/files/0 takes name, and base64 or claim"
        );
    CHECK(
        wrong(read("package", R"({"package":{},"files":[{"name":"a","claim":""}]})")) ==
        "/files/0/claim is empty"
    );
    const auto damaged = read("package", R"({"package":{},"files":[{"name":"a","base64":"%%"}]})");
    REQUIRE_FALSE(damaged.has_value());
    CHECK(damaged.error().code == errc::attachment_base64);
    CHECK(damaged.error().faults.at(0).pointer == "/files/0/base64");
}

TEST_CASE("a message that is no command is refused, its key and type first") {
    CHECK(wrong(read("package", "{}", "")).starts_with("property message_id"));
    CHECK(wrong(read("package", "{}", std::string(129, 'k'))).starts_with("property message_id"));
    CHECK(wrong(read("package", "{}", "có dấu")).starts_with("property message_id"));
    CHECK(wrong(read("", "{}")).starts_with("property type"));
    CHECK(wrong(read("receipt", "{}")).starts_with("property type"));
    CHECK(wrong(read("package", "[]")) == "the body is not an object");
    CHECK(wrong(read("package", "{")).starts_with("not JSON"));
    CHECK(wrong(read("package", R"({"package":{},"package":{}})")).starts_with("not JSON"));
}

TEST_CASE("sizes are bounded, by name") {
    CommandLimits limits;
    limits.inline_bytes_max = 3;
    limits.package_bytes_max = 10;
    limits.file_count_max = 2;
    const auto two = R"({"package":{},"files":[{"name":"a","base64":"YWI="},{"name":"b","base64":"YWI="}]})";
    const auto many =
        R"({"package":{},"files":[{"name":"a","claim":"1"},{"name":"b","claim":"2"},{"name":"c","claim":"3"}]})";
    auto oversized = message("package", "");
    oversized.oversized = true;

    CHECK(read("package", two, "k", limits).error().code == errc::command_too_large);
    CHECK(read("package", many, "k", limits).error().code == errc::command_too_large);
    CHECK(
        read("package", R"({"package":{"subject":"long"}})", "k", limits).error().code ==
        errc::package_too_large
    );
    CHECK(read_command(oversized, limits).error().code == errc::command_too_large);
}

TEST_CASE("a status says of what, and when") {
    const auto whole =
        read("status", R"({"status": {"code":"03","at":"2026-11-26"} ,"message_id":")" + about + "\"}");

    REQUIRE_MESSAGE(whole.has_value(), wrong(whole));
    CHECK(std::get<ReportStatus>(*whole).about.text() == about);
    CHECK(std::get<ReportStatus>(*whole).status == R"({"code":"03","at":"2026-11-26"})");
    CHECK(
        wrong(read("status", R"({"status":{"code":"03"},"message_id":")" + about + "\"}")) ==
        "/status/at is required through a queue"
    );
    CHECK(wrong(read("status", R"({"status":{},"message_id":"x"})")) == "/message_id is not a message id");
    CHECK(wrong(read("status", R"({"message_id":")" + about + "\"}")) == "/status is not an object");
}

TEST_CASE("an acknowledgement names an event") {
    const auto whole = read("events.acknowledge", R"({"through":17})");

    REQUIRE_MESSAGE(whole.has_value(), wrong(whole));
    CHECK(std::get<AcknowledgeEvents>(*whole).through == 17);
    for (const auto* body : {"{}", R"({"through":-1})", R"({"through":"1"})", R"({"through":1.5})"})
        CHECK(wrong(read("events.acknowledge", body)) == "/through is not the seq of an event");
}
