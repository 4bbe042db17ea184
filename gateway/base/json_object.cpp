#include "gateway/base/json_object.hpp"

#include "gateway/base/text.hpp"

namespace axis {

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
    out_ += (out_.size() > 1 ? ",\"" : "\"") + std::string{name} + "\":";
    out_ += json;
    return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    return raw(name, json_quoted(value));
}

JsonObject& JsonObject::maybe(std::string_view name, std::string_view value) {
    return raw(name, value.empty() ? "null" : json_quoted(value));
}

JsonObject& JsonObject::given(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::time(std::string_view name, std::optional<Time> value) {
    return raw(name, value && *value != Time{} ? json_quoted(to_local_text(*value)) : "null");
}

std::string json_array(const std::vector<std::string>& items) {
    std::string out{"["};
    for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
    return out + "]";
}

}  // namespace axis
