#include "gateway/app/ctl/console.hpp"

#include "gateway/base/file.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

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
