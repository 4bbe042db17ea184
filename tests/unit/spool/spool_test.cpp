// Goal: a text keeps its bytes and its address, and leaves nothing behind when it is dropped.
// Method: a real spool in a folder of its own.
#include "gateway/spool/spool.hpp"

#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>

using namespace axis;
using namespace axis::spool;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kib = 1024;

std::string sample(std::size_t bytes) {
    std::string text(bytes, ' ');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    return text;
}

std::unique_ptr<Spool> open(const test::TempDir& dir) {
    return Spool::open(dir / "spool", Limits{}, posix_disk()).value();
}

Staged stage(Spool& spool, std::string_view text, std::size_t piece = 1 << 20) {
    auto writer = spool.writer();
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        REQUIRE(writer.write(text.substr(0, piece)).has_value());
    return writer.finish().value();
}

std::string all_of(const Text& text) {
    std::string out(text.size() + 10, '\0');
    out.resize(text.read_at(0, out).value());
    return out;
}

std::size_t files_below(const fs::path& directory) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{directory})
        count += entry.is_regular_file() ? 1u : 0u;
    return count;
}

fs::path address(const test::TempDir& dir, const Sha256& sha256) {
    return dir / "spool" / sha256.hex().substr(0, 2) / sha256.hex();
}

void make_old(const fs::path& file, std::chrono::seconds age) {
    fs::last_write_time(file, fs::last_write_time(file) - age);
}

}  // namespace

TEST_SUITE_BEGIN("spool");

TEST_CASE("a text comes back byte for byte, inline up to the limit and from disk beyond it") {
    const test::TempDir dir;
    const auto spool = open(dir);

    for (const std::size_t bytes :
         {std::size_t{0},
          std::size_t{1},
          96 * kib - 1,
          96 * kib,
          96 * kib + 1,
          256 * kib - 1,
          256 * kib,
          256 * kib + 1,
          512 * kib,
          1000 * kib + 3}) {
        CAPTURE(bytes);
        const auto text = sample(bytes);
        for (const std::size_t piece : {std::size_t{4093}, 64 * kib, 1024 * kib}) {
            auto staged = stage(*spool, text, piece);
            CHECK(staged.sha256() == sha256(text));
            CHECK(staged.bytes() == bytes);
            CHECK(staged.is_inline() == (bytes <= 96 * kib));
            CHECK(all_of(*staged.text()) == text);
            REQUIRE(staged.publish().has_value());
            CHECK(all_of(*staged.text()) == text);
            if (staged.is_inline()) CHECK(staged.inline_text() == text);
            if (!staged.is_inline()) CHECK(all_of(*spool->text(staged.sha256()).value()) == text);
        }
    }
}

TEST_CASE("a text is the same in whatever pieces it came") {
    const test::TempDir dir;
    const auto spool = open(dir);
    const auto text = sample(2'000 * kib);
    const std::vector<std::vector<std::size_t>> ways{
        {1, 64 * kib},
        {64 * kib - 1, 64 * kib, 300 * kib, 7},
        {256 * kib},
        {95 * kib, 2, 600 * kib},
        {1'000 * kib, 10 * kib}};
    for (const auto& way : ways) {
        auto writer = spool->writer();
        std::size_t at = 0;
        for (std::size_t i = 0; at < text.size(); at += way[i++ % way.size()])
            REQUIRE(writer.write(std::string_view{text}.substr(at, way[i % way.size()])).has_value());
        auto staged = writer.finish().value();
        CHECK(staged.sha256() == sha256(text));
        CHECK(staged.bytes() == text.size());
        CHECK(all_of(*staged.text()) == text);
    }
}

TEST_CASE("an inline limit above the write size is kept") {
    const test::TempDir dir;
    const auto spool =
        Spool::open(dir / "spool", Limits{.inline_bytes_max = 300 * kib}, posix_disk()).value();

    CHECK(stage(*spool, sample(300 * kib)).is_inline());
    CHECK_FALSE(stage(*spool, sample(300 * kib + 1)).is_inline());
}

TEST_CASE("a text is read at any offset and gives fewer bytes only at its end") {
    const test::TempDir dir;
    const auto spool = open(dir);
    const auto content = sample(100 * kib);
    auto staged = stage(*spool, content);
    REQUIRE(staged.publish().has_value());

    for (const auto* text :
         {spool->text(staged.sha256()).value().release(), text_in_memory(content).release()}) {
        const std::unique_ptr<const Text> owned{text};
        std::string buffer(1000, '\0');
        CHECK(text->size() == content.size());
        CHECK(text->read_at(5000, buffer).value() == 1000);
        CHECK(buffer == content.substr(5000, 1000));
        CHECK(text->read_at(content.size() - 10, buffer).value() == 10);
        CHECK(text->read_at(content.size(), buffer).value() == 0);
        CHECK(text->read_at(content.size() + 99, buffer).value() == 0);
    }
}

TEST_CASE("the same text is stored once") {
    const test::TempDir dir;
    const auto spool = open(dir);
    auto first = stage(*spool, sample(100 * kib));
    auto second = stage(*spool, sample(100 * kib));

    REQUIRE(first.publish().has_value());
    REQUIRE(second.publish().has_value());
    REQUIRE(second.publish().has_value());

    CHECK(files_below(dir.path()) == 1);
    CHECK(all_of(*second.text()) == sample(100 * kib));
}

TEST_CASE("a text that is dropped before it is published leaves nothing") {
    const test::TempDir dir;
    const auto spool = open(dir);
    {
        auto writer = spool->writer();
        REQUIRE(writer.write(sample(600 * kib)).has_value());
        CHECK(files_below(dir.path()) == 1);
    }
    CHECK(files_below(dir.path()) == 0);
    {
        const auto staged = stage(*spool, sample(600 * kib));
        CHECK(files_below(dir.path()) == 1);
        CHECK(spool->text(staged.sha256()).error().code == errc::blob_missing);
    }
    CHECK(files_below(dir.path()) == 0);
    {
        auto replaced = stage(*spool, sample(600 * kib));
        replaced = stage(*spool, sample(601 * kib));
        CHECK(files_below(dir.path()) == 1);
    }
    CHECK(files_below(dir.path()) == 0);
}

TEST_CASE("opening empties tmp and keeps what is published") {
    const test::TempDir dir;
    Sha256 kept;
    {
        auto spool = open(dir);
        auto staged = stage(*spool, sample(100 * kib));
        REQUIRE(staged.publish().has_value());
        kept = staged.sha256();
    }
    std::ofstream{dir / "spool" / "tmp" / "0"} << "left by a crash";

    const auto spool = open(dir);

    CHECK(files_below(dir.path()) == 1);
    CHECK(spool->text(kept).has_value());
    CHECK((fs::status(dir / "spool").permissions() & fs::perms::mask) == fs::perms::owner_all);
    CHECK(
        (fs::status(address(dir, kept)).permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write)
    );
}

TEST_CASE("a spool whose parent folder is missing cannot be opened") {
    const test::TempDir dir;
    CHECK(Spool::open(dir / "no" / "spool", Limits{}, posix_disk()).error().code == errc::io_failed);
}

TEST_CASE("the collection sees old texts, and one published again is young and stays") {
    const test::TempDir dir;
    const auto spool = open(dir);
    std::vector<Sha256> published;
    for (const std::size_t bytes : {100 * kib, 101 * kib, 102 * kib}) {
        auto staged = stage(*spool, sample(bytes));
        REQUIRE(staged.publish().has_value());
        make_old(address(dir, staged.sha256()), std::chrono::hours{2});
        published.push_back(staged.sha256());
    }
    std::ofstream{address(dir, published[0]).parent_path() / "foreign"} << "not ours";
    const auto old = [&] {
        std::vector<Sha256> seen;
        REQUIRE(spool->each(3600, [&](const Sha256& s) { seen.push_back(s); }).has_value());
        std::sort(seen.begin(), seen.end());
        return seen;
    };
    auto expected = published;
    std::sort(expected.begin(), expected.end());
    CHECK(old() == expected);

    auto again = stage(*spool, sample(101 * kib));
    REQUIRE(again.publish().has_value());
    CHECK(old().size() == 2);

    for (const auto& s : published) REQUIRE(spool->remove(s, 3600).has_value());
    CHECK(spool->text(published[1]).has_value());
    CHECK(spool->text(published[0]).error().code == errc::blob_missing);
    CHECK(old().empty());
    REQUIRE(spool->remove(published[1]).has_value());
    REQUIRE(spool->remove(published[1]).has_value());
    CHECK(spool->text(published[1]).error().code == errc::blob_missing);
}

TEST_CASE("free space is a number of the file system") {
    const test::TempDir dir;
    CHECK(open(dir)->free_bytes().value() <= fs::space(dir.path()).capacity);
    CHECK(posix_disk().free_bytes(dir / "none").error().code == errc::io_failed);
}

TEST_SUITE_END();
