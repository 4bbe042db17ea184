// Goal: each fault on demand is what its name says, once. Method: arm it, talk, look; then talk again without
// it.
#include "gateway/base/file.hpp"
#include "tests/axissim/facts.hpp"
#include "tests/unit/axissim/support.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::sim::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("axissim/faults");

namespace {

const DocumentSpec spec{"G98", {"G98.11"}, "12", "noi dung"};

RawReply send(World& world) {
    return world.call(send_call(document_of(spec)));
}

std::string copy_id(World& world) {
    const auto listed = world.list();
    REQUIRE(listed.size() == 1);
    return std::string{std::string_view{listed[0].at("docId").as_string()}};
}

RawReply download(World& world, const std::string& id, const std::string& operation = "downloadEdoc") {
    Call call;
    call.method = operation == "downloadEdoc" ? "GET" : "POST";
    call.operation = operation;
    call.parameters = {{"docId", id}, {"filePath", "."}};
    return world.call(call);
}

std::size_t document_count(World& world) {
    return world.state().at("documents").as_array().size();
}

sim::Facts facts_of(World& world, const std::string& edxml) {
    const auto path = world.dir / "fetched.edxml";
    REQUIRE(write_file(path, edxml).has_value());
    return sim::read_facts(path).value();
}

}  // namespace

TEST_CASE("failures before the operation leave nothing behind and are used up") {
    World world;
    struct Expected {
        std::string kind;
        unsigned status;
        std::string code;
    };
    for (const auto& [kind, status, code] : std::vector<Expected>{
             {"html_502", 502, ""},
             {"empty_body", 200, ""},
             {"error_500_json", 500, "20"},
             {"code_20", 200, "20"},
             {"accented_error", 200, "20"},
             {"auth_401", 401, "15"},
             {"wrong_from", 200, "19"}}) {
        CAPTURE(kind);
        world.fault(kind);
        const auto reply = send(world);
        CHECK(reply.status == status);
        CHECK(reply.error_code() == code);
        CHECK(document_count(world) == 0);
    }
    CHECK(world.get("/sim/faults").body == "[]");
    CHECK(send(world).error_code() == "0");
}

TEST_CASE("their bodies are a page, nothing, JSON without DocId, and accents") {
    World world;
    world.fault("html_502");
    CHECK(send(world).body.find("<html>") == 0);
    world.fault("empty_body");
    CHECK(send(world).body.empty());
    world.fault("error_500_json");
    CHECK(send(world).body.find("DocId") == std::string::npos);
    world.fault("accented_error");
    CHECK(send(world).body.find("Lỗi hệ thống") != std::string::npos);
    world.fault("wrong_from");
    CHECK(
        send(world).body.find("Don vi gui G98 khong dung voi ma da dang ky: vxp.demo.01") != std::string::npos
    );
}

TEST_CASE("a reply can be lost after the document was stored") {
    World world;
    world.fault("lost_reply_after_storing");

    const auto reply = send(world);

    CHECK(reply.status == 0);
    CHECK(reply.headers.empty());
    CHECK(document_count(world) == 1);
    CHECK(send(world).error_code() == "0");
}

TEST_CASE("a reply can lack its DocId") {
    World world;
    world.fault("no_docid_in_reply");
    const auto reply = send(world);
    CHECK(reply.error_code() == "0");
    CHECK(reply.json().as_object().contains("DocId") == false);
    CHECK(document_count(world) == 1);
}

TEST_CASE("a slow reply comes when its time has passed and not before") {
    World world;
    world.fault("slow_reply_ms", 60'000);
    const auto reply = world.start(request_of(send_call(document_of(spec))));
    const auto due = world.clock.now() + 60s;

    world.run_until([&] { return world.clock.next_wake() == due; });
    CHECK_FALSE(reply->has_value());
    CHECK(document_count(world) == 1);
    world.clock.advance(60s);
    world.run_until([&] { return reply->has_value(); });

    CHECK((*reply)->error_code() == "0");
}

TEST_CASE("a document can be stored late, and /sim/open tells of the call until its answer has gone") {
    World world;
    CHECK(world.get("/sim/open").body == "[]");
    world.fault("slow_store_ms", 60'000);
    const auto begun = world.clock.now();
    const auto reply = world.start(request_of(send_call(document_of(spec))));
    const auto due = begun + 60s;

    world.run_until([&] { return world.clock.next_wake() == due; });
    CHECK(document_count(world) == 0);
    const auto open = world.get("/sim/open").json();
    REQUIRE(open.as_array().size() == 1);
    CHECK(open.at(0).at("call").as_string() == "edoc");
    CHECK(open.at(0).at("begun_ms").as_int64() == begun.time_since_epoch().count());
    world.clock.advance(60s);
    world.run_until([&] { return reply->has_value(); });

    CHECK((*reply)->error_code() == "0");
    CHECK(document_count(world) == 1);
    CHECK(world.get("/sim/open").body == "[]");
}

TEST_CASE("acknowledged items can be listed again") {
    World world;
    send(world);
    Call done;
    done.operation = "updateStatus";
    done.parameters = {{"docId", copy_id(world)}, {"status", "done"}};
    REQUIRE(world.call(done).error_code() == "0");
    REQUIRE(world.list().empty());

    world.fault("relist_done");

    CHECK(world.list().size() == 1);
    CHECK(world.list().empty());
}

TEST_CASE("a document can arrive re-serialised or with zipped attachments") {
    World world;
    send(world);
    const auto id = copy_id(world);
    const auto original = download(world, id).body;

    world.fault("reserialise");
    const auto rewritten = download(world, id).body;
    CHECK(rewritten != original);
    CHECK(rewritten.find("\r\n") != std::string::npos);
    CHECK(facts_of(world, rewritten).files[0].sha256 == sha256("noi dung"));

    world.fault("zip_wrap");
    const auto zipped = facts_of(world, download(world, id).body);
    CHECK(zipped.files[0].wrapped);
    CHECK(zipped.files[0].name == "Công văn.pdf");
    CHECK(zipped.files[0].sha256 == sha256("noi dung"));

    CHECK(download(world, id).body == original);
    CHECK(std::filesystem::is_empty(world.dir / "state/tmp"));
}

TEST_CASE("a body can end early, raw and in JSON") {
    World world;
    send(world);
    const auto id = copy_id(world);
    for (const std::string operation : {"downloadEdoc", "getEdoc"}) {
        world.fault("cut_body", 100);
        const auto cut = download(world, id, operation);
        CHECK(cut.status == 200);
        CHECK(cut.body.size() == 100);
        CHECK_FALSE(cut.whole);
        CHECK(download(world, id, operation).whole);
    }
}

TEST_CASE("a listed document can turn out not to be edXML") {
    World world;
    send(world);
    world.fault("poison");
    const auto id = copy_id(world);
    CHECK(download(world, id).body.find("edXML>") == std::string::npos);
    CHECK(download(world, id).body.find("Day khong phai la edXML") == 0);
    CHECK(download(world, id, "getEdoc").json().at("data").as_string() == "RGF5IGtob25nIHBoYWkgbGEgZWRYTUw=");
}

TEST_CASE("a fault can wait for one operation, count down, and be taken back") {
    World world;
    REQUIRE(
        world.post("/sim/faults", R"({"kind":"html_502","count":2,"operation":"sendEdoc"})").status == 200
    );
    CHECK(world.list().empty());
    CHECK(send(world).status == 502);
    CHECK(world.get("/sim/faults").json().at(0).at("count").as_int64() == 1);
    REQUIRE(world.post("/sim/faults", R"({"kind":"html_502","count":0})").status == 200);
    CHECK(send(world).status == 200);

    CHECK(world.post("/sim/faults", R"({"kind":"earthquake"})").status == 400);
    CHECK(world.post("/sim/faults", "x").status == 400);
}

TEST_SUITE_END();
