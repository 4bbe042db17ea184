// Goal: keys are opened only where they are kept well, and the signer process gives values, never keys.
// Method: files with every fault; a real SoftHSM token; the process asked by several threads, then killed.
#include "gateway/signature/signer_process.hpp"
#include "tests/unit/signing/pki.hpp"

#include <dirent.h>
#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <thread>

using namespace axis;
using namespace axis::signature;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("signing");

namespace {

KeyLocation in_files(const test::OpensslPki& pki, const std::string& key, const std::string& cert) {
    return {pki.path(key + ".key"), {}, {}, {}, pki.path(cert + ".pem")};
}

std::string text_of(const fs::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// The only child of this process that calls itself so.
pid_t signer_pid() {
    for (const auto& entry : fs::directory_iterator{"/proc"}) {
        const auto comm = text_of(entry.path() / "comm");
        const auto status = text_of(entry.path() / "status");
        if (comm == "axisd-signer\n" &&
            status.find("\nPPid:\t" + std::to_string(::getpid()) + "\n") != std::string::npos)
            return std::stoi(entry.path().filename());
    }
    return -1;
}

const std::string digest(32, 'd');

}  // namespace

TEST_CASE("a key is refused when others may read it, when it is weak, and when it is not the certificate's") {
    const test::OpensslPki pki;
    pki.agency("good", "G98", "P-256");
    pki.agency("other", "G98", "P-256");
    pki.agency("short", "G98", "rsa:1024");
    CHECK(open_key(in_files(pki, "good", "good")).has_value());
    CHECK(open_key(in_files(pki, "good", "other")).error().code == errc::config_value);
    CHECK(open_key(in_files(pki, "short", "short")).error().code == errc::config_value);
    CHECK(
        open_key({pki.path("good.pem"), {}, {}, {}, pki.path("good.pem")}).error().code == errc::config_value
    );
    CHECK(open_key(in_files(pki, "none", "good")).error().code == errc::config_file);
    fs::permissions(pki.path("good.key"), fs::perms{0644});
    CHECK(open_key(in_files(pki, "good", "good")).error().code == errc::config_secret_mode);
}

TEST_CASE("the signer process signs for many threads at once, and says so when it is gone") {
    const test::OpensslPki pki;
    pki.agency("a", "G98", "rsa:2048");
    pki.agency("b", "G98", "P-256");
    auto process = SignerProcess::start({in_files(pki, "a", "a"), in_files(pki, "b", "b")}).value();
    const auto here = open_key(in_files(pki, "a", "a")).value();
    const auto expected = here->sign(digest).value();  // RSA PKCS1 is the same every time
    std::vector<std::jthread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            const auto key = process->key(static_cast<std::size_t>(t % 2));
            for (int i = 0; i < 20; ++i) {
                const auto value = key->sign(digest);
                if (value && (t % 2 == 0 ? *value == expected : value->size() == 64)) ++good;
            }
        });
    threads.clear();
    CHECK(good == 80);
    CHECK(process->key(0)->chain().front().facts().name == "Agency G98");
    CHECK(process->key(0)->sign("short").error().code == errc::signer_failed);
    CHECK_FALSE(process->lost());

    const auto pid = signer_pid();
    REQUIRE(pid > 0);
    ::kill(pid, SIGKILL);
    CHECK(process->key(0)->sign(digest).error().code == errc::signer_failed);
    CHECK(process->lost());
}

TEST_CASE("the signer process has no file of ours open and lets nobody look inside") {
    const test::OpensslPki pki;
    pki.agency("a", "G98", "P-256");
    auto process = SignerProcess::start({in_files(pki, "a", "a")}).value();
    const auto proc = fs::path{"/proc"} / std::to_string(signer_pid());
    std::size_t sockets = 0;
    for (const auto& entry : fs::directory_iterator{proc / "fd"})
        if (fs::read_symlink(entry).string().starts_with("socket:")) ++sockets;
    CHECK(sockets == 1);
    CHECK(text_of(proc / "limits").find("Max core file size        0 ") != std::string::npos);
    CHECK(text_of(proc / "status").find("NoNewPrivs:\t1") != std::string::npos);
}

TEST_CASE("a signer process whose keys do not open says why, for all of them") {
    const test::OpensslPki pki;
    pki.agency("a", "G98", "P-256");
    fs::permissions(pki.path("a.key"), fs::perms{0640});
    const auto started = SignerProcess::start({in_files(pki, "a", "a"), in_files(pki, "none", "a")});
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().detail.find("a.key") != std::string::npos);
    CHECK(started.error().detail.find("none.key") != std::string::npos);
}

TEST_CASE("a key in a PKCS#11 token signs, with PIN and URI from files") {
    const fs::path module{"/usr/lib/softhsm/libsofthsm2.so"};
    REQUIRE_MESSAGE(fs::exists(module), "softhsm2 is missing: run scripts/setup");
    const test::OpensslPki pki;
    pki.agency("t", "G98", "rsa:2048");
    const auto config = pki.path("softhsm.conf");
    REQUIRE(write_file(config, "directories.tokendir = " + pki.path("tokens") + "\n").has_value());
    ::setenv("SOFTHSM2_CONF", config.c_str(), 1);
    test::shell(
        "cd " + pki.path("") +
        " && mkdir tokens && softhsm2-util --init-token --free --label gw --so-pin 4321 --pin 1234 && "
        "openssl pkcs8 -topk8 -nocrypt -in t.key -out t.p8 && softhsm2-util --import t.p8 --token gw --label "
        "k --id a1 --pin 1234"
    );
    REQUIRE(write_file(pki.path("uri"), "pkcs11:token=gw;object=k;type=private\n", 0600).has_value());
    REQUIRE(write_file(pki.path("pin"), "1234\n", 0600).has_value());
    const KeyLocation token{{}, pki.path("uri"), module, pki.path("pin"), pki.path("t.pem")};
    {
        auto process = SignerProcess::start({token}).value();
        const auto expected = open_key(in_files(pki, "t", "t")).value()->sign(digest).value();
        CHECK(process->key(0)->sign(digest).value() == expected);
    }
    REQUIRE(write_file(pki.path("pin"), "9999\n", 0600).has_value());
    const auto wrong = SignerProcess::start({token});
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().detail.find("9999") == std::string::npos);
    ::unsetenv("SOFTHSM2_CONF");
}

TEST_SUITE_END();
