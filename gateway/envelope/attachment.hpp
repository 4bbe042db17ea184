// How a file becomes the text of ContentTransferEncoded and back (edxml-standard.md §1.10, SDK 0.0.3's
// rules).
//
// Out: extension (lower case) pdf, doc, docx, xsl, xslx, zip → the bytes as they are, ContentType
// application/<ext>; every other → a ZIP with one entry <uuid>.<ext>, ContentType application/zip;
// AttachmentName keeps the original. In: by content first, label second, since labels lie both ways. A text
// that begins PK\3\4 under a name whose extension is not ZIP-based: its single entry is the file. A ZIP-based
// name (zip, docx, xlsx, odt, jar …): only when the archive is one entry <uuid>.<same ext>, or one entry that
// is itself a ZIP under the name of an office format, which never has one entry only. A file that does not
// begin as its name says is delivered all the same, with an observation that tells its kind (libmagic). What
// cannot be unwrapped for a harmless reason (several entries, ZIP64, method not stored/deflate, encrypted) is
// delivered as it is, with an observation. Entry names are never used. Any thread, one at a time per object;
// streaming in both directions, memory O(1).
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/envelope/scanner.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::envelope {

struct AttachmentLimits {
    std::uint64_t file_bytes_max = 2ull * 1024 * 1024 * 1024;  // unwrapped
    std::uint64_t free_bytes = 10 * 1024 * 1024;               // unwrapped at any ratio
    std::uint64_t ratio_max = 200;                             // unwrapped : wrapped, beyond these
};

// The file extension, lower case, without dot and without the SDK's stray '>'; "unk" for none and with ':'.
std::string extension_of(std::string_view file_name);
bool travels_raw(std::string_view file_name);
std::string content_type_for(std::string_view file_name);

// File bytes in, base64 text (one line) out. The caller keeps files below 4 GiB (no ZIP64).
class AttachmentEncoder {
public:
    AttachmentEncoder(std::string_view file_name, Random& random);
    ~AttachmentEncoder();
    AttachmentEncoder(AttachmentEncoder&&) noexcept;
    void update(std::string_view bytes, std::string& text);  // appends
    void finish(std::string& text);
    // After finish():
    Sha256 file_sha256() const;
    std::uint64_t file_bytes() const;
    bool wrapped() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// What the text holds under a given label.
struct FileFacts {
    bool wrapped = false;
    Sha256 sha256;  // of the file, unwrapped
    std::uint64_t bytes = 0;
    std::vector<Observation> observations;
};

// Base64 text in, file bytes out.
//   first pass:  by_label   both readings are digested at once; the label may be known only afterwards:
//   decide() later:       plain, unwrap   stream the reading that decide() chose into the sink
class AttachmentDecoder {
public:
    enum class Mode { by_label, plain, unwrap };
    using Sink = std::function<Result<>(std::string_view bytes)>;  // plain and unwrap: the file's bytes

    explicit AttachmentDecoder(Mode mode, AttachmentLimits limits = {}, Sink sink = {});
    ~AttachmentDecoder();
    AttachmentDecoder(AttachmentDecoder&&) noexcept;
    // attachment.base64, or what the sink said; unwrap mode also attachment.zip, attachment.bomb.
    Result<> update(std::string_view text);
    Result<> finish();
    bool has_cr() const;

    // by_label, after finish(): which reading holds. attachment.zip: labelled as wrapped, but damaged;
    // attachment.bomb; attachment.destroyed (text decoding replaced its bytes by U+FFFD). Repeats safely.
    Result<FileFacts> decide(std::string_view file_name, std::string_view content_type) const;
    // plain and unwrap, after finish(): of what went to the sink.
    Sha256 file_sha256() const;
    std::uint64_t file_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The whole of a small file out of its text, which `pass` hands over. Nothing when the text is not what its
// facts say; an error is the one of `pass`.
using PassText = std::function<Result<>(const std::function<Result<>(std::string_view piece)>& sink)>;
Result<std::optional<std::string>> file_in(const PassText& pass, bool wrapped);

}  // namespace axis::envelope
