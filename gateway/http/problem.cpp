#include "gateway/base/text.hpp"
#include "gateway/http/server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace axis::http {

namespace json = boost::json;

namespace {

// Details may quote what a peer sent; JSON must stay UTF-8.
std::string readable(std::string_view text) {
    std::string out{text};
    if (is_utf8(out)) return out;
    for (char& c : out) {
        if (c < 0) c = '?';
    }
    return out;
}

json::object fault_object(const Fault& fault) {
    std::string text{row(fault.code).text};
    if (!fault.detail.empty()) text += " " + readable(fault.detail);
    json::object out;
    out["pointer"] = readable(fault.pointer);
    out["code"] = row(fault.code).code;
    out["detail"] = text;
    return out;
}

}  // namespace

std::string problem_json(const Error& error, std::string_view request_id) {
    const auto& r = row(error.code);
    json::object out;
    out["type"] = "urn:axis:error:" + std::string{r.code};
    out["title"] = r.title;
    out["status"] = r.http_status;
    out["detail"] = r.text;
    out["action"] = r.action;
    out["retryable"] = r.retryable;
    out["request_id"] = request_id;
    out["code"] = r.code;
    json::array& errors = out["errors"].emplace_array();
    for (const auto& fault : error.faults) errors.push_back(fault_object(fault));
    // For the caller's programmer; what went wrong inside us stays in our log.
    const bool callers_fault = r.http_status >= 400 && r.http_status < 500;
    if (callers_fault && !error.detail.empty()) out["note"] = readable(error.detail);
    return json::serialize(out);
}

}  // namespace axis::http
