#include "tests/axissim/download.hpp"

#include "gateway/base/base64.hpp"
#include "tests/axissim/hang_up.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace axis::sim {

namespace {

constexpr std::size_t piece_bytes = 48 * 1024;  // a multiple of 3
constexpr std::string_view json_head = R"({"status":"OK","ErrorCode":"0","ErrorDesc":"Thanh cong","data":")";
constexpr std::string_view json_tail = R"("})";

// Passes pieces on until the cut.
Task<> write_some(http::Exchange& exchange, std::string_view piece, std::optional<std::uint64_t>& left) {
    if (left) piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(*left, piece.size())));
    co_await exchange.write(piece);
    if (!left) co_return;
    *left -= piece.size();
    if (*left == 0) hang_up();
}

http::Headers headers_for(bool json) {
    http::Headers headers;
    headers.add("Content-Type", json ? "application/json;charset=UTF-8" : "application/octet-stream");
    return headers;
}

}  // namespace

Result<Download> open_download(const std::filesystem::path& path, bool consume) {
    Download download;
    download.file = Fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat info {};
    if (!download.file || ::fstat(download.file.get(), &info) != 0)
        return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    if (consume) ::unlink(path.c_str());
    download.bytes = static_cast<std::uint64_t>(info.st_size);
    return download;
}

Task<> send_download(http::Exchange& exchange, Download download) {
    const auto encoded = (download.bytes + 2) / 3 * 4;
    const auto length = download.as_json ? json_head.size() + encoded + json_tail.size() : download.bytes;
    auto headers = headers_for(download.as_json);
    auto left = download.cut_after;
    co_await exchange.begin(200, std::move(headers), length);
    if (left && *left == 0) hang_up();
    if (download.as_json) co_await write_some(exchange, json_head, left);
    Base64Encoder encoder;
    std::string buffer(piece_bytes, '\0');
    std::string text;
    for (auto n = ::read(download.file.get(), buffer.data(), buffer.size()); n > 0;
         n = ::read(download.file.get(), buffer.data(), buffer.size())) {
        const auto piece = std::string_view{buffer}.substr(0, static_cast<std::size_t>(n));
        text.clear();
        if (download.as_json) encoder.update(piece, text);
        const auto out = download.as_json ? std::string_view{text} : piece;
        co_await write_some(exchange, out, left);
    }
    text.clear();
    encoder.finish(text);
    if (download.as_json) text += json_tail;
    co_await write_some(exchange, text, left);
    co_await exchange.finish();
}

}  // namespace axis::sim
