// The signer: a process of its own that holds the keys and does nothing else. The process that parses hostile
// input reaches it over a socketpair and sees digests and values, never a key.
//
//   axisd ── {key, digest} ──► signer (keys; no debugger, no core file, no network, no new files)
//         ◄── {value | why} ──
//
// start() forks before any thread is there and before anything foreign has been read; it returns when every
// key is open, or with all their faults. The signer ends when its other end closes. When it dies, every
// sign() is signer.failed and `lost()` says so: axisd then stops, and systemd starts both anew. Blocking:
// sign() waits at most signer_wait. Any thread; requests wait for each other.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/file.hpp"
#include "gateway/signature/key_source.hpp"

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace axis::signature {

inline constexpr std::chrono::seconds signer_wait{10};  // a token in the network may be slow

class SignerProcess {
public:
    static Result<std::unique_ptr<SignerProcess>> start(const std::vector<KeyLocation>& keys);
    ~SignerProcess();

    // The n-th key, as a source for this process. Outlived by this object.
    std::unique_ptr<KeySource> key(std::size_t n);
    bool lost() const;

private:
    struct Impl;
    explicit SignerProcess(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::signature
