// The body of sendEdoc on its way to disk: hashed with and without the CRLF the SDK puts behind the file, so
// that hash-file may mean either. Memory: two bytes. Thread: io.
#pragma once

#include "gateway/base/digest.hpp"
#include "tests/axissim/store.hpp"

#include <string>

namespace axis::sim {

class Upload {
public:
    explicit Upload(StagedFile file) : file_{std::move(file)} {}
    Result<> take(std::string_view piece);
    // The file as the sender hashed it. file_digest when `claimed` fits neither form.
    Result<StagedFile> finish(std::string_view claimed);

private:
    StagedFile file_;
    Sha256Hasher whole_;
    Sha256Hasher without_tail_;
    std::string tail_;  // the last two bytes at most: not yet in without_tail_
};

}  // namespace axis::sim
