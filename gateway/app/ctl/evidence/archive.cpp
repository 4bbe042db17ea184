#include "gateway/app/ctl/evidence/archive.hpp"

#include "gateway/base/text.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace axis::ctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_bytes = 128 * 1024;
constexpr mode_t file_mode = 0644;

using ReadHandle = std::unique_ptr<archive, decltype([](archive* a) { archive_read_free(a); })>;
using WriteHandle = std::unique_ptr<archive, decltype([](archive* a) { archive_write_free(a); })>;
using EntryHandle = std::unique_ptr<archive_entry, decltype([](archive_entry* e) { archive_entry_free(e); })>;

// FOLDER/<64 digits>.END
bool is_addressed(std::string_view name, std::string_view folder, std::string& end) {
    constexpr std::size_t digits = 64, end_chars_max = 20;
    if (!name.starts_with(folder)) return false;
    name.remove_prefix(folder.size());
    if (name.size() < digits + 2 || name.size() > digits + 1 + end_chars_max || name[digits] != '.')
        return false;
    end = name.substr(digits + 1);
    return Sha256::from_hex(name.substr(0, digits)).has_value() &&
           end.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
}

bool is_evidence_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> fixed{
        "evidence.json", "README.txt", "SHA256SUMS", "message/skeleton.xml", "message/envelope.xml"};
    std::string end;
    return std::find(fixed.begin(), fixed.end(), name) != fixed.end() ||
           is_addressed(name, "materials/", end) ||
           (is_addressed(name, "certificates/", end) && end == "der");
}

Error refused(std::string why) {
    return {errc::evidence_refused, std::move(why)};
}

std::string said_by(archive* a) {
    const auto* text = archive_error_string(a);
    return text == nullptr ? "libarchive" : text;
}

la_ssize_t write_piece(archive* a, void* file, const void* bytes, std::size_t size) {
    auto written = static_cast<NewFile*>(file)->write({static_cast<const char*>(bytes), size});
    if (written) return static_cast<la_ssize_t>(size);
    archive_set_error(a, EIO, "%s", written.error().detail.c_str());
    return -1;
}

}  // namespace

struct ArchiveWriter::Impl {
    explicit Impl(NewFile out) : file{std::move(out)} {}

    Error failed() const { return {errc::io_failed, file.path() + ": " + said_by(handle.get())}; }

    Result<> begin(const std::string& name, std::uint64_t bytes) {
        const EntryHandle entry{archive_entry_new()};
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), file_mode);
        if (archive_write_header(handle.get(), entry.get()) != ARCHIVE_OK) return failed();
        hasher = Sha256Hasher{};
        return {};
    }
    Result<> write(std::string_view bytes) {
        hasher.update(bytes);
        if (archive_write_data(handle.get(), bytes.data(), bytes.size()) !=
            static_cast<la_ssize_t>(bytes.size()))
            return failed();
        return {};
    }
    void end(const std::string& name) { sums += hasher.finish().hex() + "  " + name + "\n"; }

    NewFile file;
    WriteHandle handle{archive_write_new()};
    Sha256Hasher hasher;
    std::string sums;
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::create(const std::string& path) {
    auto file = NewFile::create(path);
    if (!file) return file.error();
    auto impl = std::make_unique<Impl>(std::move(*file));
    auto* handle = impl->handle.get();
    if (archive_write_set_format_zip(handle) != ARCHIVE_OK ||
        archive_write_open(handle, &impl->file, nullptr, write_piece, nullptr) != ARCHIVE_OK)
        return impl->failed();
    return ArchiveWriter{std::move(impl)};
}

Result<> ArchiveWriter::add(const std::string& name, std::string_view bytes) {
    auto written = impl_->begin(name, bytes.size());
    if (written) written = impl_->write(bytes);
    if (written) impl_->end(name);
    return written;
}

Result<> ArchiveWriter::add_file(const std::string& name, const fs::path& file) {
    std::error_code failure;
    const auto bytes = fs::file_size(file, failure);
    if (failure) return Error{errc::io_failed, file.string() + ": " + failure.message()};
    auto written = impl_->begin(name, bytes);
    if (written)
        written = read_through(file.string(), [this](std::string_view piece) { return impl_->write(piece); });
    if (written) impl_->end(name);
    return written;
}

Result<> ArchiveWriter::finish() {
    const auto sums = impl_->sums;
    auto written = add("SHA256SUMS", sums);
    if (!written) return written;
    if (archive_write_close(impl_->handle.get()) != ARCHIVE_OK) return impl_->failed();
    auto closed = impl_->file.close();
    if (closed) impl_->file.keep();
    return closed;
}

Result<WorkFolder> WorkFolder::create() {
    auto name = (fs::temp_directory_path() / "axisctl-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return Error{errc::io_failed, name + ": " + errno_text(errno)};
    return WorkFolder{name};
}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

namespace {

class Extraction {
public:
    Extraction(archive* handle, const fs::path& folder, const ArchiveLimits& limits)
        : handle_{handle}, folder_{folder}, limits_{limits}, left_{limits.bytes_max} {}

    Result<Extracted> all() {
        archive_entry* entry = nullptr;
        for (;;) {
            const int read = archive_read_next_header(handle_, &entry);
            if (read == ARCHIVE_EOF) return std::move(out_);
            if (read != ARCHIVE_OK) return refused(said_by(handle_));
            const auto* name = archive_entry_pathname(entry);
            auto taken = name == nullptr || archive_entry_filetype(entry) != AE_IFREG
                             ? Result<>{refused("an entry that is no file")}
                             : one(name);
            if (!taken) return taken.error();
        }
    }

private:
    Result<> one(const std::string& name) {
        if (!is_evidence_name(name)) return refused("evidence has no file of the name " + json_quoted(name));
        if (out_.count(name) > 0) return refused(name + ": twice");
        if (out_.size() == limits_.entries_max) return refused("more than entries_max files");
        const auto path = folder_ / name;
        std::error_code failure;
        fs::create_directories(path.parent_path(), failure);
        auto file = NewFile::create(path.string());
        if (!file) return file.error();
        Sha256Hasher hasher;
        std::string buffer(piece_bytes, '\0');
        for (;;) {
            const auto got = archive_read_data(handle_, buffer.data(), buffer.size());
            if (got < 0) return refused(name + ": " + said_by(handle_));
            if (got == 0) break;
            const std::string_view piece{buffer.data(), static_cast<std::size_t>(got)};
            if (piece.size() > left_) return refused("more than bytes_max");
            left_ -= piece.size();
            hasher.update(piece);
            auto written = file->write(piece);
            if (!written) return written;
        }
        auto closed = file->close();
        if (!closed) return closed;
        file->keep();
        out_.emplace(name, hasher.finish());
        return {};
    }

    archive* handle_;
    const fs::path& folder_;
    const ArchiveLimits& limits_;
    std::uint64_t left_;
    Extracted out_;
};

}  // namespace

Result<Extracted> extract(const std::string& path, const fs::path& folder, const ArchiveLimits& limits) {
    const ReadHandle handle{archive_read_new()};
    if (archive_read_support_format_zip(handle.get()) != ARCHIVE_OK) return refused(said_by(handle.get()));
    if (archive_read_open_filename(handle.get(), path.c_str(), piece_bytes) != ARCHIVE_OK) {
        const auto why = path + ": " + said_by(handle.get());
        return fs::exists(path) ? refused(why) : Error{errc::io_failed, why};
    }
    return Extraction{handle.get(), folder, limits}.all();
}

}  // namespace axis::ctl
