// Goal: what leaves for an endpoint of profile `attached` carries a statement over what that endpoint is
// told, and what comes in with one is judged by it and shown without it. Method: a whole intake with a key
// made by openssl; foreign envelopes with a statement at any place among their files.
#include "gateway/envelope/attachment.hpp"
#include "gateway/signature/attached/attached.hpp"
#include "tests/unit/intake/intake_bench.hpp"
#include "tests/unit/signing/pki.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::test;
using How = ports::Arrived::How;

namespace {

const model::EndpointName national{"national"};

struct SignedBench : IntakeBench {
    SignedBench() {
        pki.agency("ours", "G98.12", "P-256");
        pki.agency("theirs", "G99", "P-256");
        const auto begins = key("ours")->chain().front().facts().not_before;
        clock.advance(begins + std::chrono::hours{24} - clock.now());
        settings.profiles[national].rendition.attach = true;
        sign_with("ours");
    }

    std::unique_ptr<signature::KeySource> key(const std::string& name) const {
        return signature::open_key({pki.path(name + ".key"), {}, {}, {}, pki.path(name + ".pem")}).value();
    }
    // "": no key.
    void sign_with(const std::string& name) {
        std::vector<std::unique_ptr<signature::KeySource>> keys;
        if (!name.empty()) keys.push_back(key(name));
        signatures = std::make_unique<intake::Signatures>(intake::SignatureParts{
            crypto,
            random,
            clock,
            std::make_shared<const signature::TrustStore>(
                signature::TrustStore::load(pki.path("trust")).value()
            ),
            std::make_shared<const signature::KeyRing>(std::move(keys))});
        rebuild();
    }
    File statement_for(const std::string& envelope) const {
        const auto document = std::get<model::Document>(checked(envelope).read.content);
        const auto signer = key("theirs");
        const auto xml = signature::sign_statement(signature::statement_of(document), *signer, clock.now())
                             .value()
                             .skeleton;
        return {std::string{signature::statement_file_name}, xml, ""};
    }

    test::OpensslPki pki;
    Pool crypto{"crypto", 0};
};

// The file in the n-th attachment from the end.
std::string unpacked(const std::string& envelope, std::size_t from_end = 0) {
    auto end = std::string::npos;
    for (std::size_t i = 0; i <= from_end; ++i)
        end = envelope.rfind("</edXML:ContentTransferEncoded>", end - 1);
    const auto begin = envelope.rfind('>', end - 1) + 1;
    const auto pass = [&](const auto& sink) {
        return sink(std::string_view{envelope}.substr(begin, end - begin));
    };
    return envelope::file_in(pass, true).value().value();
}

std::vector<std::string> names_in(const std::string& envelope) {
    std::vector<std::string> out;
    const auto read = IntakeBench::checked(envelope);
    for (const auto& a : std::get<model::Document>(read.read.content).attachments) out.push_back(a.name);
    return out;
}

const std::vector<std::string> two{pdf().name, xlsx().name};
const std::vector<std::string> and_statement{pdf().name, xlsx().name, "axisd-signature.xml"};

}  // namespace

TEST_SUITE_BEGIN("intake");

TEST_CASE("a package to an axis gets a statement over what that axis is told, and nobody else sees it") {
    SignedBench bench;
    const auto id = bench.submitted({});
    const auto view = bench.view(id);
    const auto sent = bench.rendition_text(view.recipients[0].delivery);

    CHECK(names_in(sent) == and_statement);
    const auto document = std::get<model::Document>(bench.checked(sent).read.content);
    CHECK(document.to.size() == 2);
    const auto trust = signature::TrustStore::load(bench.pki.path("trust")).value();
    const auto judged = signature::verify_statement(
        unpacked(sent), signature::statement_of(document), {"G98.12", bench.clock.now(), false}, trust
    );
    CHECK(judged.reason == signature::Reason::holds);

    CHECK(names_in(bench.envelope_text(id)) == two);
    CHECK(view.attachments.size() == 2);
    CHECK(view.judgements.empty());
    const auto told = bench.told("cuc1");
    REQUIRE(told.size() == 1);
    CHECK(said(told[0], "/data/document/files").find("axisd") == std::string::npos);
}

TEST_CASE("equal envelopes share one statement, and a large one lies in the spool like any text") {
    SignedBench bench;
    Parcel parcel{.to = {"G99"}, .files = {}};
    for (std::uint64_t i = 0; i < 60; ++i)
        parcel.files.push_back({"tệp " + std::to_string(i) + ".pdf", noise(20, i), ""});
    const auto id = bench.submitted(parcel);
    const auto sent = bench.rendition_text(bench.view(id).recipients[0].delivery);
    CHECK(names_in(sent).size() == 61);
    CHECK(bench.spool_files() == 1);
    CHECK(bench.cell("SELECT count(*) FROM blob") == "61");
}

TEST_CASE("without a key for it nothing of a package is kept") {
    SignedBench bench;
    bench.sign_with("");
    CHECK(bench.submit({}).error().code == errc::signer_failed);
    CHECK(bench.untouched());
    CHECK(bench.submit({.to = {"G98.11"}}).has_value());
}

TEST_CASE("an arrival's statement is judged and taken out, wherever it stands among the files") {
    for (const std::size_t place : {0U, 1U, 2U}) {
        CAPTURE(place);
        SignedBench bench;
        std::vector<File> files{pdf(20'000), xlsx()};
        const auto plain = bench.foreign({"G98.12"}, files);
        files.insert(files.begin() + static_cast<std::ptrdiff_t>(place), bench.statement_for(plain));
        const auto text = bench.foreign({"G98.12"}, files);

        const auto arrived = bench.arrive(text, "doc-1").value();

        CHECK(arrived.how == How::stored);
        CHECK((bench.envelope_text(arrived.message) == text));
        const auto view = bench.view(arrived.message);
        REQUIRE(view.judgements.size() == 1);
        CHECK(view.judgements[0].part == ledger::part_attached);
        CHECK(view.judgements[0].code == "signature.holds");
        CHECK(view.attachments.size() == 2);
        const auto told = bench.told("cuc2");
        CHECK(said(told[0], "/data/attached_signature") == "valid");
        CHECK(said(told[0], "/data/signature") == "absent");
        CHECK(said(told[0], "/data/document/files/1/name") == xlsx().name);
        auto file = bench.now(bench.lookup->attachment(bench.caller("cuc2"), arrived.message, 1)).value();
        CHECK((bench.all(*file.stream) == pdf(20'000).bytes));
        CHECK(
            bench.now(bench.lookup->attachment(bench.caller("cuc2"), arrived.message, 3)).error().code ==
            errc::not_found
        );

        // The same act without it, or with another one, is the same act.
        CHECK(bench.arrive(plain, "doc-2").value().how == How::duplicate);
    }
}

TEST_CASE("what the statement does not say is told, or set aside where a signature is required") {
    SignedBench bench;
    const auto statement = bench.statement_for(bench.foreign({"G98.12"}, {pdf(20'000), xlsx()}));
    const auto other_file = bench.foreign({"G98.12"}, {pdf(20'001), xlsx(), statement});
    const auto two_of_them = bench.foreign({"G98.12"}, {pdf(20'000), xlsx(), statement, statement}, "8");
    const auto not_one = bench.foreign({"G98.12"}, {pdf(20'000), {statement.name, "no XML", ""}}, "9");

    CHECK(bench.arrive(other_file, "doc-1").value().how == How::stored);
    CHECK(bench.arrive(two_of_them, "doc-2").value().how == How::stored);
    CHECK(bench.arrive(not_one, "doc-3").value().how == How::stored);
    const auto told = bench.told("cuc2");
    REQUIRE(told.size() == 3);
    CHECK(said(told[0], "/data/attached_signature_detail/code") == "attached.file_changed");
    CHECK(said(told[1], "/data/attached_signature_detail/code") == "attached.several");
    CHECK(said(told[2], "/data/attached_signature_detail/code") == "signature.parse");

    SignedBench strict;
    strict.settings.profiles[national].verify.verify = intake::Verify::require;
    strict.rebuild();
    CHECK(strict.arrive(other_file, "doc-1").value().how == How::quarantined);
}

TEST_CASE("where nothing can be verified a statement is taken out all the same") {
    SignedBench bench;
    const auto statement = bench.statement_for(bench.foreign({"G98.12"}, {pdf(100)}));
    bench.signatures.reset();
    bench.rebuild();
    const auto arrived = bench.arrive(bench.foreign({"G98.12"}, {pdf(100), statement}), "doc-1").value();
    CHECK(bench.view(arrived.message).attachments.size() == 1);
    CHECK(said(bench.told("cuc2")[0], "/data/attached_signature") == "not_checked");
}

TEST_SUITE_END();
