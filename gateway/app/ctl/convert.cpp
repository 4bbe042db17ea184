#include "gateway/app/ctl/convert.hpp"

#include "gateway/app/ctl/files.hpp"
#include "gateway/base/file.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/policy/policy.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace axis::ctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t posted_bytes_max = 1024 * 1024;  // the daemon's limit for the part package

std::string in_folder(const std::string& folder, std::string_view name) {
    return (fs::path{folder} / name).string();
}

std::vector<std::string> names_of(const std::vector<model::Attachment>& attachments) {
    std::vector<std::string> names;
    for (const auto& attachment : attachments) names.push_back(attachment.name);
    return stored_names(names);
}

Result<model::Package> read_package(const ToEnvelope& task) {
    auto text = read_file(task.package);
    if (!text) return text.error();
    if (!task.as_received && text->size() > posted_bytes_max) return Error{errc::package_too_large};
    auto package =
        package::parse(*text, {}, task.as_received ? package::Demand::received : package::Demand::posted);
    if (!package) return package;
    auto allowed = policy::admit(*package);
    if (!allowed) return allowed.error();
    return package;
}

// As the daemon makes them of a posted package.
void add_attachments(model::Package& package, Random& random) {
    for (const auto& file : package.files) {
        model::Attachment attachment;
        attachment.content_id = random.uuid();
        attachment.name = file.name;
        attachment.description = file.description;
        attachment.content_type = envelope::content_type_for(file.name);
        package.document.attachments.push_back(std::move(attachment));
    }
}

// A file that travelled otherwise than ours will cannot keep its label; one without id needs one.
void correct_labels(std::vector<model::Attachment>& attachments, Random& random) {
    for (auto& attachment : attachments) {
        if (attachment.facts.wrapped == envelope::travels_raw(attachment.name))
            attachment.content_type = envelope::content_type_for(attachment.name);
        if (attachment.content_id.empty()) attachment.content_id = random.uuid();
    }
}

model::Document compose(model::Package package, const ToEnvelope& task, Time now, Random& random) {
    auto& document = package.document;
    if (task.as_received) {
        correct_labels(document.attachments, random);
    } else {
        add_attachments(package, random);
        envelope::add_sdk_defaults(document);
        document.trace.clear();
        if (document.document_id.empty())
            document.document_id =
                model::make_document_id(document.from.code, document.issued, document.full_number());
    }
    if (!task.trace.empty()) document.trace.push_back({task.trace, to_envelope_text(now)});
    return std::move(document);
}

// One file through the encoder into the envelope.
Result<> encode(
    const std::string& path,
    const model::DeclaredFile& declared,
    std::size_t ordinal,
    bool may_be_empty,
    NewFile& out,
    Random& random
) {
    const auto pointer = "/files/" + std::to_string(ordinal);
    const auto refuse = [&](errc code, const std::string& at, const std::string& detail) {
        return Error{code, detail, {{at, code, detail}}};
    };
    if (!fs::exists(path)) return refuse(errc::file_missing, pointer, path);
    envelope::AttachmentEncoder encoder{declared.name, random};
    std::string text;
    std::uint64_t size = 0;
    auto read = read_through(path, [&](std::string_view bytes) -> Result<> {
        text.clear();
        encoder.update(bytes, text);
        size += bytes.size();
        if (size > envelope::AttachmentLimits{}.file_bytes_max)
            return refuse(errc::file_too_large, pointer, path);
        return out.write(text);
    });
    if (!read) return read;
    text.clear();
    encoder.finish(text);
    if (size == 0 && !may_be_empty) return refuse(errc::file_empty, pointer, path);
    if (declared.sha256 && *declared.sha256 != encoder.file_sha256())
        return refuse(errc::file_digest, pointer + "/sha256", encoder.file_sha256().hex());
    return out.write(text);
}

// What a package brings as XML of its own is trusted only when a reader finds just that in the envelope, in
// the same places.
Result<> check_extensions(const model::Document& document, const std::string& path, Random& random) {
    if (document.extensions.empty()) return {};
    auto checked = check_file(path, random);
    if (!checked) return checked.error();
    const auto in_place = [](std::vector<model::Extension> all) {
        std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
            return a.place < b.place;
        });
        return all;
    };
    const auto* read = std::get_if<model::Document>(&checked->read.content);
    if (read && in_place(read->extensions) == in_place(document.extensions)) return {};
    return Error{
        errc::package_invalid,
        "extensions",
        {{"/extensions", errc::field_value, "not elements beyond the standard, as an envelope has them"}}};
}

// Texts go to the files they hold, in whatever order they come.
class Unpacker final : public envelope::HoleSink {
public:
    Unpacker(const envelope::Checked& checked, std::vector<std::string> paths)
        : attachments_{std::get<model::Document>(checked.read.content).attachments},
          hole_of_{checked.read.hole_of},
          paths_{std::move(paths)} {}

    Result<> begin(std::size_t ordinal) override {
        const auto at = std::find(hole_of_.begin(), hole_of_.end(), ordinal);
        if (at == hole_of_.end()) return changed();
        open_ = static_cast<std::size_t>(at - hole_of_.begin());
        auto file = NewFile::create(paths_[open_]);
        if (!file) return file.error();
        files_.push_back(std::move(*file));
        using Decoder = envelope::AttachmentDecoder;
        const auto mode = attachments_[open_].facts.wrapped ? Decoder::Mode::unwrap : Decoder::Mode::plain;
        decoder_.emplace(mode, envelope::AttachmentLimits{}, [this](std::string_view bytes) {
            return files_.back().write(bytes);
        });
        return {};
    }
    Result<> text(std::string_view piece) override { return decoder_->update(piece); }
    Result<> end() override {
        auto finished = decoder_->finish();
        if (!finished) return finished;
        if (decoder_->file_sha256() != attachments_[open_].facts.file_sha256) return changed();
        return files_.back().close();
    }
    std::vector<NewFile> take() { return std::move(files_); }

private:
    static Error changed() { return {errc::stale, "the envelope has changed while it was read"}; }

    const std::vector<model::Attachment>& attachments_;
    const std::vector<std::size_t>& hole_of_;
    std::vector<std::string> paths_;
    std::vector<NewFile> files_;
    std::size_t open_ = 0;
    std::optional<envelope::AttachmentDecoder> decoder_;
};

// Markup of ours with the texts of another envelope between.
class Splicer final : public envelope::HoleSink {
public:
    Splicer(const envelope::Written& written, Sink out) : written_{written}, out_{std::move(out)} {}

    Result<> begin(std::size_t ordinal) override {
        if (ordinal >= written_.hole_offsets.size()) return Error{errc::stale, "the envelope has changed"};
        return markup(written_.hole_offsets[ordinal]);
    }
    Result<> text(std::string_view piece) override { return out_(piece); }
    Result<> end() override { return {}; }
    Result<> finish() { return markup(written_.skeleton.size()); }

private:
    Result<> markup(std::size_t until) {
        const auto from = std::exchange(done_, until);
        return out_(std::string_view{written_.skeleton}.substr(from, until - from));
    }

    const envelope::Written& written_;
    Sink out_;
    std::size_t done_ = 0;
};

Result<> make_folder(const std::string& folder) {
    std::error_code failure;
    fs::create_directory(folder, failure);
    if (failure) return Error{errc::io_failed, folder + ": " + failure.message()};
    return {};
}

// package.json is the last: where it stands, all stands.
Result<std::vector<std::string>> finish(
    std::vector<NewFile> files, const std::string& folder, std::string_view package_json
) {
    auto last = NewFile::create(in_folder(folder, package_file));
    if (!last) return last.error();
    auto written = last->write(package_json);
    if (written) written = last->close();
    if (!written) return written.error();
    files.push_back(std::move(*last));
    std::vector<std::string> paths;
    for (auto& file : files) {
        file.keep();
        paths.push_back(file.path());
    }
    return paths;
}

}  // namespace

Result<model::Document> to_envelope(const ToEnvelope& task, Time now, Random& random) {
    auto package = read_package(task);
    if (!package) return package.error();
    const auto declared = package->files;
    auto document = compose(std::move(*package), task, now, random);
    auto written = envelope::write(document);
    if (!written) return written.error();

    const auto folder = task.files.empty() ? fs::path{task.package}.parent_path().string() : task.files;
    const auto names = names_of(document.attachments);
    auto out = NewFile::create(task.out);
    if (!out) return out.error();
    std::size_t done = 0;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        const auto until = written->hole_offsets[i];
        auto sent = out->write(std::string_view{written->skeleton}.substr(done, until - done));
        if (sent) sent = encode(in_folder(folder, names[i]), declared[i], i, task.as_received, *out, random);
        if (!sent) return sent.error();
        done = until;
    }
    auto sent = out->write(std::string_view{written->skeleton}.substr(done));
    if (sent) sent = out->close();
    if (sent) sent = check_extensions(document, task.out, random);
    if (!sent) return sent.error();
    out->keep();
    return document;
}

Result<std::vector<std::string>> to_package(
    const std::string& envelope,
    const std::string& folder,
    const std::optional<package::Classes>& classes,
    Random& random
) {
    auto checked = check_file(envelope, random);
    if (!checked) return checked.error();
    const auto* document = std::get_if<model::Document>(&checked->read.content);
    if (!document) return Error{errc::message_not_document, envelope};
    auto made = make_folder(folder);
    if (!made) return made.error();
    auto paths = names_of(document->attachments);
    for (auto& path : paths) path = in_folder(folder, path);
    Unpacker unpacker{*checked, std::move(paths)};
    auto passed = pass_texts(envelope, unpacker);
    if (!passed) return passed.error();
    return finish(unpacker.take(), folder, package::to_package_json(*document, classes));
}

Result<> rewrite(const std::string& envelope, const std::string& out, Random& random) {
    auto checked = check_file(envelope, random);
    if (!checked) return checked.error();
    const auto& read = checked->read;
    auto written = std::visit([](const auto& content) { return envelope::write(content); }, read.content);
    if (!written) return written.error();
    if (!std::is_sorted(read.hole_of.begin(), read.hole_of.end()))
        return Error{errc::internal, "attachments in another order than their texts"};
    const auto pass = [&](const Sink& sink) -> Result<> {
        Splicer splicer{*written, sink};
        auto passed = pass_texts(envelope, splicer);
        return passed ? splicer.finish() : passed;
    };
    if (out.empty() || out == "-")
        return pass([](std::string_view bytes) { return write_all(bytes, STDOUT_FILENO, "-"); });
    auto file = NewFile::create(out);
    if (!file) return file.error();
    auto passed = pass([&](std::string_view bytes) { return file->write(bytes); });
    if (passed) passed = file->close();
    if (passed) file->keep();
    return passed;
}

Result<std::vector<std::string>> write_package(const package::Imported& imported, const std::string& folder) {
    auto made = make_folder(folder);
    if (!made) return made.error();
    std::vector<std::string> names;
    for (const auto& file : imported.files) names.push_back(file.name);
    names = stored_names(names);
    std::vector<NewFile> files;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto file = NewFile::create(in_folder(folder, names[i]));
        if (!file) return file.error();
        auto written = file->write(imported.files[i].bytes);
        if (written) written = file->close();
        if (!written) return written.error();
        files.push_back(std::move(*file));
    }
    return finish(std::move(files), folder, imported.package_json);
}

}  // namespace axis::ctl
