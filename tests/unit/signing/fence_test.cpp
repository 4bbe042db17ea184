// Goal: behind the fence the keys cannot be read by any name, and everything else can. Method: a child
// process puts up the fence and tries; its exit code is what it found.
#include "gateway/base/file.hpp"
#include "gateway/signature/key_fence.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>

using namespace axis;
using axis::test::TempDir;
using namespace axis::signature;
namespace fs = std::filesystem;

namespace {

constexpr int no_fence = 77;

bool readable(const fs::path& file) {
    return static_cast<bool>(Fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)});
}

// keys/a.key, state/spool/, beside.txt
struct House {
    TempDir dir;
    fs::path keys = dir / "keys", state = dir / "state", key = keys / "a.key", beside = dir / "beside.txt";
    House() {
        fs::create_directories(keys);
        fs::create_directories(state / "spool");
        std::ofstream{key} << "secret";
        std::ofstream{beside} << "open";
    }

    // What `tried` says in a process behind the fence.
    int behind(const std::function<bool()>& tried) const {
        const auto child = ::fork();
        if (child == 0) ::_exit(!fence_off(keys) ? no_fence : tried() ? 1 : 0);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        return WEXITSTATUS(status);
    }
};

}  // namespace

TEST_SUITE_BEGIN("signing");

TEST_CASE("behind the fence no key is read, by whatever name") {
    const House house;
    if (house.behind([] { return false; }) == no_fence) {
        MESSAGE("skipped: this kernel has no Landlock of version 2");
        return;
    }
    const auto& key = house.key;
    const auto other = house.state / "other.key";

    CHECK(house.behind([&] { return readable(key); }) == 0);
    CHECK(house.behind([&] { return readable("/proc/self/root" + key.string()); }) == 0);
    CHECK(house.behind([&] { return ::link(key.c_str(), other.c_str()) == 0; }) == 0);
    CHECK(house.behind([&] { return ::rename(key.c_str(), other.c_str()) == 0; }) == 0);
    CHECK(house.behind([&] {
        fs::create_symlink(key, other);
        return readable(other);
    }) == 0);
    CHECK(house.behind([&] {
        bool seen = false;
        std::thread{[&] { seen = readable(key); }}.join();
        return seen;
    }) == 0);
    CHECK(house.behind([&] {
        const auto child = ::fork();
        if (child == 0) ::_exit(readable(key) ? 1 : 0);
        int status = 0;
        ::waitpid(child, &status, 0);
        return status != 0;
    }) == 0);
    CHECK(readable(key));
}

TEST_CASE("everything else is read and renamed as before") {
    const House house;
    if (house.behind([] { return false; }) == no_fence) {
        MESSAGE("skipped: this kernel has no Landlock of version 2");
        return;
    }
    CHECK(house.behind([&] { return readable(house.beside); }) == 1);
    CHECK(house.behind([] { return readable("/etc/hostname") && readable("/proc/self/status"); }) == 1);
    CHECK(house.behind([&] {
        std::ofstream{house.state / "tmp"} << "new";
        fs::rename(house.state / "tmp", house.state / "spool/new");
        return readable(house.state / "spool/new");
    }) == 1);
}

TEST_CASE("a folder that is not there cannot be fenced off, and nothing has changed") {
    const House house;
    CHECK(fence_off(house.dir / "none").error().code == errc::signer_failed);
    CHECK(readable(house.key));
}

TEST_SUITE_END();
