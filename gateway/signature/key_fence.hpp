// KeyFence: takes from this process, and all it will ever start, the right to read files in the folder of
// keys. For the process that parses hostile input, after the signer process has been started: the same user
// owns both, and file modes cannot tell them apart.
//
//   /  ── read: every entry but the one that leads to the keys
//   /a ── the same, down to the folder; nothing in it, not even by another name
//
// Landlock (Linux 5.19 or later, Debian 12 has it). Along the way to the folder only what is there now stays
// readable, so the folder belongs where nothing is put anew: not under /etc. Files cannot be renamed or
// linked out of it either. Call it while there is one thread. Never undone.
#pragma once

#include "gateway/base/error.hpp"

#include <filesystem>

namespace axis::signature {

// signer.failed: the kernel cannot do it (why stands in the detail); nothing has changed then.
Result<> fence_off(const std::filesystem::path& folder);

}  // namespace axis::signature
