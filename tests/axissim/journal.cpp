#include "tests/axissim/journal.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace axis::sim {

Result<Journal> Journal::open(const std::filesystem::path& path, const Reader& reader) {
    Fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    if (!fd) return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    auto text = read_file(path, 1024 * 1024 * 1024);
    if (!text) return text.error();
    std::size_t whole = 0;
    for (auto end = text->find('\n'); end != std::string::npos; end = text->find('\n', whole)) {
        boost::system::error_code ec;
        const auto line = boost::json::parse(std::string_view{*text}.substr(whole, end - whole), ec);
        if (ec || !line.is_object()) return Error{errc::io_failed, path.string() + " holds a damaged line"};
        reader(line.get_object());
        whole = end + 1;
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(whole)) != 0)
        return Error{errc::io_failed, path.string() + ": " + errno_text(errno)};
    return Journal{std::move(fd)};
}

void Journal::append(const boost::json::object& line) {
    const auto text = boost::json::serialize(line) + '\n';
    if (::write(fd_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::system_error{errno, std::generic_category(), "journal"};
}

void Journal::clear() {
    if (::ftruncate(fd_.get(), 0) != 0) throw std::system_error{errno, std::generic_category(), "journal"};
}

}  // namespace axis::sim
