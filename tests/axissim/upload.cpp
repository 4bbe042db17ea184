#include "tests/axissim/upload.hpp"

#include "tests/axissim/auth.hpp"

namespace axis::sim {

Result<> Upload::take(std::string_view piece) {
    auto written = file_.append(piece);
    if (!written) return written.error();
    whole_.update(piece);
    if (piece.size() >= 2) {
        without_tail_.update(tail_);
        without_tail_.update(piece.substr(0, piece.size() - 2));
        tail_ = piece.substr(piece.size() - 2);
        return {};
    }
    tail_ += piece;
    if (tail_.size() > 2) {
        without_tail_.update(std::string_view{tail_}.substr(0, tail_.size() - 2));
        tail_.erase(0, tail_.size() - 2);
    }
    return {};
}

Result<StagedFile> Upload::finish(std::string_view claimed) {
    if (hash_matches(claimed, whole_.finish())) return std::move(file_);
    if (tail_ != "\r\n" || !hash_matches(claimed, without_tail_.finish()))
        return Error{errc::file_digest, "hash-file"};
    auto cut = file_.truncate(file_.size() - 2);
    if (!cut) return cut.error();
    return std::move(file_);
}

}  // namespace axis::sim
