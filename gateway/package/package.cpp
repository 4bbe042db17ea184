#include "gateway/package/package.hpp"

#include "gateway/package/json_text.hpp"
#include "gateway/package/tables.hpp"
#include "gateway/package/words.hpp"

#include <boost/json/serialize.hpp>

namespace axis::package {

namespace {

// What the schema documents as defaults.
void add_defaults(model::Document& document) {
    if (!document.type.type) document.type.type = 2;
    if (!document.other.priority) document.other.priority = 0;
}

Error invalid(errc code, Context& context) {
    return {code, std::to_string(context.fault_count()) + " faults", context.take()};
}

// In the order of the table, the classes only when they are known.
json::object package_object(const model::Document& document, const std::optional<Classes>& classes) {
    model::Package package;
    package.document = document;
    if (classes) {
        package.security_class = classes->security_class;
        package.restricted_publication = classes->restricted_publication;
        package.denunciation = classes->denunciation;
    }
    json::object object;
    for (const auto& row : package_table())
        if (row.need != Need::always || classes) row.write(package, object);
    return object;
}

}  // namespace

Result<model::Package> parse(std::string_view json, const Limits& limits, Demand demand) {
    std::string problem;
    const auto value = read_json(json, problem);
    if (!value) return Error{errc::package_not_json, problem};
    Context context{limits, demand};
    model::Package package;
    read_object(context, *value, package_table(), package);
    if (context.fault_count() > 0) return invalid(errc::package_invalid, context);
    if (context.posted()) add_defaults(package.document);
    return package;
}

Result<model::Status> parse_status(std::string_view json) {
    std::string problem;
    const auto value = read_json(json, problem);
    if (!value) return Error{errc::status_invalid, "not JSON: " + problem};
    const Limits limits;
    Context context{limits, Demand::posted};
    model::Status status;
    read_object(context, *value, status_table(), status);
    if (context.fault_count() == 0 && status.description.empty() &&
        model::status_code::needs_reason(status.code))
        context.fault_below("description", errc::field_missing, "status " + status.code + " needs a reason");
    if (context.fault_count() > 0) return invalid(errc::status_invalid, context);
    return status;
}

std::string to_json(const model::Document& document, std::string_view url_prefix) {
    auto object = package_object(document, std::nullopt);
    object.stable_erase("extensions");
    if (document.business.type == model::BusinessType::new_document) object.stable_erase("business");
    std::size_t ordinal = 0;
    for (auto& file : object["files"].as_array())
        if (!url_prefix.empty())
            file.as_object()["url"] = std::string{url_prefix} + "/" + std::to_string(++ordinal);
    return json::serialize(object);
}

std::string to_json(const model::Status& status) {
    auto object = write_object(status_table(), status);
    if (!status.at && !status.timestamp.empty()) object["at_text"] = status.timestamp;
    object["response_for"] = write_object(reference_table(), status.response_for);
    json::array extensions;
    for (const auto& one : status.extensions) extensions.push_back(write_object(extension_table(), one));
    if (!extensions.empty()) object["extensions"] = std::move(extensions);
    return json::serialize(object);
}

std::string to_package_json(const model::Document& document, const std::optional<Classes>& classes) {
    return pretty(package_object(document, classes));
}

std::optional<model::SecurityClass> security_class_named(std::string_view word) {
    for (const auto& row : security_classes)
        if (row.word == word) return static_cast<model::SecurityClass>(row.number);
    return std::nullopt;
}

std::string_view priority_word(int priority) {
    return word_of(priorities, priority);
}

}  // namespace axis::package
