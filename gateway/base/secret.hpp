// Secret: a string that cannot reach a log, an error or a stream, and is wiped when it dies.
#pragma once

#include "gateway/base/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace axis {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    ~Secret();
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret other) noexcept;

    std::string_view reveal() const { return value_; }  // only where it is used
    bool empty() const { return value_.empty(); }

    // The first line of a file that only its owner may read (0600 or stricter).
    // config_file: not readable; config_secret_mode: readable by others; config_value: empty.
    static Result<Secret> from_file(const std::filesystem::path& path);

private:
    std::string value_;
};

}  // namespace axis
