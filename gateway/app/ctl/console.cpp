#include "gateway/app/ctl/console.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace axis::ctl {

namespace {

constexpr std::size_t answer_bytes_max = 256 * 1024 * 1024;

Result<Fd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return Error{errc::config_value, "socket path too long: " + path};
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return Error{errc::peer_unreachable, path + ": " + errno_text(errno)};
    return fd;
}

Result<> send_all(const Fd& fd, std::string_view text) {
    while (!text.empty()) {
        const auto n = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (n < 0) return Error{errc::peer_unreachable, errno_text(errno)};
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<std::string> receive_all(const Fd& fd) {
    std::string out;
    char buffer[16384];
    for (;;) {
        const auto n = ::recv(fd.get(), buffer, sizeof buffer, 0);
        if (n < 0) return Error{errc::peer_unreachable, errno_text(errno)};
        if (n == 0) return out;
        out.append(buffer, static_cast<std::size_t>(n));
        if (out.size() > answer_bytes_max) return Error{errc::http_body_too_large};
    }
}

// Head, then as many bytes as it promised.
class Reception {
public:
    explicit Reception(const Console::Sink& sink) : sink_{sink} {}

    Result<> take(std::string_view bytes) {
        if (!left_) {
            head_ += bytes;
            const auto end = head_.find("\r\n\r\n");
            if (end == std::string::npos)
                return head_.size() > head_bytes_max ? Result<>{Error{errc::peer_http, "a head without end"}}
                                                     : Result<>{};
            const auto length = lower_ascii(head_).find("\r\ncontent-length:");
            if (std::atoi(head_.c_str() + 9) != 200 || length == std::string::npos || length > end)
                return Error{errc::peer_http, head_.substr(0, head_.find('\r'))};
            left_ = std::strtoull(head_.c_str() + length + 17, nullptr, 10);
            const auto body = head_.substr(end + 4);
            return body.empty() ? Result<>{} : take(body);
        }
        if (bytes.size() > *left_) return Error{errc::peer_http, "more than was promised"};
        *left_ -= bytes.size();
        return sink_(bytes);
    }
    Result<> end() const {
        return left_ == 0u ? Result<>{} : Result<>{Error{errc::peer_http, "it ended early"}};
    }

private:
    static constexpr std::size_t head_bytes_max = 64 * 1024;
    const Console::Sink& sink_;
    std::string head_;
    std::optional<std::uint64_t> left_;
};

}  // namespace

Result<Answer> Console::call(std::string_view method, std::string_view target) const {
    auto fd = connect_to(socket_);
    if (!fd) return fd.error();
    const auto request = std::string{method} + " " + std::string{target} +
                         " HTTP/1.1\r\nHost: axisd\r\nConnection: close\r\n" +
                         (method == "POST" ? "Content-Length: 0\r\n" : "") + "\r\n";
    auto sent = send_all(*fd, request);
    if (!sent) return sent.error();
    auto text = receive_all(*fd);
    if (!text) return text.error();
    const auto end = text->find("\r\n\r\n");
    if (end == std::string::npos || text->size() < 12)
        return Error{errc::peer_http, "no answer from the daemon"};
    return Answer{std::atoi(text->c_str() + 9), text->substr(end + 4)};
}

Result<> Console::fetch(std::string_view target, const Sink& sink) const {
    auto fd = connect_to(socket_);
    if (!fd) return fd.error();
    auto sent =
        send_all(*fd, "GET " + std::string{target} + " HTTP/1.1\r\nHost: axisd\r\nConnection: close\r\n\r\n");
    if (!sent) return sent;
    Reception reception{sink};
    std::string buffer(256 * 1024, '\0');
    for (;;) {
        const auto n = ::recv(fd->get(), buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return Error{errc::peer_http, errno_text(errno)};
        if (n == 0) return reception.end();
        auto taken = reception.take({buffer.data(), static_cast<std::size_t>(n)});
        if (!taken) return taken;
    }
}

std::string shown(const std::string& text) {
    return has_hidden_characters(text) ? log::escaped(text) : text;
}

std::string percent_encoded(std::string_view text) {
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
            c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            out += '%';
            out += hex[u >> 4];
            out += hex[u & 15];
        }
    }
    return out;
}

}  // namespace axis::ctl
