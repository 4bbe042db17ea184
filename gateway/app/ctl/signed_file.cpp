#include "gateway/app/ctl/signed_file.hpp"

#include "gateway/app/ctl/files.hpp"
#include "gateway/signature/xmldsig/verifier.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
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

}  // namespace

// The texts of an envelope file, by the place each has in it.
class EnvelopeFile::Texts {
public:
    Texts(Fd fd, std::uint64_t begin, const std::vector<envelope::Hole>& holes)
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

EnvelopeFile::EnvelopeFile(Random& random) : checker_{random} {}
EnvelopeFile::~EnvelopeFile() = default;

// First pass: scan and read, as for any message; what follows are only the texts.
Result<> EnvelopeFile::open(const std::string& path) {
    auto fed = read_through(path, [&](std::string_view bytes) { return checker_.feed(bytes); });
    if (!fed) return fed;
    auto checked = checker_.finish();
    if (!checked) return checked.error();
    checked_ = std::move(*checked);
    auto whole = checker_.skeleton().size();
    for (const auto& hole : checker_.holes()) whole += hole.bytes;
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return Error{errc::io_failed, path + ": " + errno_text(errno)};
    const auto dropped = checked_.bytes - whole;  // stood before everything
    texts_ = std::make_unique<Texts>(std::move(fd), dropped, checker_.holes());
    split_.skeleton = checker_.skeleton();
    for (const auto& hole : checker_.holes()) split_.offsets.push_back(hole.offset);
    split_.text = [this](std::size_t n, const signature::TextSink& sink) { return pass_text(n, sink); };
    return {};
}

const model::Document* EnvelopeFile::document() const {
    return std::get_if<model::Document>(&checked_.read.content);
}

std::string EnvelopeFile::from() const {
    const auto* found = document();
    const auto& from = found != nullptr ? found->from : std::get<model::Status>(checked_.read.content).from;
    return from.code.text();
}

Result<std::optional<Judgement>> EnvelopeFile::judge_statement(const signature::TrustStore& trust, Time at) {
    if (document() == nullptr) return std::optional<Judgement>{};
    auto left = *document();
    const auto statements = signature::take_statements(left);
    if (statements.empty()) return std::optional<Judgement>{};
    const auto read = [this](const model::Attachment& statement) {
        const auto& all = document()->attachments;
        const auto n = std::find(all.begin(), all.end(), statement) - all.begin();
        const auto hole = checked_.read.hole_of.at(static_cast<std::size_t>(n));
        return envelope::file_in(
            [this, hole](const auto& sink) { return pass_text(hole, sink); }, statement.facts.wrapped
        );
    };
    const auto sender = from();
    auto judged = signature::judge_statements(statements, left, read, {sender, at, false}, trust);
    if (!judged) return judged.error();
    return std::optional{std::move(*judged)};
}

Result<> EnvelopeFile::pass_text(std::size_t n, const signature::TextSink& sink) {
    return texts_->pass(n, sink);
}

bool EnvelopeJudgement::valid() const {
    const auto holds = [](const Judgement& j) { return j.verdict() == signature::Verdict::valid; };
    return holds(envelope) || (attached && holds(*attached));
}

Result<> EnvelopeFile::pass_file(std::size_t n, const signature::TextSink& sink) {
    if (document() == nullptr) return Error{errc::not_found, "a status has no files"};
    const auto& all = document()->attachments;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].name == signature::statement_file_name) continue;
        if (n-- == 0) return pass_text(checked_.read.hole_of.at(i), sink);
    }
    return Error{errc::not_found, "no such file"};
}

Result<EnvelopeJudgement> judge_envelope(
    const std::string& path, const signature::TrustStore& trust, Time at, Random& random
) {
    EnvelopeFile file{random};
    auto opened = file.open(path);
    if (!opened && opened.error().code == errc::io_failed) return opened.error();
    if (!opened) return EnvelopeJudgement{refused(opened.error()), {}};
    const auto from = file.from();
    auto envelope = signature::verify_envelope(file.split(), {from, at, false}, trust, random);
    if (!envelope) return envelope.error();
    auto attached = file.judge_statement(trust, at);
    if (!attached) return attached.error();
    return EnvelopeJudgement{std::move(*envelope), std::move(*attached)};
}

Result<Judgement> judge_document(const std::string& path, const signature::TrustStore& trust, Time at) {
    const signature::XmldsigLimits limits;
    std::string document;
    auto fed = read_through(path, [&](std::string_view bytes) -> Result<> {
        const auto room = limits.document_bytes_max + 1 - document.size();  // one more is seen to be too much
        document.append(bytes.substr(0, room));
        return {};
    });
    if (!fed) return fed.error();
    return signature::verify_document(document, trust, at, limits);
}

}  // namespace axis::ctl
