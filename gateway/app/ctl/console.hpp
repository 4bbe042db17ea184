// The daemon's Unix socket as axisctl sees it: one request, one whole answer. Blocking.
#pragma once

#include "gateway/base/error.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace axis::ctl {

struct Answer {
    int status = 0;
    std::string body;
};

class Console {
public:
    explicit Console(std::string socket) : socket_{std::move(socket)} {}
    // peer_unreachable when nobody listens there.
    Result<Answer> call(std::string_view method, std::string_view target) const;
    Result<Answer> get(std::string_view target) const { return call("GET", target); }
    // The body of a 200, of any length, piece by piece; peer_http: another answer, or one that ended early.
    using Sink = std::function<Result<>(std::string_view bytes)>;
    Result<> fetch(std::string_view target, const Sink& sink) const;

private:
    std::string socket_;
};

std::string percent_encoded(std::string_view text);

// For a person: what a certificate or a message says may hold the terminal's own language.
std::string shown(const std::string& text);

}  // namespace axis::ctl
