#include "gateway/app/ctl/members.hpp"

#include <boost/json.hpp>

namespace axis::ctl {

namespace json = boost::json;

const json::value* member_of(const json::value& value, std::string_view name) {
    return value.is_object() ? value.as_object().if_contains(name) : nullptr;
}

std::string member(const json::value& object, std::string_view name) {
    const auto* found = member_of(object, name);
    if (!found || found->is_null()) return "";
    return found->is_string() ? std::string{found->as_string()} : json::serialize(*found);
}

const json::array& list(const json::value& object, std::string_view name) {
    static const json::array none;
    const auto* found = member_of(object, name);
    return found && found->is_array() ? found->as_array() : none;
}

}  // namespace axis::ctl
