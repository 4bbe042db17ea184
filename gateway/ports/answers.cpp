#include "gateway/ports/answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace axis::ports {

namespace json = boost::json;

namespace {

json::object recipient_object(const RecipientReceipt& recipient) {
    json::object out;
    out["code"] = recipient.code;
    out["delivery"] = recipient.delivery;
    out["status"] = recipient.status ? json::value(*recipient.status) : json::value(nullptr);
    out["label"] = recipient.label;
    return out;
}

}  // namespace

std::string to_json(const Receipt& receipt) {
    json::object out;
    if (!receipt.id.empty()) out["id"] = receipt.id;
    out["external_id"] =
        receipt.external_id.empty() ? json::value(nullptr) : json::value(receipt.external_id);
    out["document_id"] = receipt.document_id;
    auto& recipients = out["recipients"].emplace_array();
    for (const auto& recipient : receipt.recipients) recipients.push_back(recipient_object(recipient));
    auto& warnings = out["warnings"].emplace_array();
    for (const auto& warning : receipt.warnings) warnings.emplace_back(warning);
    return json::serialize(out);
}

std::string to_json(const std::vector<StatusReceipt>& receipts) {
    json::object out;
    auto& statuses = out["statuses"].emplace_array();
    for (const auto& receipt : receipts) {
        json::object one;
        one["id"] = receipt.id;
        one["to"] = receipt.to;
        statuses.push_back(std::move(one));
    }
    return json::serialize(out);
}

std::string to_json(const Events& events) {
    std::string out = "{\"events\":[";
    for (const auto& event : events.json) {
        if (&event != &events.json.front()) out += ',';
        out += event;
    }
    return out + "],\"last\":" + std::to_string(events.last) + "}";
}

}  // namespace axis::ports
