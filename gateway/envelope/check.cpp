#include "gateway/envelope/check.hpp"

namespace axis::envelope {

namespace {

struct Text {
    AttachmentDecoder decoder;
    Sha256Hasher hasher;
    Sha256 sha256;
};

}  // namespace

struct Checker::Impl final : HoleSink {
    Random& random;
    AttachmentLimits limits;
    Scanner scanner;
    Sha256Hasher hasher;
    std::uint64_t bytes = 0;
    std::vector<Text> texts;

    Impl(Random& r, ScanLimits scan, AttachmentLimits attachment)
        : random{r}, limits{attachment}, scanner{scan, *this} {}

    Result<> begin(std::size_t) override {
        texts.push_back({AttachmentDecoder{AttachmentDecoder::Mode::by_label, limits}, {}, {}});
        return {};
    }
    Result<> text(std::string_view piece) override {
        texts.back().hasher.update(piece);
        return texts.back().decoder.update(piece);
    }
    Result<> end() override {
        texts.back().sha256 = texts.back().hasher.finish();
        return texts.back().decoder.finish();
    }

    // Name and label are known now: which reading of the text is the file. `number` counts from 1, for the
    // reader.
    Result<model::AttachmentFacts> join(
        const model::Attachment& attachment,
        std::size_t hole,
        std::size_t number,
        std::vector<Observation>& observations
    ) const {
        const auto& text = texts[hole];
        const auto& seen = scanner.holes()[hole];
        const auto which = "attachment " + std::to_string(number) + ": ";
        auto file = text.decoder.decide(attachment.name, attachment.content_type);
        if (!file) return Error{file.error().code, which + file.error().detail};
        for (const auto& observation : file->observations)
            observations.push_back({observation.code, which + observation.text});
        return model::AttachmentFacts{
            text.sha256, seen.bytes, seen.has_cr, file->wrapped, file->sha256, file->bytes};
    }
};

Checker::Checker(Random& random, ScanLimits scan, AttachmentLimits attachment)
    : impl_{std::make_unique<Impl>(random, scan, attachment)} {}
Checker::~Checker() = default;
Checker::Checker(Checker&&) noexcept = default;

Result<> Checker::feed(std::string_view bytes) {
    impl_->hasher.update(bytes);
    impl_->bytes += bytes.size();
    return impl_->scanner.feed(bytes);
}

const std::string& Checker::skeleton() const {
    return impl_->scanner.skeleton();
}
const std::vector<Hole>& Checker::holes() const {
    return impl_->scanner.holes();
}

Result<Checked> Checker::finish() {
    auto scanned = impl_->scanner.finish();
    if (!scanned) return scanned.error();
    auto content =
        read(impl_->scanner.skeleton(), impl_->scanner.holes(), impl_->random, impl_->scanner.dropped());
    if (!content) return content.error();

    Checked checked{
        std::move(*content), {}, impl_->hasher.finish(), impl_->bytes, impl_->scanner.observations()};
    for (const auto& observation : checked.read.observations) checked.observations.push_back(observation);
    auto* document = std::get_if<model::Document>(&checked.read.content);
    if (document == nullptr) return checked;
    for (std::size_t i = 0; i < document->attachments.size(); ++i) {
        auto& attachment = document->attachments[i];
        auto facts = impl_->join(attachment, checked.read.hole_of[i], i + 1, checked.observations);
        if (!facts) return facts.error();
        attachment.facts = *facts;
        checked.facts.push_back(*facts);
    }
    return checked;
}

}  // namespace axis::envelope
