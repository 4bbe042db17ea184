#include "gateway/package/fields.hpp"

#include "gateway/model/not_given.hpp"
#include "gateway/package/object_fields.hpp"
#include "gateway/package/word_fields.hpp"

namespace axis::package {

const json::string* read_text(
    Context& context, const json::value& value, Need need, std::size_t characters_max
) {
    const auto* s = value.if_string();
    if (!s) {
        context.fault(errc::field_type, "a text is wanted");
        return nullptr;
    }
    if (model::not_given(*s)) {
        if (need == Need::required && context.posted()) context.fault(errc::field_missing);
        return nullptr;
    }
    return check_text(context, *s, characters_max) ? s : nullptr;
}

std::optional<bool> read_flag(Context& context, const json::value& value) {
    if (value.is_bool()) return value.get_bool();
    context.fault(errc::field_type, "true or false is wanted");
    return std::nullopt;
}

std::optional<std::int64_t> read_number(
    Context& context, const json::value& value, std::int64_t min, std::int64_t max
) {
    if (!value.is_int64() && !value.is_uint64()) {
        context.fault(errc::field_type, "a whole number is wanted");
        return std::nullopt;
    }
    // A number that only fits unsigned is beyond every maximum here.
    if (value.is_int64() && value.get_int64() >= min && value.get_int64() <= max) return value.get_int64();
    context.fault(errc::field_value, std::to_string(min) + " to " + std::to_string(max) + " is wanted");
    return std::nullopt;
}

const json::array* read_array(Context& context, const json::value& value, std::size_t min, std::size_t max) {
    const auto* array = value.if_array();
    if (!array) {
        context.fault(errc::field_type, "a list is wanted");
        return nullptr;
    }
    if (!context.posted()) return array;
    if (array->size() < min) context.fault(errc::field_missing, "at least " + std::to_string(min));
    if (array->size() > max)
        context.fault(errc::field_too_long, "at most " + std::to_string(max) + " entries");
    return array->size() > max ? nullptr : array;
}

std::optional<int> read_word(Context& context, const json::value& value, Words words) {
    const auto* s = value.if_string();
    if (!s) {
        context.fault(errc::field_type, "a text is wanted");
        return std::nullopt;
    }
    std::string wanted = "wanted is one of";
    for (const auto& row : words) {
        if (row.word == std::string_view{*s}) return row.number;
        wanted.append(" ").append(row.word);
    }
    context.fault(errc::field_value, wanted);
    return std::nullopt;
}

std::optional<model::AgencyCode> read_agency(Context& context, const json::value& value, Need need) {
    const auto* s = read_text(context, value, need, model::AgencyCode::characters_max);
    auto code = s ? model::AgencyCode::parse(*s) : std::nullopt;
    if (s && !code) context.fault(errc::field_value, "not an agency code");
    return code;
}

}  // namespace axis::package
