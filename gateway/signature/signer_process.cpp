#include "gateway/signature/signer_process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>

namespace axis::signature {

namespace {

// One datagram each way: SOCK_SEQPACKET keeps their limits.
constexpr std::size_t message_bytes_max = 4096;
constexpr std::size_t digest_bytes_max = 64;

struct Request {
    std::uint32_t key = 0;
    std::uint32_t bytes = 0;
    char digest[digest_bytes_max] = {};
};
struct Reply {
    std::uint16_t code = 0;  // errc
    std::uint16_t bytes = 0;
    char text[message_bytes_max - 4] = {};  // value, or why not
};

void put(Reply& reply, errc code, std::string_view text) {
    reply.code = static_cast<std::uint16_t>(code);
    reply.bytes = static_cast<std::uint16_t>(std::min(text.size(), sizeof reply.text));
    std::memcpy(reply.text, text.data(), reply.bytes);
}

bool send_reply(int fd, const Reply& reply) {
    const auto size = offsetof(Reply, text) + reply.bytes;
    return ::send(fd, &reply, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

// Nothing: silence, or its end; after either an answer can no longer be told from the next one's.
std::optional<Result<std::string>> receive_reply(int fd) {
    Reply reply;
    ssize_t got = -1;
    do got = ::recv(fd, &reply, sizeof reply, 0);
    while (got < 0 && errno == EINTR);
    const bool whole = got >= static_cast<ssize_t>(offsetof(Reply, text)) &&
                       static_cast<std::size_t>(got) == offsetof(Reply, text) + reply.bytes;
    if (!whole) return std::nullopt;
    std::string text{reply.text, reply.bytes};
    if (reply.code == static_cast<std::uint16_t>(errc::none)) return text;
    return Error{static_cast<errc>(reply.code), std::move(text)};
}

// -- the other process

void close_all_but(int kept) {
    ::dup2(kept, 3);
    ::close_range(4, ~0U, 0);
}

void lock_down() {
    ::prctl(PR_SET_DUMPABLE, 0);  // nobody of the same user may look inside
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

// The last act of opening: from here on no file is made and no program started.
void lock_files() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::setrlimit(RLIMIT_NPROC, &none);
}

Reply open_keys(const std::vector<KeyLocation>& locations, std::vector<std::unique_ptr<KeySource>>& keys) {
    std::string why;
    errc code = errc::none;
    for (const auto& location : locations) {
        auto key = open_key(location);
        if (key) {
            keys.push_back(std::move(*key));
            continue;
        }
        code = key.error().code;
        why += (why.empty() ? "" : "; ") + key.error().detail;
    }
    Reply reply;
    put(reply, code, why);
    return reply;
}

[[noreturn]] void serve(int fd, const std::vector<KeyLocation>& locations) {
    lock_down();
    std::vector<std::unique_ptr<KeySource>> keys;
    const auto opened = open_keys(locations, keys);
    if (!send_reply(fd, opened) || opened.code != 0) ::_exit(1);
    const auto in_file = [](const KeyLocation& location) { return !location.key_file.empty(); };
    if (std::all_of(locations.begin(), locations.end(), in_file))
        lock_files();  // a token's module may need more
    for (;;) {
        Request request;
        const auto got = ::recv(fd, &request, sizeof request, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got != static_cast<ssize_t>(sizeof request)) ::_exit(0);  // axisd has ended
        Reply reply;
        if (request.key >= keys.size() || request.bytes > digest_bytes_max) {
            put(reply, errc::signer_failed, "no such key");
        } else {
            auto value = keys[request.key]->sign({request.digest, request.bytes});
            put(reply, value ? errc::none : value.error().code, value ? *value : value.error().detail);
        }
        if (!send_reply(fd, reply)) ::_exit(0);
    }
}

}  // namespace

// -- this process

struct SignerProcess::Impl {
    Fd fd;
    pid_t pid = -1;
    std::vector<std::vector<Certificate>> chains;
    std::mutex mutex;
    std::atomic<bool> lost{false};

    Result<std::string> ask(std::size_t key, std::string_view digest) {
        Request request;
        request.key = static_cast<std::uint32_t>(key);
        request.bytes = static_cast<std::uint32_t>(digest.size());
        if (digest.size() > digest_bytes_max) return Error{errc::signer_failed, "no digest"};
        std::memcpy(request.digest, digest.data(), digest.size());
        const std::lock_guard lock{mutex};
        const bool sent = !lost && ::send(fd.get(), &request, sizeof request, MSG_NOSIGNAL) ==
                                       static_cast<ssize_t>(sizeof request);
        auto reply = sent ? receive_reply(fd.get()) : std::nullopt;
        if (reply) return std::move(*reply);
        lost = true;
        return Error{errc::signer_failed, "the signer process is gone or silent"};
    }
};

namespace {

using Ask = std::function<Result<std::string>(std::string_view digest)>;

class SignerLink final : public KeySource {
public:
    SignerLink(Ask ask, const std::vector<Certificate>& chain) : ask_{std::move(ask)}, chain_{chain} {}
    Result<std::string> sign(std::string_view digest) override { return ask_(digest); }
    const std::vector<Certificate>& chain() const override { return chain_; }

private:
    Ask ask_;
    const std::vector<Certificate>& chain_;
};

}  // namespace

SignerProcess::SignerProcess(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SignerProcess::~SignerProcess() {
    impl_->fd.reset();
    if (impl_->pid > 0) ::waitpid(impl_->pid, nullptr, 0);
}

Result<std::unique_ptr<SignerProcess>> SignerProcess::start(const std::vector<KeyLocation>& keys) {
    auto impl = std::make_unique<Impl>();
    for (const auto& key : keys) {
        auto chain = read_chain(key.cert_file);
        if (!chain) return chain.error();
        impl->chains.push_back(std::move(*chain));
    }
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return Error{errc::io_failed, "socketpair: " + errno_text(errno)};
    Fd ours{ends[0]};
    Fd theirs{ends[1]};
    impl->pid = ::fork();
    if (impl->pid < 0) return Error{errc::io_failed, "fork: " + errno_text(errno)};
    if (impl->pid == 0) {
        ::prctl(PR_SET_NAME, "axisd-signer");
        for (const int ignored : {SIGINT, SIGTERM, SIGHUP}) std::signal(ignored, SIG_IGN);  // axisd ends it
        close_all_but(theirs.get());
        serve(3, keys);
    }
    theirs.reset();
    timeval wait{signer_wait.count(), 0};
    ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    impl->fd = std::move(ours);
    std::unique_ptr<SignerProcess> process{new SignerProcess{std::move(impl)}};
    auto opened = receive_reply(process->impl_->fd.get());
    if (!opened) return Error{errc::signer_failed, "the signer process did not start"};
    if (!*opened) return opened->error();
    return process;
}

std::unique_ptr<KeySource> SignerProcess::key(std::size_t n) {
    auto ask = [impl = impl_.get(), n](std::string_view digest) { return impl->ask(n, digest); };
    return std::make_unique<SignerLink>(std::move(ask), impl_->chains.at(n));
}

bool SignerProcess::lost() const {
    return impl_->lost;
}

}  // namespace axis::signature
