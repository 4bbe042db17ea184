// Files of axisctl's conversions: envelopes read in passes, new files that are never left half written.
// Blocking. Memory: one buffer, and an envelope's markup.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/random.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/envelope/xsd.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ctl {

using Sink = std::function<Result<>(std::string_view bytes)>;

// io_failed, with the path in the detail.
Result<> read_through(const std::string& path, const Sink& sink);

// First pass: everything that an envelope is refused for; with an XSD, that it does not fit that.
Result<envelope::Checked> check_file(
    const std::string& path, Random& random, const envelope::Xsd* xsd = nullptr
);
// Second pass: the texts of its attachments. The first pass has found the envelope to be good.
Result<> pass_texts(const std::string& path, envelope::HoleSink& sink);

// A file that did not exist before, and does not afterwards unless it was kept.
class NewFile {
public:
    static Result<NewFile> create(const std::string& path);  // io_failed, also when it exists
    NewFile(NewFile&& other) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();
    Result<> write(std::string_view bytes);
    Result<> close();  // of a file that waits to be kept
    void keep() { kept_ = true; }
    const std::string& path() const { return path_; }

private:
    NewFile(std::string path, Fd fd) : path_{std::move(path)}, fd_{std::move(fd)} {}
    std::string path_;
    Fd fd_;
    bool kept_ = false;
};

// Writes to a new file, or to standard output when there is no name ("" or "-").
Result<> write_all(std::string_view bytes, int fd, const std::string& path);

// Under which names files lie beside their package.json: their own, unless the name is taken (in either
// case), is package.json, or is longer than file systems take; then "name-2.ext". The same list gives the
// same names.
std::vector<std::string> stored_names(const std::vector<std::string>& names);

inline constexpr std::string_view package_file = "package.json";

}  // namespace axis::ctl
