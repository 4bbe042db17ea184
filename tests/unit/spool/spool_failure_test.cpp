// Goal: whatever fails and whenever the power goes, a published text is whole and a refused one leaves
// nothing. Method: fail the N-th call to the disk for N = 1, 2, 3 … until a whole run passes; forget all that
// was not synced.
#include "gateway/spool/spool.hpp"
#include "tests/support/forgetting_disk.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <atomic>
#include <set>
#include <thread>

using namespace axis;
using namespace axis::spool;
using test::ForgettingDisk;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kib = 1024;

std::string sample(char c, std::size_t bytes) {
    return std::string(bytes, c);
}

// A disk of which a number of bytes is left.
class SmallDisk final : public ForgettingDisk {
public:
    using ForgettingDisk::ForgettingDisk;
    Result<std::uint64_t> free_bytes(const Path&) override { return left; }
    std::uint64_t left = 0;
};

Result<Sha256> store(Spool& spool, const std::string& text) {
    auto writer = spool.writer();
    auto written = writer.write(text);
    if (!written) {
        CHECK(writer.write("more").error().code == written.error().code);
        CHECK(writer.finish().error().code == written.error().code);
        return written.error();
    }
    auto staged = writer.finish();
    if (!staged) return staged.error();
    auto published = staged->publish();
    if (!published) return published.error();
    return staged->sha256();
}

std::string all_of(const Text& text) {
    std::string out(text.size(), '\0');
    out.resize(text.read_at(0, out).value());
    return out;
}

std::vector<Sha256> published_in(const Spool& spool) {
    std::vector<Sha256> seen;
    REQUIRE(spool.each(0, [&](const Sha256& s) { seen.push_back(s); }).has_value());
    return seen;
}

// Opens, stores three texts (the third a repetition of the first), says which of them were promised.
std::vector<std::string> run(Disk& disk, const fs::path& directory) {
    std::vector<std::string> promised;
    const auto spool = Spool::open(directory, Limits{}, disk);
    if (!spool) return promised;
    for (const auto& text : {sample('a', 100 * kib), sample('b', 600 * kib), sample('a', 100 * kib)})
        if (store(**spool, text)) promised.push_back(text);
    return promised;
}

void check_promises(Disk& disk, const fs::path& directory, const std::vector<std::string>& promised) {
    const auto spool = Spool::open(directory, Limits{}, disk).value();
    for (const auto& text : promised) CHECK(all_of(*spool->text(sha256(text)).value()) == text);
    // Nothing is at an address that does not hold that text.
    for (const auto& s : published_in(*spool)) CHECK(sha256(all_of(*spool->text(s).value())) == s);
    CHECK(fs::is_empty(directory / "tmp"));
}

}  // namespace

TEST_SUITE_BEGIN("spool failures");

TEST_CASE("each call to the disk may fail and nothing half-stored remains") {
    bool failed = true;
    std::size_t n = 0;
    while (failed) {
        ++n;
        CAPTURE(n);
        const test::TempDir dir;
        ForgettingDisk disk{dir.path()};
        disk.fail_call(n);

        const auto promised = run(disk, dir / "spool");

        failed = disk.failed();
        disk.fail_no_more();
        if (!failed) CHECK(promised.size() == 3);
        const auto reopened = Spool::open(dir / "spool", Limits{}, disk).value();
        std::set<Sha256> whole;
        for (const auto& text : promised) whole.insert(sha256(text));
        // What was refused is not found under its address; tmp is empty.
        CHECK(published_in(*reopened).size() == whole.size());
        for (const auto& s : whole) CHECK(reopened->text(s).has_value());
        CHECK(fs::is_empty(dir / "spool" / "tmp"));
    }
    CHECK(n > 20);
}

TEST_CASE("what publish() promised is whole after a crash at any failure") {
    for (const auto keep : {ForgettingDisk::Keep::nothing, ForgettingDisk::Keep::names}) {
        bool failed = true;
        for (std::size_t n = 1; failed; ++n) {
            CAPTURE(n);
            const test::TempDir dir;
            ForgettingDisk disk{dir.path()};
            disk.fail_call(n);

            const auto promised = run(disk, dir / "spool");
            failed = disk.failed();
            disk.fail_no_more();
            disk.crash(keep);

            check_promises(disk, dir / "spool", promised);
        }
    }
}

TEST_CASE("the forgetting disk does forget: a rename without its sync is lost") {
    const test::TempDir dir;
    ForgettingDisk disk{dir.path()};
    const int fd = disk.create(dir / "a").value();
    REQUIRE(disk.write(fd, "text").has_value());
    SUBCASE("nothing synced") {
        disk.crash(ForgettingDisk::Keep::nothing);
        CHECK_FALSE(fs::exists(dir / "a"));
    }
    SUBCASE("the name synced, not the bytes") {
        REQUIRE(disk.sync_directory(dir.path()).has_value());
        disk.crash(ForgettingDisk::Keep::nothing);
        CHECK(read_file(dir / "a").value().empty());
    }
    SUBCASE("renamed after the sync") {
        REQUIRE(disk.sync(fd).has_value());
        REQUIRE(disk.sync_directory(dir.path()).has_value());
        REQUIRE(disk.rename(dir / "a", dir / "b").has_value());
        disk.crash(ForgettingDisk::Keep::nothing);
        CHECK_FALSE(fs::exists(dir / "b"));
        CHECK(read_file(dir / "a").value() == "text");
    }
    posix_disk().close(fd);
}

TEST_CASE("a full disk is told apart from a failing one") {
    if (!fs::exists("/dev/full")) {
        MESSAGE("skipped: no /dev/full here");
        return;
    }
    const Fd full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    CHECK(posix_disk().write(full.get(), "x").error().code == errc::disk_full);
    CHECK(posix_disk().write(-1, "x").error().code == errc::io_failed);
}

TEST_CASE("two threads that publish and collect the same texts never lose a published one") {
    const test::TempDir dir;
    const auto spool = Spool::open(dir / "spool", Limits{}, posix_disk()).value();
    std::atomic<int> lost{0};
    const auto work = [&] {
        for (int i = 0; i < 50; ++i) {
            const auto stored = store(*spool, sample(static_cast<char>('a' + i % 3), 97 * kib));
            const bool removed = stored && spool->remove(*stored, 3600).has_value();
            if (!removed || !spool->text(*stored)) ++lost;
        }
    };

    std::thread other{work};
    work();
    other.join();

    CHECK(lost == 0);
    CHECK(published_in(*spool).size() == 3);
    CHECK(fs::is_empty(dir / "spool" / "tmp"));
}

TEST_CASE("a long text is given up while the reserve is still free; short ones pass") {
    const test::TempDir dir;
    SmallDisk disk{dir.path()};
    const Limits limits{.inline_bytes_max = 4 * kib, .reserve_bytes = 1000, .look_every_bytes = 64 * kib};
    auto spool = Spool::open(dir / "spool", limits, disk).value();
    disk.left = 1000;
    CHECK(store(*spool, sample('a', 200 * kib)).has_value());

    disk.left = 999;

    CHECK(store(*spool, sample('b', 200 * kib)).error().code == errc::disk_full);
    CHECK(store(*spool, sample('c', 32 * kib)).has_value());
    CHECK(fs::is_empty(dir / "spool" / "tmp"));
}

TEST_SUITE_END();
