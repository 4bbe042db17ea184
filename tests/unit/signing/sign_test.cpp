// Goal: what we sign, we verify; whatever is changed afterwards is noticed; xmlsec1 agrees. Method: an
// envelope written by our writer, texts with line ends of both kinds, keys of every kind, one byte changed at
// a time.
#include "gateway/base/base64.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "tests/unit/signing/pki.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::signature;

TEST_SUITE_BEGIN("signing");

namespace {

struct Message {
    std::string skeleton;
    std::vector<std::size_t> offsets;
    std::vector<std::string> texts;

    SplitEnvelope split() const {
        return {skeleton, offsets, [this](std::size_t n, const TextSink& sink) -> Result<> {
                    const std::string_view text{texts.at(n)};
                    auto first = sink(text.substr(0, 7));  // cuts between CR and LF, too
                    return first ? sink(text.substr(std::min<std::size_t>(7, text.size()))) : first;
                }};
    }
    std::string whole() const {
        std::string out;
        std::size_t done = 0;
        for (std::size_t i = 0; i < offsets.size(); ++i) {
            out += skeleton.substr(done, offsets[i] - done) + texts[i];
            done = offsets[i];
        }
        return out + skeleton.substr(done);
    }
};

Message message() {
    model::Document d;
    d.from.code = *model::AgencyCode::parse("G98");
    d.from.name = "Bộ Thử nghiệm";
    d.to = {d.from};
    d.to[0].code = *model::AgencyCode::parse("G99");
    d.number = "12";
    d.notation = "TN-VP";
    d.issued = model::Date::read("2026/11/21");
    d.subject = "V/v ký & gửi <thử>";
    d.trace = {{d.from.code, "2026/11/21 09:00:00"}};
    for (const auto* name : {"a.pdf", "b.bin"}) {
        model::Attachment file;
        file.content_id = name;
        file.name = name;
        d.attachments.push_back(file);
    }
    const auto out = envelope::write(d).value();
    return {out.skeleton, out.hole_offsets, {"JVBERi\r\n0xLjQK", base64_encode(std::string(100'000, 'x'))}};
}

const Time now = Time{std::chrono::sys_days{std::chrono::year{2026} / 12 / 1}.time_since_epoch()};

struct Bench {
    test::OpensslPki pki;
    SeededRandom random{5};
    Bench() {
        pki.agency("rsa", "G98", "rsa:2048");
        pki.agency("ec", "G98", "P-256");
        pki.agency("ec384", "G98", "P-384");
        pki.agency("other", "G99", "P-256");
    }
    std::unique_ptr<KeySource> key(const std::string& name) const {
        return open_key({pki.path(name + ".key"), {}, {}, {}, pki.path(name + ".pem")}).value();
    }
    Message sign(const Message& in, KeySource& source) {
        const auto place = envelope::signature_place(in.skeleton).value();
        const auto out = sign_envelope(in.split(), place, source, now, random).value();
        return {out.skeleton, out.offsets, in.texts};
    }
    Judgement judge(const Message& m, std::string_view from = "G98") {
        const auto trust = TrustStore::load(pki.path("trust")).value();
        return verify_envelope(m.split(), {from, now, false}, trust, random).value();
    }
};

}  // namespace

TEST_CASE("what is signed by any key verifies, with the signing time that was given") {
    Bench bench;
    for (const auto* name : {"rsa", "ec", "ec384"}) {
        CAPTURE(name);
        const auto key = bench.key(name);
        const auto judgement = bench.judge(bench.sign(message(), *key));
        CHECK(judgement.verdict() == Verdict::valid);
        CHECK(judgement.claimed_at == to_local_text(now));
        CHECK(judgement.signer.value().name == "Agency G98");
        CHECK(judgement.revocation == Revocation::unknown);
    }
    CHECK(bench.judge(bench.sign(message(), *bench.key("other"))).reason == Reason::binding);
    CHECK(bench.judge(message()).verdict() == Verdict::absent);
}

TEST_CASE("xmlsec1 verifies what we sign") {
    Bench bench;
    for (const auto* name : {"rsa", "ec384"}) {
        const auto file = bench.pki.path("signed.xml");
        REQUIRE(write_file(file, bench.sign(message(), *bench.key(name)).whole()).has_value());
        test::shell("xmlsec1 --verify --trusted-pem " + bench.pki.path("trust/root.pem") + " " + file);
    }
}

TEST_CASE("a byte changed anywhere in what is signed is noticed") {
    Bench bench;
    const auto signed_message = bench.sign(message(), *bench.key("ec"));
    const auto good = bench.judge(signed_message);
    REQUIRE(good.verdict() == Verdict::valid);
    const auto begin = signed_message.skeleton.find("<Signature ");
    const auto end = signed_message.skeleton.find("</Signature>");
    for (std::size_t at = 40; at<signed_message.skeleton.size(); at += at> begin && at < end ? 3 : 11) {
        auto changed = signed_message;
        auto& c = changed.skeleton[at];
        c = c == 'x' ? 'y' : 'x';
        CAPTURE(at);
        CHECK(bench.judge(changed).verdict() != Verdict::valid);
    }
    for (std::size_t at = 0; at < signed_message.texts[0].size(); ++at) {
        auto changed = signed_message;
        auto& c = changed.texts[0][at];
        if (c == '\r') continue;  // a line end is one to XML, however it is written
        c = c == 'x' ? 'y' : 'x';
        CHECK(bench.judge(changed).reason == Reason::digest);
    }
    auto swapped = signed_message;
    std::swap(swapped.texts[0], swapped.texts[1]);
    CHECK(bench.judge(swapped).reason == Reason::digest);
}

TEST_CASE("line ends of texts may change as XML allows, and nothing else") {
    Bench bench;
    auto m = bench.sign(message(), *bench.key("rsa"));
    m.texts[0] = "JVBERi\n0xLjQK";
    CHECK(bench.judge(m).verdict() == Verdict::valid);
    m.texts[0] = "JVBERi\r0xLjQK";
    CHECK(bench.judge(m).verdict() == Verdict::valid);
    m.texts[0] = "JVBERi0xLjQK";
    CHECK(bench.judge(m).reason == Reason::digest);
}

TEST_CASE("what an axis wrote anew is broken in transit, by whoever is trusted only") {
    Bench bench;
    for (const auto* name : {"rsa", "other"}) {
        auto m = bench.sign(message(), *bench.key(name));
        const auto traced =
            envelope::append_trace(m.skeleton, {}, {*model::AgencyCode::parse("G97"), "2026/11/21 10:00:00"});
        const auto grown = traced.value().skeleton.size() - m.skeleton.size();
        m.skeleton = traced.value().skeleton;
        for (auto& offset : m.offsets) offset += grown;
        const bool known = std::string_view{name} == "rsa";
        CHECK(bench.judge(m).reason == (known ? Reason::transit : Reason::digest));

        const std::string_view inside = "<CanonicalizationMethod";
        const auto place = m.skeleton.find(inside);
        m.skeleton.insert(place, "\r\n  ");
        for (auto& offset : m.offsets)
            if (offset > place) offset += 4;
        const auto indented = bench.judge(m);
        CHECK(indented.reason == (known ? Reason::transit : Reason::value));
        CHECK(indented.checks[1].name == "value");
        CHECK(indented.checks[1].outcome == Check::Outcome::failed);
    }
    auto m = bench.sign(message(), *bench.key("rsa"));  // no axis has left its mark
    m.skeleton.insert(m.skeleton.find("<CanonicalizationMethod"), " ");
    for (auto& offset : m.offsets) ++offset;
    CHECK(bench.judge(m).reason == Reason::value);
}

TEST_CASE("a signed envelope is not signed again, and what is no XML is not signed") {
    Bench bench;
    const auto key = bench.key("ec");
    const auto once = bench.sign(message(), *key);
    const auto twice = sign_envelope(once.split(), 10, *key, now, bench.random);
    CHECK(twice.error().code == errc::signature_exists);
    Message broken;
    broken.skeleton = "<a";
    CHECK(sign_envelope(broken.split(), 0, *key, now, bench.random).error().code == errc::xml_malformed);
    CHECK(envelope::signature_place("<a/>").error().code == errc::envelope_unknown);
}

TEST_SUITE_END();
