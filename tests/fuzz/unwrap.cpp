// unwrap: the input is the bytes of an attachment. One verdict however they are cut; what comes out stays
// within the limits, is what decide() counted, and is what the other modes stream. The same input as a file:
// what the encoder wraps is unwrapped to the file.
#include "gateway/envelope/unwrap.hpp"

#include "gateway/base/base64.hpp"
#include "tests/fuzz/harness.hpp"

using namespace axis;
using namespace axis::envelope;
using namespace axis::fuzz;

namespace {

using Mode = AttachmentDecoder::Mode;
using Verdict = Unwrapper::Verdict;

constexpr AttachmentLimits small{.file_bytes_max = 200'000, .free_bytes = 4'000, .ratio_max = 20};

struct Unwrapped {
    Verdict verdict = Verdict::open;
    std::string reason;
    std::string entry_name;
    std::string bytes;
    friend bool operator==(const Unwrapped&, const Unwrapped&) = default;
};

Unwrapped unwrap(const Cut& cut) {
    Unwrapped out;
    Unwrapper unwrapper{small, [&out](std::string_view bytes) {
                            out.bytes += bytes;
                            return Result<>{};
                        }};
    const auto fed = cut.feed([&](std::string_view piece) { return unwrapper.update(piece); });
    require(fed.has_value(), "an unwrapper refuses nothing by itself");
    unwrapper.finish();
    require(out.bytes.size() <= small.file_bytes_max, "what comes out is within the limit");
    out.verdict = unwrapper.verdict();
    out.reason = unwrapper.reason();
    out.entry_name = unwrapper.entry_name();
    if (out.verdict != Verdict::single) out.bytes.clear();  // as much as came until the refusal
    return out;
}

struct Streamed {
    std::string said;
    std::string bytes;
    friend bool operator==(const Streamed&, const Streamed&) = default;
};

Streamed stream(Mode mode, const Cut& text) {
    Streamed out;
    AttachmentDecoder decoder{mode, small, [&out](std::string_view bytes) {
                                  out.bytes += bytes;
                                  return Result<>{};
                              }};
    auto result = text.feed([&](std::string_view piece) { return decoder.update(piece); });
    if (result) result = decoder.finish();
    if (!result) return {said(result), {}};
    require(decoder.file_bytes() == out.bytes.size(), "what is streamed is counted");
    require(decoder.file_sha256() == sha256(out.bytes), "what is streamed is digested");
    out.said = "ok";
    return out;
}

struct Label {
    std::string_view name, type;
};
constexpr std::array<Label, 3> labels{
    {{"a.txt", "application/zip"}, {"a.docx", "application/docx"}, {"a.pdf", "application/pdf"}}};

struct Decided {
    std::string said;  // with the observations
    bool wrapped = false;
    Sha256 sha256;
    std::uint64_t bytes = 0;
    friend bool operator==(const Decided&, const Decided&) = default;
};

// One for each label.
std::vector<Decided> decide(const Cut& text) {
    AttachmentDecoder decoder{Mode::by_label, small};
    auto result = text.feed([&](std::string_view piece) { return decoder.update(piece); });
    if (result) result = decoder.finish();
    require(result.has_value(), "base64 decodes");
    std::vector<Decided> out;
    for (const auto& label : labels) {
        const auto facts = decoder.decide(label.name, label.type);
        auto& one = out.emplace_back();
        one.said = said(facts);
        if (!facts) continue;
        one = {said(facts), facts->wrapped, facts->sha256, facts->bytes};
        for (const auto& seen : facts->observations) one.said += " " + seen.code + " " + seen.text;
    }
    return out;
}

// What decide() says holds is what that reading streams.
void check_labels(std::string_view text) {
    const auto decided =
        same_however_cut(text, "an attachment is decided the same however it is cut", decide);
    for (const auto& facts : decided) {
        if (!facts.said.starts_with("ok")) continue;
        const auto streamed = stream(facts.wrapped ? Mode::unwrap : Mode::plain, Cut{text, text.size()});
        require(streamed.said == "ok", "the reading that was decided can be streamed", streamed.said);
        require(facts.bytes == streamed.bytes.size(), "it has the length that was decided");
        require(facts.sha256 == sha256(streamed.bytes), "it is the file that was decided");
    }
}

// A file of ours, on its way out and back in.
void check_file(std::string_view file, std::string_view name) {
    SeededRandom random{1};
    std::string text;
    AttachmentEncoder encoder{name, random};
    const auto fed = Cut{file, 200}.feed([&](std::string_view piece) {
        encoder.update(piece, text);
        return Result<>{};
    });
    encoder.finish(text);
    require(fed && encoder.file_bytes() == file.size(), "an encoder counts");
    require(encoder.file_sha256() == sha256(file), "an encoder digests");
    if (!encoder.wrapped()) return;
    AttachmentDecoder decoder{Mode::by_label};
    require(decoder.update(text) && decoder.finish(), "what is encoded decodes");
    const auto facts = decoder.decide(name, content_type_for(name));
    if (!facts && facts.error().code == errc::attachment_destroyed) return;  // it was before
    require(facts && facts->wrapped && facts->sha256 == sha256(file), "and is the file", said(facts));
    for (const auto& seen : facts->observations)  // bytes of chance are seldom what their name says
        require(seen.code == "attachment.type", "without another word", seen.code);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = text_of(data, size);
    const auto unwrapped = same_however_cut(bytes, "one verdict however the bytes are cut", unwrap);
    require(unwrapped.verdict != Verdict::open, "a verdict is reached");
    const auto text = base64_encode(bytes);
    const auto streamed =
        same_however_cut(text, "unwrapping streams the same however it is cut", [](const Cut& cut) {
            return stream(Mode::unwrap, cut);
        });
    require((streamed.said == "ok") == (unwrapped.verdict == Verdict::single), "only one verdict streams");
    require(streamed.said != "ok" || streamed.bytes == unwrapped.bytes, "and streams the entry");
    check_labels(text);
    check_file(bytes, "a.xlsx");
    return 0;
}
