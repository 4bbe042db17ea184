// Goal: what was answered is there, whole, for its endpoint alone and as long as was said; nothing else
// stays. Method: claims in a temporary folder under a clock moved by hand; a disk that fails its N-th call
// and forgets what was not synced.
#include "gateway/intake/claims.hpp"

#include "gateway/base/task_group.hpp"
#include "tests/support/forgetting_disk.hpp"
#include "tests/unit/intake/intake_bench.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace axis;
using namespace axis::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("intake/claims");

namespace {

constexpr auto a_moment = Duration{1};

class ClaimsBench {
public:
    explicit ClaimsBench(intake::ClaimLimits l = {}) : limits{l} { REQUIRE(reopen()); }

    bool reopen(spool::Disk& disk = spool::posix_disk()) {
        claims.reset();
        auto admit = [this](const model::EndpointName&) -> Result<std::shared_ptr<void>> {
            if (closed != errc::none) return Error{closed};
            return std::shared_ptr<void>{slot};
        };
        intake::ClaimParts parts{clock, random, files, admit, disk};
        auto opened = intake::Claims::open(folder(), limits, std::move(parts));
        if (opened) claims = std::move(*opened);
        return opened.has_value();
    }

    std::unique_ptr<ports::FileUpload> upload(const std::string& endpoint = "bo") {
        return claims->open(caller(endpoint)).value();
    }
    Result<ports::Claim> keep(std::string_view bytes, const std::string& endpoint = "bo") {
        auto opened = claims->open(caller(endpoint));
        if (!opened) return opened.error();
        for (std::size_t at = 0; at < bytes.size(); at += 70'001) {
            auto fed = (*opened)->file(bytes.substr(at, 70'001));
            if (!fed) return fed.error();
        }
        return run(io, claims->keep(std::move(*opened)));
    }
    Result<std::string> read(const std::string& claim, const std::string& endpoint = "bo") {
        auto stream = run(io, claims->read(caller(endpoint), claim));
        if (!stream) return stream.error();
        std::string out;
        for (;;) {
            auto piece = run(io, (*stream)->next());
            if (!piece) return piece.error();
            if (piece->empty()) break;
            out += *piece;
        }
        CHECK(out.size() == (*stream)->length());
        return out;
    }
    errc refusal(const std::string& claim, const std::string& endpoint = "bo") {
        const auto got = read(claim, endpoint);
        return got ? errc::none : got.error().code;
    }
    void sweep() { run(io, claims->sweep()); }
    std::uint64_t kept(const std::string& endpoint = "bo") const { return claims->bytes_of({endpoint}); }

    static ports::Caller caller(const std::string& endpoint) { return {{endpoint}, "test"}; }
    fs::path folder() const { return dir / "claims"; }
    fs::path file(const std::string& claim, const std::string& endpoint = "bo") const {
        return folder() / "kept" / endpoint / claim;
    }
    // Every file below the folder, whatever it is.
    std::size_t files_there() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator{folder()}) count += !entry.is_directory();
        return count;
    }

    TempDir dir;
    asio::io_context io;
    ManualClock clock{io, Time{std::chrono::days{20'000}}};
    SeededRandom random{7};
    Pool files{"files", 0};
    intake::ClaimLimits limits;
    errc closed = errc::none;
    std::shared_ptr<int> slot = std::make_shared<int>();
    std::unique_ptr<intake::Claims> claims;
};

unsigned mode(const fs::path& path) {
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 0777;
}

void change_byte(const fs::path& path, std::streamoff at) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(at);
    const auto was = static_cast<char>(file.get());
    file.seekp(at);
    file.put(static_cast<char>(was ^ 1));
}

}  // namespace

TEST_CASE("a file is kept and read back byte for byte, as often as wanted") {
    ClaimsBench bench;
    std::set<std::string> names;
    for (const std::size_t size : {1u, 70'001u, 262'144u, 262'145u, 1'500'000u}) {
        CAPTURE(size);
        const auto bytes = noise(size, size);

        const auto claim = bench.keep(bytes).value();

        CHECK(claim.bytes == size);
        CHECK(claim.sha256 == sha256(bytes));
        CHECK(claim.until == bench.clock.now() + std::chrono::days{7});
        CHECK(bench.read(claim.claim).value() == bytes);
        CHECK(bench.read(claim.claim).value() == bytes);
        names.insert(claim.claim);
    }
    CHECK(names.size() == 5);
    const auto again = bench.keep("x").value(), and_again = bench.keep("x").value();
    CHECK(again.claim != and_again.claim);  // each is its own, whatever it holds
}

TEST_CASE("nobody else on the machine may look into what is kept") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes").value();

    CHECK(mode(bench.file(claim.claim)) == 0600);
    for (auto folder = bench.file(claim.claim).parent_path(); folder != bench.dir.path();
         folder = folder.parent_path())
        CHECK(mode(folder) == 0700);
}

TEST_CASE("a restart keeps the claims and their count, and removes what was coming in") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes").value();
    std::ofstream{bench.folder() / "tmp" / "7"} << "half a file";

    REQUIRE(bench.reopen());

    CHECK(bench.read(claim.claim).value() == "bytes");
    CHECK(bench.kept() == 5);
    CHECK(bench.files_there() == 1);
}

TEST_CASE("another endpoint's claim cannot be told from none") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes").value().claim;
    bench.keep("others", "cuc1").value();
    auto none = claim;
    none.front() = none.front() == '0' ? '1' : '0';

    const auto foreign = bench.read(claim, "cuc1").error();
    const auto unknown = bench.read(none, "cuc1").error();

    CHECK(foreign.code == errc::file_claim_unknown);
    CHECK(to_string(foreign) == to_string(unknown));
    CHECK(bench.refusal(claim, "nobody") == errc::file_claim_unknown);
    CHECK(bench.read(claim).value() == "bytes");
}

TEST_CASE("a claim lives until its time is over, anew from every reading, across restarts") {
    ClaimsBench bench;
    const auto life = Duration{bench.limits.claim_life};
    const auto claim = bench.keep("bytes").value().claim;
    const auto unread = bench.keep("unread").value().claim;

    bench.clock.advance(life - a_moment);
    REQUIRE(bench.reopen());
    CHECK(bench.read(claim).value() == "bytes");
    bench.clock.advance(a_moment);
    CHECK(bench.refusal(unread) == errc::file_claim_unknown);  // over, swept or not
    CHECK(bench.files_there() == 2);
    bench.sweep();
    CHECK(bench.files_there() == 1);
    CHECK(bench.kept() == 5);

    bench.clock.advance(life - a_moment - a_moment);
    bench.sweep();
    REQUIRE(bench.reopen());
    CHECK(bench.files_there() == 1);
    bench.clock.advance(a_moment);
    bench.sweep();
    CHECK(bench.files_there() == 0);
    CHECK(bench.kept() == 0);
    CHECK(bench.refusal(claim) == errc::file_claim_unknown);
}

TEST_CASE("the sweep comes by itself, now and then") {
    ClaimsBench bench;
    bench.keep("bytes").value();
    TaskGroup tasks{bench.io};
    tasks.spawn("claims", bench.claims->run());
    bench.io.restart();
    bench.io.poll();
    CHECK(bench.files_there() == 1);

    for (const auto end = bench.clock.now() + bench.limits.claim_life; bench.clock.now() < end;) {
        bench.clock.advance(bench.limits.sweep_every);
        bench.io.poll();
    }

    CHECK(bench.files_there() == 0);
    tasks.cancel();
    run(bench.io, tasks.join());
}

TEST_CASE("an endpoint keeps no more than its share; what goes gives room again") {
    intake::ClaimLimits limits;
    limits.endpoint_bytes_max = 1'000;
    ClaimsBench bench{limits};
    bench.keep(std::string(600, 'a')).value();
    {
        const auto coming = bench.upload(), beside = bench.upload();
        REQUIRE(coming->file(std::string(300, 'b')));
        const auto refused = beside->file(std::string(101, 'c'));
        REQUIRE(!refused);
        CHECK(refused.error().code == errc::overloaded);
        CHECK(refused.error().detail.find("bo") != std::string::npos);
        CHECK(beside->file("d").error().code == errc::overloaded);  // for good
        CHECK(run(bench.io, bench.claims->keep(bench.upload("cuc1"))).error().code == errc::file_empty);
    }
    CHECK(bench.kept() == 600);
    CHECK(bench.keep(std::string(400, 'b')).has_value());
    CHECK(bench.keep("c").error().code == errc::overloaded);
    CHECK(bench.keep("c", "cuc1").has_value());  // the others have theirs

    REQUIRE(bench.reopen());
    CHECK(bench.keep("c").error().code == errc::overloaded);
    bench.clock.advance(limits.claim_life);
    bench.sweep();
    CHECK(bench.keep(std::string(1'000, 'd')).has_value());
}

TEST_CASE("an endpoint keeps no more files than its share") {
    intake::ClaimLimits limits;
    limits.endpoint_count_max = 2;
    ClaimsBench bench{limits};
    bench.keep("1").value();
    {
        const auto coming = bench.upload();
        CHECK(bench.keep("3").error().code == errc::overloaded);
    }
    bench.keep("2").value();
    CHECK(bench.keep("3").error().code == errc::overloaded);
    REQUIRE(bench.reopen());
    CHECK(bench.keep("3").error().code == errc::overloaded);
    bench.clock.advance(limits.claim_life);
    bench.sweep();
    CHECK(bench.keep("3").has_value());
}

TEST_CASE("a file that is empty or beyond the limit is refused and leaves nothing") {
    intake::ClaimLimits limits;
    limits.file_bytes_max = 100;
    ClaimsBench bench{limits};

    CHECK(bench.keep("").error().code == errc::file_empty);
    CHECK(bench.keep(std::string(101, 'a')).error().code == errc::file_too_large);
    {
        auto upload = bench.upload();
        REQUIRE(!upload->file(std::string(101, 'a')));
        const auto kept = run(bench.io, bench.claims->keep(std::move(upload)));
        CHECK(kept.error().code == errc::file_too_large);
    }
    CHECK(bench.kept() == 0);
    CHECK(bench.files_there() == 0);
    CHECK(bench.keep(std::string(100, 'a')).has_value());
}

TEST_CASE("an upload that is dropped leaves nothing and gives back its place") {
    ClaimsBench bench;
    {
        const auto upload = bench.upload();
        REQUIRE(upload->file(noise(600'000, 1)));
        CHECK(bench.files_there() == 1);
        CHECK(bench.slot.use_count() == 2);
    }
    CHECK(bench.files_there() == 0);
    CHECK(bench.kept() == 0);
    CHECK(bench.slot.use_count() == 1);
    bench.keep("bytes").value();
    CHECK(bench.slot.use_count() == 1);
}

TEST_CASE("files share the uploads of their endpoint, and admission, with packages") {
    IntakeBench bench;
    auto admit = [&](const model::EndpointName& endpoint) { return bench.intake->admit_upload(endpoint); };
    const auto claims =
        intake::Claims::open(
            bench.dir / "claims", {}, intake::ClaimParts{bench.clock, bench.random, bench.files, admit}
        )
            .value();
    const auto caller = IntakeBench::caller("bo");
    {
        const auto file = claims->open(caller).value();
        const auto package = bench.intake->open_upload(caller, {}).value();
        CHECK(claims->open(caller).error().code == errc::overloaded);
        CHECK(bench.intake->open_upload(caller, {}).error().code == errc::overloaded);
        CHECK(claims->open(IntakeBench::caller("cuc1")).has_value());
    }
    for (const auto why : {errc::stopping, errc::disk_full}) {
        bench.intake->close_admission(why);
        CHECK(claims->open(caller).error().code == why);
    }
    bench.intake->close_admission(errc::none);
    bench.intake->drain(true);
    CHECK(claims->open(caller).error().code == errc::draining);
    bench.intake->drain(false);
    CHECK(claims->open(caller).has_value());
}

TEST_CASE("what is closed takes nothing new, and still gives what it has") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes").value().claim;
    auto begun = bench.upload();
    bench.closed = errc::stopping;

    CHECK(bench.claims->open(ClaimsBench::caller("bo")).error().code == errc::stopping);
    CHECK(bench.read(claim).value() == "bytes");
    REQUIRE(begun->file("more"));
    CHECK(run(bench.io, bench.claims->keep(std::move(begun))).has_value());
}

TEST_CASE("bytes that have changed on the disk are an error, never handed out as whole") {
    intake::ClaimLimits limits;
    limits.chunk_bytes = 1'000;
    ClaimsBench bench{limits};
    const auto bytes = noise(2'500, 3);
    for (const auto at : {0, 1'200, 2'499}) {
        const auto claim = bench.keep(bytes).value().claim;
        change_byte(bench.file(claim), at);
        auto stream = run(bench.io, bench.claims->read(ClaimsBench::caller("bo"), claim)).value();
        std::size_t came = 0;
        auto piece = run(bench.io, stream->next());
        for (; piece && !piece->empty(); piece = run(bench.io, stream->next())) came += piece->size();
        REQUIRE_FALSE(piece.has_value());
        CHECK(piece.error().code == errc::blob_damaged);
        CHECK(came < bytes.size());
        CHECK_FALSE(run(bench.io, stream->next()).has_value());  // nor afterwards
    }
    for (const auto size : {0u, 2'000u, 2'600u}) {
        const auto claim = bench.keep(bytes).value().claim;
        fs::resize_file(bench.file(claim), size);
        CHECK(bench.refusal(claim) == errc::blob_damaged);
    }
}

TEST_CASE("whatever text asks for a file, only a claim's own form finds one, in the asker's folder") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes", "cuc1").value().claim;
    bench.keep("mine").value();
    const auto secret = bench.dir / "secret";
    std::ofstream{secret} << "not yours";
    const auto half = std::string(32, 'a');
    const auto foreign_form = std::string(64, 'Z');
    std::ofstream{bench.file(foreign_form)} << "not a claim";
    fs::create_symlink(secret, bench.file(half + "-" + half));
    fs::create_directory(bench.file(half + "-" + std::string(32, 'b')));
    auto upper = claim;
    upper.front() = 'A';

    const std::vector<std::string> texts{
        "",
        ".",
        "..",
        "../cuc1/" + claim,
        "../../../secret",
        secret.string(),
        foreign_form,
        half + "-" + half,
        half + "-" + std::string(32, 'b'),
        half + half,
        half + "-",
        half + "-" + half + "0",
        half + "/" + half,
        std::string(30, '.') + "/.-" + half,
        half + "-" + std::string(29, 'a') + "/..",
        half + "-" + std::string(31, 'a') + '\0',
        claim + '\0',
        '\0' + claim,
        claim + "\n",
        " " + claim,
        claim + "/",
        upper,
        std::string(1'000'000, 'a'),
        "\xff\xfe"};
    for (const auto& text : texts) {
        CAPTURE(text.substr(0, 80));
        CHECK(bench.refusal(text) == errc::file_claim_unknown);
    }
    CHECK(bench.read(claim, "cuc1").value() == "bytes");
}

TEST_CASE("a folder that cannot be looked into is a failure of ours, not a claim that is unknown") {
    ClaimsBench bench;
    const auto claim = bench.keep("bytes").value().claim;
    const auto folder = bench.file(claim).parent_path();
    fs::rename(folder, folder.string() + "-aside");
    std::ofstream{folder} << "no folder";
    CHECK(bench.refusal(claim) == errc::io_failed);
    fs::remove(folder);
    CHECK(bench.refusal(claim) == errc::file_claim_unknown);
    fs::rename(folder.string() + "-aside", folder);
    CHECK(bench.read(claim).value() == "bytes");
}

TEST_CASE("foreign things among the claims are neither counted nor swept") {
    ClaimsBench bench;
    bench.keep("bytes").value();
    std::ofstream{bench.file("README")} << "hello";
    fs::create_directory(bench.folder() / "kept" / "UPPER");
    REQUIRE(bench.reopen());
    CHECK(bench.kept() == 5);
    bench.clock.advance(bench.limits.claim_life);
    bench.sweep();
    CHECK(fs::exists(bench.file("README")));
    CHECK(bench.files_there() == 1);
}

TEST_CASE("each call to the disk may fail, and the power may go: refused leaves nothing, answered is whole") {
    const auto bytes = noise(300'000, 9);
    for (const auto what : {ForgettingDisk::Keep::nothing, ForgettingDisk::Keep::names}) {
        std::size_t n = 0;
        for (bool failed = true; failed;) {
            ++n;
            CAPTURE(n);
            ClaimsBench bench;
            bench.claims.reset();
            fs::remove_all(bench.folder());
            ForgettingDisk disk{bench.dir.path()};
            disk.fail_call(n);
            std::vector<std::string> promised;
            if (bench.reopen(disk)) {
                for (int i = 0; i < 2; ++i) {
                    const auto claim = bench.keep(bytes);
                    if (claim) promised.push_back(claim->claim);
                }
                CHECK(bench.kept() == promised.size() * bytes.size());
            }
            failed = disk.failed();
            disk.fail_no_more();

            disk.crash(what);
            REQUIRE(bench.reopen(disk));
            for (const auto& claim : promised) CHECK(bench.read(claim).value() == bytes);
            CHECK(bench.kept() == promised.size() * bytes.size());
            CHECK(bench.files_there() == promised.size());
            REQUIRE((failed || promised.size() == 2));
        }
        CHECK(n > 10);
    }
}

TEST_CASE("a life that cannot be written down anew is not promised") {
    ClaimsBench bench;
    bench.claims.reset();
    fs::remove_all(bench.folder());
    ForgettingDisk disk{bench.dir.path()};
    REQUIRE(bench.reopen(disk));
    const auto claim = bench.keep("bytes").value().claim;
    disk.fail_call(1);
    CHECK(bench.refusal(claim) == errc::io_failed);
    CHECK(bench.read(claim).value() == "bytes");
}

TEST_CASE("an upload is given up before the disk is at its reserve") {
    class SmallDisk final : public ForgettingDisk {
    public:
        using ForgettingDisk::ForgettingDisk;
        Result<std::uint64_t> free_bytes(const Path&) override { return left; }
        std::uint64_t left = 999;
    };
    ClaimsBench bench;
    bench.limits.disk_reserve_bytes = 1'000;
    SmallDisk disk{bench.dir.path()};
    bench.claims.reset();
    fs::remove_all(bench.folder());
    REQUIRE(bench.reopen(disk));
    const auto bytes = noise(9 << 20, 4);
    CHECK(bench.keep(bytes).error().code == errc::disk_full);
    CHECK(bench.files_there() == 0);
    CHECK(bench.kept() == 0);
    disk.left = 1'000;
    CHECK(bench.keep(bytes).has_value());
}

TEST_SUITE_END();
