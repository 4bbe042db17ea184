// An append-only file of JSON lines: everything axissim remembers besides the documents themselves.
// One write(2) a line and no fsync: kill -9 loses nothing, a power cut may. A torn last line is dropped on
// open. Thread: io.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>

namespace axis::sim {

class Journal {
public:
    using Reader = std::function<void(const boost::json::object&)>;
    // io_failed. Hands every line that is there to `reader`, then appends behind the last whole one.
    static Result<Journal> open(const std::filesystem::path& path, const Reader& reader);
    void append(const boost::json::object& line);  // throws std::system_error when the disk refuses
    void clear();

private:
    explicit Journal(Fd fd) : fd_{std::move(fd)} {}
    Fd fd_;
};

}  // namespace axis::sim
