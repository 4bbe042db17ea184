// multipart/form-data as a push parser (RFC 7578): bytes in, events out, O(1) memory.
//
//   preamble --boundary--> part header --blank line--> part body --boundary--> … --final boundary--> epilogue
//
// Part headers are bounded (bytes, count); file names come from filename* (RFC 5987, UTF-8), else filename as
// raw UTF-8 with backslash escapes of browsers undone. A body that ends before the final boundary is
// malformed. Any thread.
#pragma once

#include "gateway/base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace axis::http {

struct MultipartLimits {
    std::size_t part_header_bytes_max = 8 * 1024;
    std::size_t part_count_max = 201;
};

struct Part {
    std::string name;
    std::optional<std::string> file_name;
    std::string content_type;  // lower case, without parameters; "text/plain" when absent
};

class MultipartEvents {
public:
    virtual ~MultipartEvents() = default;
    virtual Result<> begin(const Part& part) = 0;
    virtual Result<> data(std::string_view bytes) = 0;
    virtual Result<> end() = 0;
};

class MultipartParser {
public:
    // http_media_type when the Content-Type is not multipart/form-data with a usable boundary.
    static Result<MultipartParser> open(
        std::string_view content_type, MultipartLimits limits, MultipartEvents& events
    );
    MultipartParser(MultipartParser&&) noexcept;
    MultipartParser& operator=(MultipartParser&&) noexcept;
    ~MultipartParser();

    Result<> feed(std::string_view bytes);  // multipart_malformed, multipart_too_many, or what an event said
    Result<> finish();

private:
    struct Impl;
    explicit MultipartParser(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::http
