#include "gateway/ports/idempotency.hpp"

#include <algorithm>

namespace axis::ports {

bool is_idempotency_key(std::string_view text) {
    const auto visible = [](char c) { return c > ' ' && c <= '~'; };
    return !text.empty() && text.size() <= idempotency_key_bytes_max &&
           std::all_of(text.begin(), text.end(), visible);
}

}  // namespace axis::ports
