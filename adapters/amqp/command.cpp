#include "adapters/amqp/command.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/package/json_text.hpp"
#include "gateway/ports/idempotency.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace axis::software {

namespace json = boost::json;

namespace {

Error malformed(std::string detail) {
    return {errc::command_malformed, std::move(detail)};
}

// The end of the value that begins at `at`, in text that is known to be JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') ++at;
            if (c == '"') quoted = false;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ':')) return at;
        if (c == '"') quoted = true;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return at;
}

// A member of the outer object as it was written: two ways of writing it are two contents, as with REST.
std::string member_text(std::string_view text, std::string_view name) {
    constexpr std::string_view blank = " \t\r\n";
    const auto skip = [&](std::size_t at) {
        return std::min(text.find_first_not_of(blank, at), text.size());
    };
    for (auto at = skip(text.find('{') + 1); at < text.size() && text[at] == '"';) {
        const auto colon = end_of_value(text, at);
        auto key = text.substr(at + 1, colon - at);
        key = key.substr(0, key.find('"'));
        const auto from = skip(colon + 1);
        const auto end = end_of_value(text, from);
        if (key == name) {
            const auto value = text.substr(from, end - from);
            return std::string{value.substr(0, value.find_last_not_of(blank) + 1)};
        }
        at = skip(end + 1);
    }
    return {};
}

// Members we do not know are named rather than ignored.
Result<> known_only(
    const json::object& object, std::string_view where, std::initializer_list<std::string_view> names
) {
    for (const auto& member : object) {
        const std::string_view key{member.key().data(), member.key().size()};
        if (std::find(names.begin(), names.end(), key) == names.end())
            return malformed(std::string{where} + "/" + std::string{key.substr(0, 100)} + " is not known");
    }
    return {};
}

const json::string* text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value ? value->if_string() : nullptr;
}

Result<CommandFile> read_file(const json::value& value, const std::string& pointer) {
    const auto* object = value.if_object();
    if (object == nullptr) return malformed(pointer + " is not an object");
    auto known = known_only(*object, pointer, {"name", "base64", "claim"});
    if (!known) return known.error();
    const auto* name = text_in(*object, "name");
    const auto* base64 = text_in(*object, "base64");
    const auto* claim = text_in(*object, "claim");
    if (name == nullptr || (base64 == nullptr) == (claim == nullptr) || object->size() != 2)
        return malformed(pointer + " takes name, and base64 or claim");
    CommandFile out;
    out.name.assign(name->data(), name->size());
    if (claim != nullptr) out.claim.assign(claim->data(), claim->size());
    if (base64 != nullptr && !base64_decode({base64->data(), base64->size()}, out.bytes))
        return Error{errc::attachment_base64, out.name, {{pointer + "/base64", errc::attachment_base64, {}}}};
    if (claim != nullptr && out.claim.empty()) return malformed(pointer + "/claim is empty");
    return out;
}

Result<std::vector<CommandFile>> read_files(const json::value* value, const CommandLimits& limits) {
    std::vector<CommandFile> out;
    if (value == nullptr) return out;
    const auto* array = value->if_array();
    if (array == nullptr) return malformed("/files is not an array");
    if (array->size() > limits.file_count_max)
        return Error{
            errc::command_too_large, "more than " + std::to_string(limits.file_count_max) + " files"};
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto file = read_file((*array)[i], "/files/" + std::to_string(i));
        if (!file) return file.error();
        bytes += file->bytes.size();
        if (bytes > limits.inline_bytes_max)
            return Error{
                errc::command_too_large,
                "files in the message: more than " + std::to_string(limits.inline_bytes_max) + " bytes"};
        out.push_back(std::move(*file));
    }
    return out;
}

Result<Command> read_package(const json::object& body, std::string_view text, const CommandLimits& limits) {
    auto known = known_only(body, "", {"package", "files", "dry_run"});
    if (!known) return known.error();
    SubmitPackage out;
    out.package = member_text(text, "package");
    if (out.package.empty()) return malformed("/package is missing");
    if (out.package.size() > limits.package_bytes_max) return Error{errc::package_too_large};
    if (const auto* dry_run = body.if_contains("dry_run")) {
        if (!dry_run->is_bool()) return malformed("/dry_run is not true or false");
        out.dry_run = dry_run->get_bool();
    }
    auto files = read_files(body.if_contains("files"), limits);
    if (!files) return files.error();
    out.files = std::move(*files);
    return Command{std::move(out)};
}

// Without the time it happened a report that is handed out again would count as a second one.
Result<Command> read_status(const json::object& body, std::string_view text, const CommandLimits& limits) {
    auto known = known_only(body, "", {"message_id", "status"});
    if (!known) return known.error();
    const auto* id = text_in(body, "message_id");
    const auto about = id ? model::MessageId::parse({id->data(), id->size()}) : std::nullopt;
    if (!about) return malformed("/message_id is not a message id");
    const auto* status = body.if_contains("status");
    const auto* object = status ? status->if_object() : nullptr;
    if (object == nullptr) return malformed("/status is not an object");
    if (text_in(*object, "at") == nullptr) return malformed("/status/at is required through a queue");
    ReportStatus out{*about, member_text(text, "status")};
    if (out.status.size() > limits.status_bytes_max) return Error{errc::command_too_large, "/status"};
    return Command{std::move(out)};
}

Result<Command> read_acknowledgement(const json::object& body) {
    auto known = known_only(body, "", {"through"});
    if (!known) return known.error();
    const auto* through = body.if_contains("through");
    const auto* number = through ? through->if_int64() : nullptr;
    if (number == nullptr || *number < 0) return malformed("/through is not the seq of an event");
    return Command{AcknowledgeEvents{*number}};
}

}  // namespace

Result<Command> read_command(const amqp::Received& received, const CommandLimits& limits) {
    const auto& message = received.message;
    if (received.oversized) return Error{errc::command_too_large, "files larger than 1 MiB go by claim"};
    if (!ports::is_idempotency_key(message.id))
        return malformed(
            "property message_id: 1 to " + std::to_string(ports::idempotency_key_bytes_max) +
            " visible ASCII characters"
        );
    std::string problem;
    const auto value = package::read_json(message.body, problem);
    if (!value) return malformed("not JSON: " + problem);
    const auto* body = value->if_object();
    if (body == nullptr) return malformed("the body is not an object");
    if (message.type == "package") return read_package(*body, message.body, limits);
    if (message.type == "status") return read_status(*body, message.body, limits);
    if (message.type == "events.acknowledge") return read_acknowledgement(*body);
    return malformed("property type: package, status or events.acknowledge");
}

}  // namespace axis::software
