// The idempotency key, on every surface. Any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace axis::ports {

constexpr std::size_t idempotency_key_bytes_max = 128;
// 1 to 128 visible ASCII characters.
bool is_idempotency_key(std::string_view text);

}  // namespace axis::ports
