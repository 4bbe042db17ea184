#include "gateway/envelope/attachment.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/model/file_name.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace axis::envelope {

namespace {

constexpr std::size_t extension_bytes_max = 64;
constexpr std::array<std::string_view, 6> raw_extensions{"pdf", "doc", "docx", "xsl", "xslx", "zip"};

struct Field {
    std::uint64_t value;
    unsigned bytes;
};

std::string little_endian(std::initializer_list<Field> fields) {
    std::string out;
    for (const auto& field : fields)
        for (unsigned i = 0; i < field.bytes; ++i)
            out += static_cast<char>(static_cast<unsigned char>(field.value >> (8 * i)));
    return out;
}

// A ZIP of one deflated entry, as the SDK writes it: sizes in a descriptor after the data. The date is fixed.
class Zip {
public:
    explicit Zip(std::string name) : name_{std::move(name)}, buffer_(64 * 1024, '\0') {
        if (deflateInit2(&zlib_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
            Z_OK)
            throw std::bad_alloc{};
    }
    ~Zip() { deflateEnd(&zlib_); }
    Zip(const Zip&) = delete;
    Zip& operator=(const Zip&) = delete;

    std::string begin() const {
        return little_endian({{0x04034b50, 4}}) + common() +
               little_endian({{0, 4}, {0, 4}, {0, 4}, {name_.size(), 2}, {0, 2}}) + name_;
    }

    template <class Out>
    void update(std::string_view bytes, Out out) {
        crc_ = static_cast<std::uint32_t>(
            crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size())
        );
        for (unpacked_ += bytes.size(); !bytes.empty();) {
            const auto piece = bytes.substr(0, 1u << 30);  // zlib counts in uInt
            run(piece, Z_NO_FLUSH, out);
            bytes.remove_prefix(piece.size());
        }
    }

    template <class Out>
    void finish(Out out) {
        run({}, Z_FINISH, out);
        const auto sizes = little_endian({{crc_, 4}, {packed_, 4}, {unpacked_, 4}});
        const auto central =
            little_endian({{0x02014b50, 4}, {20, 2}}) + common() + sizes +
            little_endian({{name_.size(), 2}, {0, 2}, {0, 2}, {0, 2}, {0, 2}, {0, 4}, {0, 4}}) + name_;
        const auto central_at = begin().size() + packed_ + 16;
        out(little_endian({{0x08074b50, 4}}) + sizes + central +
            little_endian(
                {{0x06054b50, 4}, {0, 4}, {1, 2}, {1, 2}, {central.size(), 4}, {central_at, 4}, {0, 2}}
            ));
    }

private:
    // Version 2.0, descriptor and UTF-8 name, deflate, 1980-01-01 00:00.
    static std::string common() { return little_endian({{20, 2}, {0x0808, 2}, {8, 2}, {0, 2}, {0x0021, 2}}); }

    template <class Out>
    void run(std::string_view bytes, int flush, Out& out) {
        // zlib's interface predates const.
        zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        zlib_.avail_in = static_cast<uInt>(bytes.size());
        do {
            zlib_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
            zlib_.avail_out = static_cast<uInt>(buffer_.size());
            AXIS_ASSERT(deflate(&zlib_, flush) != Z_STREAM_ERROR);
            const auto n = buffer_.size() - zlib_.avail_out;
            packed_ += n;
            out(std::string_view{buffer_}.substr(0, n));
        } while (zlib_.avail_out == 0);
    }

    std::string name_;
    std::string buffer_;
    z_stream zlib_{};
    std::uint32_t crc_ = 0;
    std::uint64_t packed_ = 0;
    std::uint64_t unpacked_ = 0;
};

}  // namespace

std::string extension_of(std::string_view file_name) {
    file_name = trimmed(file_name);
    while (file_name.ends_with('>')) file_name.remove_suffix(1);
    const auto dot = file_name.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == file_name.size()) return "unk";
    const auto extension = file_name.substr(dot + 1);
    if (extension.size() > extension_bytes_max) return "unk";
    if (extension.find(':') != std::string_view::npos) return "unk";  // Windows unpacks no such name
    return lower_ascii(extension);
}

bool travels_raw(std::string_view file_name) {
    return std::find(raw_extensions.begin(), raw_extensions.end(), extension_of(file_name)) !=
           raw_extensions.end();
}

std::string content_type_for(std::string_view file_name) {
    return "application/" + (travels_raw(file_name) ? extension_of(file_name) : "zip");
}

struct AttachmentEncoder::Impl {
    Base64Encoder base64;
    Sha256Hasher hasher;
    Sha256 sha256;
    std::uint64_t bytes = 0;
    std::unique_ptr<Zip> zip;
    bool wrapped = false;
    bool begun = false;

    auto into(std::string& text) {
        return [this, &text](std::string_view packed) { base64.update(packed, text); };
    }
    void begin(std::string& text) {
        if (!begun && zip) base64.update(zip->begin(), text);
        begun = true;
    }
};

AttachmentEncoder::AttachmentEncoder(std::string_view file_name, Random& random)
    : impl_{std::make_unique<Impl>()} {
    impl_->wrapped = !travels_raw(file_name);
    if (impl_->wrapped) impl_->zip = std::make_unique<Zip>(random.uuid() + "." + extension_of(file_name));
}
AttachmentEncoder::~AttachmentEncoder() = default;
AttachmentEncoder::AttachmentEncoder(AttachmentEncoder&&) noexcept = default;

void AttachmentEncoder::update(std::string_view bytes, std::string& text) {
    impl_->begin(text);
    impl_->hasher.update(bytes);
    impl_->bytes += bytes.size();
    if (impl_->zip)
        impl_->zip->update(bytes, impl_->into(text));
    else
        impl_->base64.update(bytes, text);
}

void AttachmentEncoder::finish(std::string& text) {
    impl_->begin(text);
    if (impl_->zip) impl_->zip->finish(impl_->into(text));
    impl_->base64.finish(text);
    impl_->sha256 = impl_->hasher.finish();
    impl_->zip.reset();
}

Sha256 AttachmentEncoder::file_sha256() const {
    return impl_->sha256;
}
std::uint64_t AttachmentEncoder::file_bytes() const {
    return impl_->bytes;
}
bool AttachmentEncoder::wrapped() const {
    return impl_->wrapped;
}

}  // namespace axis::envelope
