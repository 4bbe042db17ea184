// One envelope of any size: received as intake does, and what the same bytes cost OpenSSL and the disk alone.
#include "gateway/intake/envelope_receiver.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/pieces.hpp"
#include "tests/bench/rows.hpp"

#include <openssl/evp.h>

namespace axis::bench {

namespace {

void hash(const std::filesystem::path& path) {
    auto* context = EVP_MD_CTX_new();
    must(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1, "SHA-256");
    each_piece(path, [&](std::string_view piece) { EVP_DigestUpdate(context, piece.data(), piece.size()); });
    unsigned char digest[EVP_MAX_MD_SIZE];
    must(EVP_DigestFinal_ex(context, digest, nullptr) == 1, "SHA-256");
    EVP_MD_CTX_free(context);
}

void copy_synced(const std::filesystem::path& path, const std::filesystem::path& other) {
    const Fd out{::open(other.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    must(static_cast<bool>(out), "cannot create " + other.string());
    each_piece(path, [&](std::string_view piece) {
        while (!piece.empty()) {
            const auto n = ::write(out.get(), piece.data(), piece.size());
            must(n > 0, "cannot write " + other.string());
            piece.remove_prefix(static_cast<std::size_t>(n));
        }
    });
    must(::fsync(out.get()) == 0, "cannot sync " + other.string());
}

}  // namespace

Rows floor_of(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto other = folder / "copy";
    const Watch watch;
    hash(path);
    const auto hashed = watch.wall();
    copy_synced(path, other);
    Rows rows;
    rows.add("sha256_s", hashed);
    rows.add("copy_s", watch.wall() - hashed);
    rows.add("cpu_s", watch.cpu());
    std::filesystem::remove(other);
    return rows;
}

Rows receive(const std::filesystem::path& path, const std::filesystem::path& folder) {
    auto spool = spool::Spool::open(folder, {}, spool::posix_disk());
    must(spool.has_value(), "no spool in " + folder.string());
    SystemRandom random;
    const auto idle = resident("VmRSS:");
    const Watch watch;
    intake::EnvelopeReceiver receiver{**spool, random, {}};
    each_piece(path, [&](std::string_view piece) { must(receiver.feed(piece).has_value(), "our disk"); });
    auto received = receiver.finish();
    must(received && received->read, received ? to_string(received->refused) : to_string(received.error()));
    for (auto& text : received->texts) must(text.publish().has_value(), "publish");
    Rows rows;
    rows.add("wall_s", watch.wall());
    rows.add("cpu_s", watch.cpu());
    rows.add("rss_bytes", static_cast<double>(resident("VmHWM:") - idle));
    rows.add("bytes", static_cast<double>(received->envelope.bytes));
    return rows;
}

}  // namespace axis::bench
