#include "gateway/package/package.hpp"

#include "gateway/package/json_text.hpp"
#include "gateway/package/tables.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace axis::package {

namespace {

// What the schema documents as defaults.
model::Package blank_package() {
    model::Package package;
    package.document.type.type = 2;
    package.document.other.priority = 0;
    return package;
}

Error invalid(errc code, Context& context) {
    return {code, std::to_string(context.fault_count()) + " faults", context.take()};
}

json::object file_object(const model::Attachment& attachment) {
    json::object file{{"name", attachment.name}};
    if (!attachment.description.empty()) file["description"] = attachment.description;
    file["sha256"] = attachment.facts.file_sha256.hex();
    file["bytes"] = attachment.facts.file_bytes;
    return file;
}

}  // namespace

Result<model::Package> parse(std::string_view json, const Limits& limits) {
    std::string problem;
    const auto value = read_json(json, problem);
    if (!value) return Error{errc::package_not_json, problem};
    Context context{limits};
    auto package = blank_package();
    read_object(context, *value, package_table(), package);
    if (context.fault_count() > 0) return invalid(errc::package_invalid, context);
    return package;
}

Result<model::Status> parse_status(std::string_view json) {
    std::string problem;
    const auto value = read_json(json, problem);
    if (!value) return Error{errc::status_invalid, "not JSON: " + problem};
    const Limits limits;
    Context context{limits};
    model::Status status;
    read_object(context, *value, status_table(), status);
    if (context.fault_count() == 0 && status.description.empty() &&
        model::status_code::needs_reason(status.code))
        context.fault_below("description", errc::field_missing, "status " + status.code + " needs a reason");
    if (context.fault_count() > 0) return invalid(errc::status_invalid, context);
    return status;
}

std::string to_json(const model::Document& document, std::string_view url_prefix) {
    auto object = write_object(document_table(), document);
    auto business = business_object(document.business);
    if (!business.empty()) object["business"] = std::move(business);
    json::array files;
    for (const auto& attachment : document.attachments) {
        auto file = file_object(attachment);
        if (!url_prefix.empty())
            file["url"] = std::string{url_prefix} + "/" + std::to_string(files.size() + 1);
        files.push_back(std::move(file));
    }
    object["files"] = std::move(files);
    return json::serialize(object);
}

std::string_view priority_word(int priority) {
    const auto words = priority_words();
    const auto found =
        std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.number == priority; });
    return found == words.end() ? std::string_view{} : found->word;
}

}  // namespace axis::package
