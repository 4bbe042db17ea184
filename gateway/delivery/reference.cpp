#include "gateway/delivery/reference.hpp"

#include <boost/json.hpp>

namespace axis::delivery {

std::string to_json(const Reference& reference) {
    return "{\"delivery\":" + to_string(reference.delivery) +
           ",\"attempt\":" + std::to_string(reference.attempt) + "}";
}

std::optional<Reference> reference_of(std::string_view text) {
    namespace json = boost::json;
    json::error_code broken;
    const auto value = json::parse(json::string_view{text.data(), text.size()}, broken);
    if (broken || !value.is_object()) return std::nullopt;
    const auto* delivery = value.get_object().if_contains("delivery");
    const auto* attempt = value.get_object().if_contains("attempt");
    if (!delivery || !attempt || !delivery->is_int64() || !attempt->is_int64()) return std::nullopt;
    const auto number = attempt->get_int64();
    if (delivery->get_int64() < 1 || number < 1 || number > 1'000'000) return std::nullopt;
    return Reference{model::DeliveryId{delivery->get_int64()}, static_cast<int>(number)};
}

}  // namespace axis::delivery
