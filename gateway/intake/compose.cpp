#include "gateway/intake/compose.hpp"

#include "gateway/envelope/relay.hpp"

#include <algorithm>

namespace axis::intake {

namespace {

constexpr std::size_t piece_bytes = 128 * 1024;  // stays in the processor's cache

Result<> check_written(const envelope::Written& written, const envelope::Xsd* xsd) {
    if (xsd == nullptr) return {};
    std::vector<envelope::Hole> holes(written.hole_offsets.size());
    for (std::size_t i = 0; i < holes.size(); ++i) holes[i].offset = written.hole_offsets[i];
    return xsd->check(written.skeleton, holes);
}

}  // namespace

Result<> pass_text(const spool::Staged& staged, const std::function<Result<>(std::string_view)>& sink) {
    if (staged.is_inline()) return sink(staged.inline_text());
    const auto text = staged.text();
    if (!text) return Error{errc::blob_missing, staged.sha256().hex()};
    std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, text->size())), '\0');
    for (std::uint64_t at = 0; at < text->size();) {
        auto got = text->read_at(at, {buffer.data(), buffer.size()});
        if (!got) return got.error();
        if (*got == 0) return Error{errc::blob_damaged, staged.sha256().hex()};
        auto passed = sink(std::string_view{buffer}.substr(0, *got));
        if (!passed) return passed;
        at += *got;
    }
    return {};
}

const spool::Staged& text_of(const std::vector<spool::Staged>& texts, const model::Attachment& attachment) {
    const auto at = std::ranges::find(texts, attachment.facts.text_sha256, &spool::Staged::sha256);
    AXIS_ASSERT(at != texts.end());
    return *at;
}

Result<> complete(ledger::StoredEnvelope& envelope, const std::vector<spool::Staged>& texts) {
    std::vector<const spool::Staged*> all;
    for (const auto& text : texts) all.push_back(&text);
    return complete(envelope, all);
}

Result<> complete(ledger::StoredEnvelope& envelope, const std::vector<const spool::Staged*>& texts) {
    AXIS_ASSERT(envelope.holes.size() == texts.size());
    Sha256Hasher hasher;
    const auto hash = [&hasher](std::string_view piece) -> Result<> {
        hasher.update(piece);
        return {};
    };
    std::size_t markup = 0;
    envelope.bytes = envelope.skeleton.size();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto until = envelope.holes[i].offset;
        hasher.update(std::string_view{envelope.skeleton}.substr(markup, until - markup));
        auto hashed = pass_text(*texts[i], hash);
        if (!hashed) return hashed.error();
        markup = until;
        envelope.bytes += texts[i]->bytes();
    }
    hasher.update(std::string_view{envelope.skeleton}.substr(markup));
    envelope.sha256 = hasher.finish();
    return {};
}

Result<ledger::StoredEnvelope> compose(
    const model::Document& document, const std::vector<spool::Staged>& texts, const envelope::Xsd* xsd
) {
    auto written = envelope::write(document);
    if (!written) return written.error();
    auto fits = check_written(*written, xsd);
    if (!fits) return fits.error();
    ledger::StoredEnvelope out;
    out.skeleton = std::move(written->skeleton);
    for (std::size_t i = 0; i < texts.size(); ++i)
        out.holes.push_back(
            {written->hole_offsets.at(i),
             texts[i].sha256(),
             texts[i].bytes(),
             document.attachments.at(i).facts.has_cr}
        );
    auto completed = complete(out, texts);
    if (!completed) return completed.error();
    return out;
}

Result<ledger::StoredEnvelope> compose(const model::Status& status, const envelope::Xsd* xsd) {
    auto written = envelope::write(status);
    if (!written) return written.error();
    auto fits = check_written(*written, xsd);
    if (!fits) return fits.error();
    ledger::StoredEnvelope out;
    out.skeleton = std::move(written->skeleton);
    auto completed = complete(out, std::vector<spool::Staged>{});
    if (!completed) return completed.error();
    return out;
}

Result<ledger::StoredEnvelope> relay(
    const ledger::StoredEnvelope& envelope,
    const std::vector<spool::Staged>& texts,
    const model::TraceHeader& header
) {
    std::vector<envelope::Hole> holes;
    for (const auto& stored : envelope.holes) {
        envelope::Hole hole;
        hole.offset = stored.offset;
        holes.push_back(hole);
    }
    auto relayed = envelope::append_trace(envelope.skeleton, holes, header);
    if (!relayed) return relayed.error();
    ledger::StoredEnvelope out;
    out.skeleton = std::move(relayed->skeleton);
    out.holes = envelope.holes;
    for (std::size_t i = 0; i < out.holes.size(); ++i) out.holes[i].offset = relayed->holes[i].offset;
    auto completed = complete(out, texts);
    if (!completed) return completed.error();
    return out;
}

std::vector<ledger::NewBlob> new_blobs(const std::vector<spool::Staged>& texts) {
    std::vector<ledger::NewBlob> out;
    for (const auto& text : texts)
        out.push_back(
            {text.sha256(), text.bytes(), text.is_inline() ? std::optional{text.inline_text()} : std::nullopt}
        );
    return out;
}

}  // namespace axis::intake
