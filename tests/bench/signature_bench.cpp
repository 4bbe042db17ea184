// signature_bench: one measurement of gateway/signature per run, a line of JSON. scripts/bench calls it.
//
//   small KEY CERT TRUST    a document of 10 KB signed and verified, beside OpenSSL's bare RSA on the same
//   key spooled FILE FOLDER TRUST
//                           a signed envelope received into a spool in FOLDER, then verified as intake does,
//                           beside SHA-256 alone over as many bytes
#include "gateway/base/base64.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/envelope_receiver.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "gateway/signature/signer_process.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/openssl_floor.hpp"
#include "tests/bench/pieces.hpp"
#include "tests/bench/rows.hpp"
#include "tests/bench/sample.hpp"

#include <exception>

using namespace axis;
using namespace axis::bench;
using namespace axis::signature;

namespace {

constexpr std::size_t document_bytes = 10 * 1024;
constexpr std::size_t markup_bytes = 4 * 1024;
constexpr int rounds = 200;
constexpr int repeats = 10;
constexpr int floor_rounds = 5;

template <class T>
T value_of(Result<T> result) {
    must(result.has_value(), result ? "" : to_string(result.error()));
    return std::move(*result);
}

Time now() {
    asio::io_context io;
    return SystemClock{io}.now();
}

// A document, and its one text in memory.
struct Small {
    envelope::Written written = envelope::write(document(markup_bytes)).value();
    std::string text = base64_encode(file_bytes((document_bytes - written.skeleton.size()) / 4 * 3));
    std::size_t bytes() const { return written.skeleton.size() + text.size(); }
    SplitEnvelope split(std::string_view skeleton, const std::vector<std::size_t>& offsets) const {
        return {skeleton, offsets, [this](std::size_t, const TextSink& sink) { return sink(text); }};
    }
    SignedSkeleton sign(KeySource& key, Time at, Random& random) const {
        const auto place = value_of(envelope::signature_place(written.skeleton));
        return value_of(sign_envelope(split(written.skeleton, written.hole_offsets), place, key, at, random));
    }
};

void verify_valid(
    const SplitEnvelope& envelope, std::string_view from, Time at, const TrustStore& trust, Random& random
) {
    const auto judgement = value_of(verify_envelope(envelope, {from, at, false}, trust, random));
    must(judgement.verdict() == Verdict::valid, std::string{row(judgement.reason).code});
}

Rows small(const std::string& key_file, const std::string& cert_file, const std::string& trust_folder) {
    const KeyLocation location{key_file, {}, {}, {}, cert_file};
    const auto signer = value_of(SignerProcess::start({location}));
    const auto linked = signer->key(0);
    const auto local = value_of(open_key(location));
    const auto trust = value_of(TrustStore::load(trust_folder));
    OpensslRsa bare{key_file};
    SystemRandom random;
    const auto at = now();
    const Small document;
    const auto made = document.sign(*local, at, random);
    const auto envelope = document.split(made.skeleton, made.offsets);

    Best bare_private{repeats}, bare_public{repeats}, signing{repeats}, through{repeats}, verifying{repeats};
    for (int i = 0; i < rounds; ++i) {
        bare_private.take([&] { bare.sign(); });
        signing.take([&] { document.sign(*local, at, random); });
        through.take([&] { document.sign(*linked, at, random); });
        bare_public.take([&] { bare.verify(); });
        verifying.take([&] { verify_valid(envelope, "G98", at, trust, random); });
    }
    Rows rows;
    rows.add("bytes", static_cast<double>(document.bytes()));
    rows.add("signed_markup_bytes", static_cast<double>(made.skeleton.size()));
    rows.add("private_us", bare_private.cpu_us());
    rows.add("sign_us", signing.cpu_us());
    rows.add("sign_through_us", through.wall_us());
    rows.add("public_us", bare_public.cpu_us());
    rows.add("verify_us", verifying.cpu_us());
    return rows;
}

intake::Received received(const std::string& path, spool::Spool& spool, Random& random) {
    intake::EnvelopeReceiver receiver{spool, random, {}};
    each_piece(path, [&](std::string_view piece) { must(receiver.feed(piece).has_value(), "our disk"); });
    auto out = value_of(receiver.finish());
    must(out.read.has_value(), to_string(out.refused));
    for (auto& text : out.texts) must(text.publish().has_value(), "publish");
    return out;
}

Rows spooled(const std::string& path, const std::string& folder, const std::string& trust_folder) {
    const auto spool = value_of(spool::Spool::open(folder, {}, spool::posix_disk()));
    const auto trust = value_of(TrustStore::load(trust_folder));
    SystemRandom random;
    const auto idle = resident("VmRSS:");
    const auto at = now();
    const auto in = received(path, *spool, random);
    SplitEnvelope split{in.envelope.skeleton, {}, {}};
    for (const auto& hole : in.envelope.holes) split.offsets.push_back(hole.offset);
    split.text = [&in](std::size_t n, const TextSink& sink) {
        return intake::pass_text(in.texts.at(n), sink);
    };

    std::vector<double> ratios, cpu_ratios, times, hash_times;
    for (int i = 0; i < floor_rounds; ++i) {
        const Watch hashing;
        sha256_alone(in.envelope.bytes);
        hash_times.push_back(hashing.wall());
        const auto hash_cpu = hashing.cpu();
        const Watch watch;
        verify_valid(split, "G98", at, trust, random);
        times.push_back(watch.wall());
        ratios.push_back(hash_times.back() / times.back());
        cpu_ratios.push_back(hash_cpu / watch.cpu());
    }
    Rows rows;
    rows.add("bytes", static_cast<double>(in.envelope.bytes));
    rows.add("rss_bytes", static_cast<double>(resident("VmHWM:") - idle));
    rows.add("ratio", median(ratios));
    rows.add("cpu_ratio", median(cpu_ratios));
    rows.add("verify_s", median(times));
    rows.add("sha256_s", median(hash_times));
    return rows;
}

int run(const std::vector<std::string>& words) {
    if (words.size() != 4) return 2;
    if (words[0] == "small")
        small(words[1], words[2], words[3]).print();
    else if (words[0] == "spooled")
        spooled(words[1], words[2], words[3]).print();
    else
        return 2;
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "signature_bench: %s\n", e.what());
        return 1;
    }
}
