// Goal: what a package becomes, and that a refused or broken one leaves nothing. Method: a real ledger and
// spool in a temporary folder; what was stored is read back through Content and Lookup.
#include "gateway/base/file.hpp"
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using Codes = std::vector<std::string>;

namespace {

// The error and, when it has some, its first fault.
std::string refusal(const Error& error) {
    std::string out{row(error.code).code};
    if (!error.faults.empty())
        out += " " + error.faults[0].pointer + " " + std::string{row(error.faults[0].code).code};
    return out;
}

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("a package to two partners and a department: one receipt, in the order of its recipients") {
    IntakeBench bench;

    const auto receipt = bench.submit(Parcel{.external_id = "qlvb-1"}).value();

    CHECK(receipt.external_id == "qlvb-1");
    CHECK(receipt.document_id == "G98.12,2026/11/21,1/GM-VP");
    CHECK_FALSE(receipt.replayed);
    CHECK(receipt.warnings.empty());
    REQUIRE(receipt.recipients.size() == 3);
    CHECK(receipt.recipients[0].code == "G99");
    CHECK(receipt.recipients[0].delivery == "queued");
    CHECK(receipt.recipients[1].code == "G97");
    CHECK(receipt.recipients[2].code == "G98.11");
    CHECK(receipt.recipients[2].delivery == "offered");
    CHECK(bench.woken == Codes{"national"});
}

TEST_CASE("a rendition names only the recipients of its delivery, the kept envelope names all") {
    IntakeBench bench;

    const auto id = bench.submitted(Parcel{});

    const auto recipients = bench.view(id).recipients;
    CHECK(recipients[0].delivery == recipients[1].delivery);
    CHECK(bench.named_in(bench.rendition_text(recipients[0].delivery)) == Codes{"G99", "G97"});
    CHECK(bench.named_in(bench.envelope_text(id)) == Codes{"G99", "G97", "G98.11"});
}

TEST_CASE("with to_scope = all the rendition names every recipient") {
    IntakeBench bench;
    bench.settings.profiles[{"national"}].rendition.to_all = true;
    bench.rebuild();

    const auto id = bench.submitted(Parcel{});

    CHECK(bench.named_in(bench.rendition_text(bench.view(id).recipients[0].delivery)).size() == 3);
}

TEST_CASE("the bytes of envelope and rendition have the digests and lengths the ledger knows") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});
    const auto delivery = bench.view(id).recipients[0].delivery;

    for (const auto& stored :
         {bench.now(bench.ledger->envelope(id)).value(),
          bench.now(bench.ledger->rendition(delivery)).value()}) {
        auto stream = bench.content->envelope(stored);
        const auto text = bench.all(*stream);
        CHECK(stream->length() == text.size());
        CHECK(text.size() == stored.bytes);
        CHECK(sha256(text) == stored.sha256);
    }
}

TEST_CASE("the department's software is told, with address and digest of each file") {
    IntakeBench bench;

    const auto id = bench.submitted(Parcel{});

    const auto events = bench.told("cuc1");
    REQUIRE(events.size() == 1);
    CHECK(said(events[0], "/type") == "document.received");
    CHECK(said(events[0], "/message_id") == id.text());
    const auto& data = events[0].at("data");
    CHECK(said(data, "/recipients") == R"(["G98.11"])");
    CHECK(said(data, "/signature") == "absent");
    const auto& listed = data.at("document").at("files").as_array();
    REQUIRE(listed.size() == 2);
    CHECK(said(listed[0], "/url") == "/v1/messages/" + id.text() + "/attachments/1");
    CHECK(said(listed[0], "/sha256") == sha256(pdf().bytes).hex());
    CHECK(said(listed[1], "/url") == "/v1/messages/" + id.text() + "/attachments/2");
    CHECK(said(listed[1], "/sha256") == sha256(xlsx().bytes).hex());
    CHECK(bench.told("cuc2").empty());
}

TEST_CASE("files come back byte for byte, for recipient and sender, and for nobody else") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});
    const std::vector<File> sent{pdf(), xlsx()};

    CHECK_FALSE(bench.view(id).attachments[0].wrapped);
    CHECK(bench.view(id).attachments[1].wrapped);
    for (const auto* endpoint : {"cuc1", "cuc2"}) {
        for (std::size_t n = 1; n <= 2; ++n) {
            auto file = bench.now(bench.lookup->attachment(bench.caller(endpoint), id, n)).value();
            CHECK(file.name == sent[n - 1].name);
            CHECK(file.bytes == sent[n - 1].bytes.size());
            CHECK(file.sha256 == sha256(sent[n - 1].bytes));
            CHECK(file.stream->length() == file.bytes);
            CHECK((bench.all(*file.stream) == sent[n - 1].bytes));
        }
    }
    CHECK(bench.now(bench.lookup->attachment(bench.caller("bo"), id, 1)).error().code == errc::not_found);
    CHECK(bench.now(bench.lookup->attachment(bench.caller("cuc1"), id, 3)).error().code == errc::not_found);
    CHECK(bench.now(bench.lookup->message(bench.caller("bo"), id)).error().code == errc::not_found);
    CHECK(bench.now(bench.lookup->envelope(bench.caller("bo"), id)).error().code == errc::not_found);
}

TEST_CASE("a sender sees all recipients of its message, a recipient only itself") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});

    const auto sender =
        boost::json::parse(bench.now(bench.lookup->message(bench.caller("cuc2"), id)).value());
    const auto recipient =
        boost::json::parse(bench.now(bench.lookup->message(bench.caller("cuc1"), id)).value());

    CHECK(sender.at("recipients").as_array().size() == 3);
    REQUIRE(recipient.at("recipients").as_array().size() == 1);
    CHECK(said(recipient, "/recipients/0/code") == "G98.11");
}

TEST_CASE("a file that vanished or changed on disk ends its stream with an error") {
    IntakeBench bench;
    const auto id = bench.submitted(Parcel{});
    const auto blob = bench.view(id).attachments[0].blob;
    const auto path = bench.dir / "spool" / blob.hex().substr(0, 2) / blob.hex();
    auto text = read_file(path).value();
    text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
    std::filesystem::remove(path);
    REQUIRE(write_file(path, text).has_value());

    auto file = bench.now(bench.lookup->attachment(bench.caller("cuc1"), id, 1)).value();
    std::uint64_t got = 0;
    auto piece = bench.now(file.stream->next());
    for (; piece && !piece->empty(); piece = bench.now(file.stream->next())) got += piece->size();
    REQUIRE_FALSE(piece.has_value());
    CHECK(piece.error().code == errc::blob_damaged);
    CHECK(got < file.bytes);

    std::filesystem::remove(path);
    auto stream = bench.content->envelope(bench.now(bench.ledger->envelope(id)).value());
    auto next = bench.now(stream->next());
    while (next && !next->empty()) next = bench.now(stream->next());
    REQUIRE_FALSE(next.has_value());
    CHECK(next.error().code == errc::blob_missing);
}

TEST_CASE("a refused package leaves nothing, neither in the spool nor in the ledger") {
    struct Case {
        const char* name;
        Parcel parcel;
        const char* refusal;
    };
    auto wrong_digest = pdf();
    wrong_digest.sha256 = std::string(64, 'a');
    const std::vector<Case> cases{
        {"unknown below us", {.to = {"G99", "G98.77"}}, "package.invalid /to/1 recipient.unknown"},
        {"the same recipient twice", {.to = {"G99", "g99"}}, "package.invalid /to/1 recipient.duplicate"},
        {"state secret",
         {.security_class = "mat"},
         "policy.forbidden_class /security_class policy.forbidden_class"},
        {"another agency's code", {.from = "G98.11"}, "agency.not_yours"},
        {"digest", {.files = {xlsx(), wrong_digest}}, "file.digest /files/1/sha256 file.digest"},
        {"missing",
         {.files = {pdf()}, .announced = {"công văn.pdf", "thiếu.pdf"}},
         "package.invalid /files/1 file.missing"},
        {"unlisted", {.files = {pdf(), xlsx()}, .announced = {"công văn.pdf"}}, "file.unlisted"},
        {"twice", {.files = {pdf(), pdf()}, .announced = {"công văn.pdf"}}, "file.unlisted"},
        {"empty", {.files = {pdf(), {"rỗng.pdf", "", ""}}}, "file.empty /files/1 file.empty"},
        {"too large", {.files = {pdf(600'000)}}, "file.too_large"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.name);
        IntakeBench bench;
        bench.settings.attachment.file_bytes_max = 500'000;
        bench.rebuild();

        const auto receipt = bench.submit(c.parcel);

        REQUIRE_FALSE(receipt.has_value());
        CHECK(refusal(receipt.error()) == c.refusal);
        CHECK(bench.untouched());
        CHECK(bench.submit(Parcel{}).has_value());
    }
}

TEST_CASE("an upload that breaks off in the middle of a file leaves nothing") {
    IntakeBench bench;
    {
        auto upload = bench.intake->open_upload(bench.caller("cuc2"), {}).value();
        REQUIRE(upload->package(Parcel{}.json()).has_value());
        REQUIRE(upload->begin_file(pdf().name).has_value());
        REQUIRE(upload->file(pdf().bytes).has_value());
        CHECK(bench.spool_files() == 1);
    }

    CHECK(bench.untouched());
}

TEST_CASE("blanks around the name of a file are not part of it, in the list or in the form") {
    IntakeBench bench;
    Parcel parcel;
    parcel.files = {pdf()};
    auto upload = bench.intake->open_upload(bench.caller("cuc2"), {}).value();
    REQUIRE(upload->package(parcel.json()).has_value());

    CHECK(upload->begin_file(" " + pdf().name + "\t").has_value());
}

TEST_CASE("a dry run checks everything and keeps nothing") {
    IntakeBench bench;

    const auto receipt = bench.submit(Parcel{.external_id = "qlvb-1"}, {}, "cuc2", true).value();
    CHECK(receipt.id.empty());
    CHECK(receipt.document_id == "G98.12,2026/11/21,1/GM-VP");
    CHECK(receipt.recipients.size() == 3);
    CHECK(bench.untouched());

    CHECK(
        refusal(bench.submit(Parcel{.files = {}, .announced = {"thiếu.pdf"}}, {}, "cuc2", true).error()) ==
        "package.invalid /files/0 file.missing"
    );
}

TEST_SUITE_END();
