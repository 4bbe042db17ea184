// Goal: the program itself: its one line, kill -9, SIGTERM, and a body that must not be held in memory.
// Method: run the built axissim as a child and talk to it through blocking sockets.
#include "gateway/base/base64.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/file.hpp"
#include "tests/axissim/auth.hpp"
#include "tests/unit/axissim/support.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>

using namespace axis;
using namespace axis::sim::test;

TEST_SUITE_BEGIN("axissim/process");

namespace {

class Program {
public:
    explicit Program(const axis::test::TempDir& dir, std::vector<std::string> more = {}) {
        const auto secret = (dir / "secret").string();
        if (!std::filesystem::exists(secret))
            REQUIRE(write_file(secret, std::string{demo_secret} + "\n", 0600).has_value());
        std::vector<std::string> words{
            std::string{AXIS_BIN_DIR} + "/axissim",
            "--state",
            (dir / "state").string(),
            "--system",
            "vxp.demo.01=G98,G98.11",
            "--secret-file",
            "vxp.demo.01=" + secret,
            "--partner",
            "G99=none"};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        int out[2];
        REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
        log_ = (dir / "log").string();
        pid_ = ::fork();
        if (pid_ == 0) {
            const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(out[1], 1);
            ::dup2(log, 2);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(out[1]);
        out_ = Fd{out[0]};
    }
    ~Program() { end(SIGKILL); }

    // Up to the end of the line, or of the stream.
    std::string line() {
        std::string text;
        char c = 0;
        while (::read(out_.get(), &c, 1) == 1 && c != '\n') text += c;
        return text;
    }
    void wait_ready() {
        const auto ready = line();
        const auto colon = ready.rfind(':');
        REQUIRE(colon != std::string::npos);
        port_ = static_cast<std::uint16_t>(std::stoi(ready.substr(colon + 1)));
    }
    int end(int signal) {
        if (pid_ <= 0) return 0;
        int status = 0;
        ::kill(pid_, signal);
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return status;
    }
    std::size_t resident_bytes() const {
        std::ifstream in{"/proc/" + std::to_string(pid_) + "/statm"};
        std::size_t all = 0;
        std::size_t resident = 0;
        in >> all >> resident;
        return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    }
    std::string log() const { return read_file(log_).value(); }
    std::uint16_t port() const { return port_; }

private:
    pid_t pid_ = 0;
    Fd out_;
    std::uint16_t port_ = 0;
    std::string log_;
};

// Everything the server answers until it closes; `write` puts the request on the wire.
std::string converse(std::uint16_t port, const std::function<void(int)>& write) {
    const Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0);
    write(fd.get());
    std::string reply;
    char buffer[65536];
    for (auto n = ::read(fd.get(), buffer, sizeof buffer); n > 0; n = ::read(fd.get(), buffer, sizeof buffer))
        reply.append(buffer, static_cast<std::size_t>(n));
    return reply;
}

void put(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        REQUIRE(n > 0);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

// With "Connection: close", so that the reply ends with the connection.
std::string closing(std::string request) {
    const auto at = request.find("\r\n") + 2;
    return request.insert(at, "Connection: close\r\n");
}

std::string ask(std::uint16_t port, const std::string& request) {
    return converse(port, [&request](int fd) { put(fd, closing(request)); });
}

std::string state_of(std::uint16_t port) {
    const auto reply = ask(port, "GET /sim/state HTTP/1.1\r\nHost: sim\r\n\r\n");
    return reply.substr(reply.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("the program says where it listens in one line, and SIGTERM ends it cleanly") {
    axis::test::TempDir dir;
    Program program{dir};

    const auto ready = program.line();

    CHECK(ready.starts_with("axissim listening on http://127.0.0.1:"));
    CHECK(ready.ends_with(" (simulation, not the real axis)"));
    CHECK(program.end(SIGTERM) == 0);
    CHECK(program.line().empty());  // nothing more on stdout
    CHECK(program.log().find(demo_secret) == std::string::npos);
}

TEST_CASE("a wrong command line and a secret others can read end the program with a reason") {
    axis::test::TempDir dir;
    Program wrong{dir, {"--partner", "G97=dance"}};
    CHECK(wrong.line().empty());
    CHECK(WEXITSTATUS(wrong.end(0)) == 2);

    axis::test::TempDir other;
    REQUIRE(write_file(other / "secret", "x\n", 0644).has_value());
    Program unsafe{other};
    CHECK(unsafe.line().empty());
    CHECK(WEXITSTATUS(unsafe.end(0)) == 2);
}

TEST_CASE("kill -9 loses nothing that was answered") {
    axis::test::TempDir dir;
    std::string before;
    {
        Program program{dir};
        program.wait_ready();
        const auto reply =
            ask(program.port(), request_of(send_call(document_of({"G98", {"G98.11", "G99"}, "12", "a"}))));
        CHECK(reply.find("\"ErrorCode\":\"0\"") != std::string::npos);
        before = state_of(program.port());
        program.end(SIGKILL);
    }

    Program program{dir};
    program.wait_ready();

    CHECK(state_of(program.port()) == before);
    CHECK(before.find("G98,2026/11/21,12/BTN") != std::string::npos);
}

TEST_CASE("a body of 64 MB streams through: the program does not grow with it") {
    constexpr std::size_t block_count = 64;
    axis::test::TempDir dir;
    Program program{dir};
    program.wait_ready();
    const auto whole = document_of({"G98", {"G98.11"}, "12", ""});
    const auto mark = whole.find("</edXML:ContentTransferEncoded>");
    const auto head = whole.substr(0, mark);
    const auto tail = whole.substr(mark);
    std::string block;
    const std::string plain(768 * 1024, 'x');
    Base64Encoder encoder;
    encoder.update(plain, block);
    REQUIRE(block.size() == 1024 * 1024);
    Sha256Hasher hasher;
    Sha256Hasher content;
    hasher.update(head);
    for (std::size_t i = 0; i < block_count; ++i) {
        hasher.update(block);
        content.update(plain);
    }
    hasher.update(tail);
    auto call = send_call("");
    call.parameters["hash-file"] = hasher.finish().hex();
    const auto request = closing(signed_head(call, head.size() + block_count * block.size() + tail.size()));
    const auto before = program.resident_bytes();
    std::size_t most = before;

    const auto reply = converse(program.port(), [&](int fd) {
        put(fd, request + head);
        for (std::size_t i = 0; i < block_count; ++i) {
            put(fd, block);
            most = std::max(most, program.resident_bytes());
        }
        put(fd, tail);
    });

    most = std::max(most, program.resident_bytes());
    CHECK(reply.find("\"ErrorCode\":\"0\"") != std::string::npos);
    CHECK(state_of(program.port()).find(content.finish().hex()) != std::string::npos);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    MESSAGE("resident memory is not judged under sanitizers");
#else
    CHECK(most - before < 32 * 1024 * 1024);
#endif
}

TEST_SUITE_END();
