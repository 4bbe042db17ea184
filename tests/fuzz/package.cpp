// package: the JSON of a package. What is taken is the same after a way through JSON; what is posted can be
// written as an envelope, and that envelope reads.
#include "gateway/package/package.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/writer.hpp"
#include "tests/fuzz/envelopes.hpp"

using namespace axis;
using namespace axis::fuzz;
using package::Demand;

namespace {

constexpr package::Limits small{
    .recipient_count_max = 2, .file_count_max = 1, .file_name_characters_max = 20};

void check_refusal(const Error& error) {
    require(error.code == errc::package_not_json || !error.faults.empty(), "a refusal names its faults");
    require(error.faults.size() <= 100, "not more faults than fit a reply");
    require(is_utf8(to_string(error)), "a refusal is UTF-8");
    for (const auto& fault : error.faults)
        require(fault.pointer.empty() || fault.pointer.starts_with('/'), "a fault has its pointer");
}

package::Classes classes_of(const model::Package& package) {
    return {package.security_class, package.restricted_publication, package.denunciation};
}

bool same_files(const model::Package& a, const model::Package& b) {
    const auto same = [](const model::DeclaredFile& x, const model::DeclaredFile& y) {
        return x.name == y.name && x.description == y.description && x.sha256 == y.sha256;
    };
    return std::equal(a.files.begin(), a.files.end(), b.files.begin(), b.files.end(), same);
}

void check_received(const model::Package& package) {
    const auto json = package::to_package_json(package.document, classes_of(package));
    const auto again = package::parse(json, {}, Demand::received);
    require(again.has_value(), "what was taken is taken again", said(again) + "\n" + json);
    require(again->document == package.document, "parse(to_package_json(d)) is d", json);
    require(again->security_class == package.security_class, "the class is kept");
    require(again->restricted_publication == package.restricted_publication, "the first flag is kept");
    require(again->denunciation == package.denunciation, "the second flag is kept");
    require(package::to_package_json(again->document, classes_of(*again)) == json, "and gives the same JSON");
}

// As compose.cpp does: each file an attachment.
model::Document with_attachments(const model::Package& package) {
    auto document = package.document;
    envelope::add_sdk_defaults(document);
    for (const auto& file : package.files) {
        model::Attachment attachment;
        attachment.name = file.name;
        attachment.description = file.description;
        attachment.content_type = envelope::content_type_for(file.name);
        attachment.content_id = std::to_string(document.attachments.size() + 1);
        document.attachments.push_back(std::move(attachment));
    }
    return document;
}

void trim(std::string& text) {
    text = std::string{trimmed(text)};
}

template <class T>
void drop_empty(std::vector<T>& list) {
    std::erase(list, T{});
}

// What a reader makes of it: blanks around identities and names do not count, nor do entries that say
// nothing.
model::Document as_read(model::Document document) {
    for (auto* word :
         {&document.document_id, &document.number, &document.notation, &document.business.document_id})
        trim(*word);
    for (auto& one : document.response_for) trim(one.code), trim(one.document_id);
    for (auto& one : document.trace) trim(one.timestamp);
    for (auto& one : document.attachments) trim(one.name);
    for (auto& one : document.business.replacements) trim(one.document_id);
    for (auto& one : document.business.updates) drop_empty(one.receivers);
    drop_empty(document.response_for);
    drop_empty(document.trace);
    drop_empty(document.business.updates);
    drop_empty(document.business.staff);
    return document;
}

// "null" alone is absent in an envelope (edxml-standard.md §1.1), whoever wrote it.
bool may_say_null(std::string_view bytes) {
    return bytes.find("null") != std::string_view::npos;
}

void check_writing(const model::Package& package) {
    const auto document = with_attachments(package);
    const auto out = envelope::write(document);
    require(out.has_value(), "what is posted can be written", said(out));
    const std::vector<std::string> texts(out->hole_offsets.size(), "YQ==");
    const auto bytes = splice(out->skeleton, out->hole_offsets, texts);
    SeededRandom random{7};
    envelope::Checker checker{random};
    const auto fed = checker.feed(bytes);
    require(fed.has_value(), "what is written scans", said(fed) + "\n" + bytes);
    const auto checked = checker.finish();
    require(checked.has_value(), "what is written reads", said(checked) + "\n" + bytes);
    auto read = std::get<model::Document>(checked->read.content);
    require(read.attachments.size() == package.files.size(), "with its files", bytes);
    for (auto& attachment : read.attachments) attachment.facts = {};
    if (!may_say_null(bytes)) require(read == as_read(document), "as what was posted", bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto json = text_of(data, size);
    const auto posted = package::parse(json);
    const auto received = package::parse(json, {}, Demand::received);
    const auto bounded = package::parse(json, small);
    if (!posted) check_refusal(posted.error());
    if (!received) check_refusal(received.error());
    if (received) check_received(*received);
    if (posted) {
        require(received.has_value(), "what may be posted is taken from an envelope", said(received));
        require(same_files(*posted, *received), "the files are the same, whatever is demanded");
        check_writing(*posted);
    }
    require(!bounded || posted, "smaller limits take no more");
    require(!bounded || bounded->document.to.size() <= small.recipient_count_max, "recipients are bounded");
    require(!bounded || bounded->files.size() <= small.file_count_max, "files are bounded");
    return 0;
}
