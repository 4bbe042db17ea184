// AttachmentDecoder: base64, the two readings of a file, and the choice between them.
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/media_type.hpp"
#include "gateway/envelope/unwrap.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace axis::envelope {

namespace {

constexpr std::uint64_t searched_bytes = 64 * 1024;  // for replaced characters
constexpr std::uint64_t replaced_max = 16;
constexpr std::string_view replacement =
    "\xEF\xBF\xBD";  // U+FFFD: a byte that a text decoder did not understand

constexpr std::array<std::string_view, 45> zip_based{
    "zip",  "docx",  "docm",  "dotx", "dotm", "xlsx",  "xlsm", "xlsb", "xltx", "xslx", "pptx", "pptm",
    "ppsx", "potx",  "odt",   "ods",  "odp",  "odg",   "odf",  "ott",  "ots",  "otp",  "jar",  "war",
    "ear",  "aar",   "apk",   "ipa",  "epub", "kmz",   "vsdx", "xps",  "oxps", "3mf",  "whl",  "xpi",
    "cbz",  "asice", "asics", "sce",  "bdoc", "nupkg", "vsix", "sxw",  "sxc"};

bool is_zip_based(std::string_view extension) {
    return std::find(zip_based.begin(), zip_based.end(), extension) != zip_based.end();
}

// <uuid>.<extension>, what the SDK calls the entry it wraps a file in.
bool named_by_sdk(std::string_view entry, std::string_view extension) {
    constexpr std::size_t uuid_size = 36;
    if (entry.size() != uuid_size + 1 + extension.size() || entry[uuid_size] != '.') return false;
    for (std::size_t i = 0; i < uuid_size; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = entry[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return equal_ignoring_case(entry.substr(uuid_size + 1), extension);
}

// One way to read the text: its digest, length, first bytes and signs of destruction.
class Reading {
public:
    void update(std::string_view bytes) {
        hasher_.update(bytes);
        if (head_.size() < head_bytes) head_.append(bytes.substr(0, head_bytes - head_.size()));
        if (bytes_ < searched_bytes)
            search(bytes.substr(
                0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), searched_bytes - bytes_))
            ));
        bytes_ += bytes.size();
    }
    void finish() { sha256_ = hasher_.finish(); }
    const Sha256& sha256() const { return sha256_; }
    std::uint64_t bytes() const { return bytes_; }
    const std::string& head() const { return head_; }
    bool replaced() const { return replaced_ > replaced_max; }
    // Files that begin so are binary, whatever their name.
    bool destroyed() const {
        return replaced() && (head_.starts_with("%PDF") || head_.starts_with(replacement));
    }

private:
    void search(std::string_view bytes) {
        for (const char c : bytes) {
            matched_ = c == replacement[matched_] ? matched_ + 1 : c == replacement[0] ? 1u : 0u;
            if (matched_ < replacement.size()) continue;
            ++replaced_;
            matched_ = 0;
        }
    }

    Sha256Hasher hasher_;
    Sha256 sha256_;
    std::uint64_t bytes_ = 0;
    std::string head_;
    std::uint64_t replaced_ = 0;
    std::size_t matched_ = 0;
};

}  // namespace

struct AttachmentDecoder::Impl {
    Mode mode;
    Sink sink;
    Base64Decoder base64;
    std::string decoded;
    Reading plain;
    Reading inner;
    std::unique_ptr<Unwrapper> unwrapper;  // until finish()
    Unwrapper::Verdict verdict = Unwrapper::Verdict::open;
    std::string reason;
    std::string entry_name;

    Impl(Mode m, AttachmentLimits limits, Sink s) : mode{m}, sink{std::move(s)} {
        if (mode == Mode::plain) return;
        auto entry = [this](std::string_view bytes) -> Result<> {
            inner.update(bytes);
            return mode == Mode::unwrap && sink ? sink(bytes) : Result<>{};
        };
        unwrapper = std::make_unique<Unwrapper>(limits, std::move(entry));
    }

    Result<> pass_on() {
        if (mode != Mode::unwrap) plain.update(decoded);
        if (mode == Mode::plain) return sink && !decoded.empty() ? sink(decoded) : Result<>{};
        auto passed = unwrapper->update(decoded);
        if (!passed) return passed.error();
        return mode == Mode::unwrap ? refusal(unwrapper->verdict(), unwrapper->reason()) : Result<>{};
    }

    static Result<> refusal(Unwrapper::Verdict verdict, const std::string& reason) {
        switch (verdict) {
            case Unwrapper::Verdict::open:
            case Unwrapper::Verdict::single:
                return {};
            case Unwrapper::Verdict::bomb:
                return Error{errc::attachment_bomb, reason};
            case Unwrapper::Verdict::not_zip:
                return Error{errc::attachment_zip, "not a ZIP"};
            case Unwrapper::Verdict::unusual:
            case Unwrapper::Verdict::damaged:
                break;
        }
        return Error{errc::attachment_zip, reason};
    }

    FileFacts facts(bool wrapped, std::string_view extension) const {
        const auto& reading = wrapped ? inner : plain;
        FileFacts facts{wrapped, reading.sha256(), reading.bytes(), {}};
        if (base64.padding_missing())
            facts.observations.push_back({"attachment.padding", "base64 without its padding"});
        if (!begins_as_named(extension, reading.head()))
            facts.observations.push_back(
                {"attachment.type",
                 "named ." + std::string{extension} + ", begins like " + kind_of(reading.head())}
            );
        return facts;
    }

    static std::string kind_of(std::string_view head) {
        const auto type = media_type(head);
        return head.empty() ? "nothing" : type.empty() ? "no known kind" : type;
    }

    // Around an office file, itself a ZIP of several entries, under a name the SDK would not have given.
    bool wraps_office_file(std::string_view extension) const {
        return verdict == Unwrapper::Verdict::single && is_office_archive(extension) &&
               begins_as_named(extension, inner.head());
    }
};

AttachmentDecoder::AttachmentDecoder(Mode mode, AttachmentLimits limits, Sink sink)
    : impl_{std::make_unique<Impl>(mode, limits, std::move(sink))} {}
AttachmentDecoder::~AttachmentDecoder() = default;
AttachmentDecoder::AttachmentDecoder(AttachmentDecoder&&) noexcept = default;

Result<> AttachmentDecoder::update(std::string_view text) {
    constexpr std::size_t piece_max = 256 * 1024;  // bounds `decoded`
    while (!text.empty()) {
        const auto piece = text.substr(0, piece_max);
        impl_->decoded.clear();
        if (!impl_->base64.update(piece, impl_->decoded)) return Error{errc::attachment_base64};
        auto passed = impl_->pass_on();
        if (!passed) return passed.error();
        text.remove_prefix(piece.size());
    }
    return {};
}

Result<> AttachmentDecoder::finish() {
    impl_->decoded.clear();
    if (!impl_->base64.finish(impl_->decoded)) return Error{errc::attachment_base64, "ends inside a group"};
    auto passed = impl_->pass_on();
    if (!passed) return passed.error();
    impl_->plain.finish();
    impl_->inner.finish();
    impl_->decoded = {};
    if (impl_->mode == Mode::plain) return {};
    impl_->unwrapper->finish();
    impl_->verdict = impl_->unwrapper->verdict();
    impl_->reason = impl_->unwrapper->reason();
    impl_->entry_name = impl_->unwrapper->entry_name();
    impl_->unwrapper.reset();
    return impl_->mode == Mode::unwrap ? Impl::refusal(impl_->verdict, impl_->reason) : Result<>{};
}

bool AttachmentDecoder::has_cr() const {
    return impl_->base64.had_cr();
}

Result<FileFacts> AttachmentDecoder::decide(std::string_view file_name, std::string_view content_type) const {
    using Verdict = Unwrapper::Verdict;
    AXIS_ASSERT(impl_->mode == Mode::by_label && impl_->verdict != Verdict::open);
    const auto extension = extension_of(file_name);
    const bool says_zip = equal_ignoring_case(trimmed(content_type), "application/zip");
    const auto verdict = impl_->verdict;
    if (impl_->plain.destroyed() || (verdict == Verdict::damaged && impl_->plain.replaced()))
        return Error{errc::attachment_destroyed};

    const bool office = impl_->wraps_office_file(extension);
    if (is_zip_based(extension) && !named_by_sdk(impl_->entry_name, extension) && !office)
        return impl_->facts(false, extension);
    if (verdict == Verdict::bomb) return Error{errc::attachment_bomb, impl_->reason};
    if (verdict == Verdict::single) {
        if (impl_->inner.destroyed()) return Error{errc::attachment_destroyed};
        auto facts = impl_->facts(true, extension);
        if (!says_zip)
            facts.observations.push_back({"attachment.label", "a ZIP under another ContentType: unwrapped"});
        return facts;
    }
    if (verdict == Verdict::damaged && says_zip && !is_zip_based(extension))
        return Error{errc::attachment_zip, impl_->reason};
    auto facts = impl_->facts(false, extension);
    if (verdict == Verdict::not_zip && says_zip)
        facts.observations.push_back({"attachment.label", "ContentType application/zip, but no ZIP: as it is"}
        );
    if (verdict == Verdict::unusual || verdict == Verdict::damaged)
        facts.observations.push_back({"attachment.not_unwrapped", "ZIP delivered as it is: " + impl_->reason}
        );
    return facts;
}

Sha256 AttachmentDecoder::file_sha256() const {
    return (impl_->mode == Mode::unwrap ? impl_->inner : impl_->plain).sha256();
}
std::uint64_t AttachmentDecoder::file_bytes() const {
    return (impl_->mode == Mode::unwrap ? impl_->inner : impl_->plain).bytes();
}

Result<std::optional<std::string>> file_in(const PassText& pass, bool wrapped) {
    std::string out;
    AttachmentDecoder decoder{
        wrapped ? AttachmentDecoder::Mode::unwrap : AttachmentDecoder::Mode::plain,
        {},
        [&out](std::string_view bytes) -> Result<> {
            out += bytes;
            return {};
        }};
    bool damaged = false;
    auto passed = pass([&](std::string_view piece) {
        auto decoded = decoder.update(piece);
        damaged = !decoded;
        return decoded;
    });
    if (!damaged && !passed) return passed.error();
    if (damaged || !decoder.finish()) return std::optional<std::string>{};
    return std::optional{std::move(out)};
}

}  // namespace axis::envelope
