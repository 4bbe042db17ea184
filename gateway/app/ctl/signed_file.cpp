#include "gateway/app/ctl/signed_file.hpp"

#include "gateway/app/ctl/files.hpp"
#include "gateway/signature/envelope_verifier.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace axis::ctl {

namespace {

using signature::Judgement;

constexpr std::size_t piece_bytes = 64 * 1024;  // stays in the processor's cache

Judgement refused(const Error& error) {
    Judgement out;
    out.reason = signature::Reason::envelope_refused;
    out.detail = std::string{row(error.code).code} + " " + error.detail;
    return out;
}

std::string sender_of(const envelope::Read& read) {
    const auto* document = std::get_if<model::Document>(&read.content);
    return (document != nullptr ? document->from : std::get<model::Status>(read.content).from).code.text();
}

// The texts of an envelope file, by the place each has in it.
class FileTexts {
public:
    FileTexts(Fd fd, std::uint64_t begin, const std::vector<envelope::Hole>& holes)
        : fd_{std::move(fd)}, holes_{holes}, buffer_(piece_bytes, '\0') {
        for (const auto& hole : holes) {
            at_.push_back(begin + hole.offset);
            begin += hole.bytes;
        }
    }

    Result<> pass(std::size_t n, const signature::TextSink& sink) {
        auto at = at_.at(n);
        for (auto left = holes_.at(n).bytes; left > 0;) {
            const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
            const auto got = ::pread(fd_.get(), buffer_.data(), want, static_cast<off_t>(at));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return Error{errc::io_failed, "the file changed while it was read"};
            auto passed = sink({buffer_.data(), static_cast<std::size_t>(got)});
            if (!passed) return passed;
            at += static_cast<std::uint64_t>(got);
            left -= static_cast<std::uint64_t>(got);
        }
        return {};
    }

private:
    Fd fd_;
    const std::vector<envelope::Hole>& holes_;
    std::vector<std::uint64_t> at_;
    std::string buffer_;
};

}  // namespace

Result<Judgement> judge_envelope(
    const std::string& path, const signature::TrustStore& trust, Time at, Random& random
) {
    envelope::Checker checker{random};
    auto fed = read_through(path, [&](std::string_view bytes) { return checker.feed(bytes); });
    if (!fed)
        return fed.error().code == errc::io_failed ? Result<Judgement>{fed.error()} : refused(fed.error());
    auto checked = checker.finish();
    if (!checked) return refused(checked.error());

    const auto& holes = checker.holes();
    auto whole = checker.skeleton().size();
    for (const auto& hole : holes) whole += hole.bytes;
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return Error{errc::io_failed, path + ": " + errno_text(errno)};
    FileTexts texts{
        std::move(fd), checked->bytes - whole, holes};  // what was dropped stood before everything
    signature::SplitEnvelope split{checker.skeleton(), {}, {}};
    for (const auto& hole : holes) split.offsets.push_back(hole.offset);
    split.text = [&texts](std::size_t n, const signature::TextSink& sink) { return texts.pass(n, sink); };
    const auto from = sender_of(checked->read);
    return signature::verify_envelope(split, {from, at, false}, trust, random);
}

}  // namespace axis::ctl
