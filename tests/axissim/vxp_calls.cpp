// The operations of the axis that answer at once with a little JSON.
#include "gateway/base/log.hpp"
#include "tests/axissim/replies.hpp"
#include "tests/axissim/vxp_server.hpp"

#include <boost/json/parse.hpp>

namespace axis::sim {

namespace {

// fromDate and toDate; an absent or unreadable end is open.
bool in_window(const SignedCall& call, Time at) {
    const auto from = parse_axis_time(call.get("fromDate"));
    const auto to = parse_axis_time(call.get("toDate"));
    return (!from || at >= *from) && (!to || at < *to + std::chrono::seconds{1});
}

std::string text_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace

VxpServer::Answer VxpServer::simple(
    const std::string& operation, const SignedCall& call, const std::string& body
) {
    if (operation == "getReceivedEdocList") return received_list(call);
    if (operation == "getSentEdocList") return sent_list(call);
    if (operation == "updateStatus") return update_status(call);
    if (operation == "registerAgency") return register_agency(call, body);
    if (operation == "deleteAgency") return delete_agency(call);
    if (operation == "countReceiveEdoc") return {count_reply(p_.store.listed(call.system, false).size())};
    if (operation == "countReceiveStatus") return {count_reply(p_.store.listed(call.system, true).size())};
    auto form = AgencyForm::plain;
    if (operation == "getAgenciesListQD20") form = AgencyForm::qd20;
    if (operation == "getSynchronizeUnit") form = AgencyForm::synchronise;
    return {agency_list(p_.directory.all(), form)};
}

VxpServer::Answer VxpServer::received_list(const SignedCall& call) {
    const bool relist = p_.faults.take("relist_done", "getReceivedEdocList").has_value();
    auto found = p_.store.listed(call.system, call.get("messagetype") == "status", relist);
    std::erase_if(found, [&call](const Found& f) { return !in_window(call, f.message->at); });
    for (auto& entry : found) {
        if (entry.copy->poisoned) continue;
        if (p_.faults.take("poison", "getReceivedEdocList")) entry.copy->poisoned = true;
        break;
    }
    return {sim::received_list(found)};
}

VxpServer::Answer VxpServer::sent_list(const SignedCall& call) {
    const auto doc_id = call.get("docId").empty() ? call.get("docid") : call.get("docId");
    const bool statuses = call.get("messagetype") == "status";
    if (doc_id.empty() && !settings_.attest_no_docid) return {plain_reply({"20", "Thieu tham so docId"})};
    std::vector<const Message*> sent;
    for (const auto& message : p_.store.messages()) {
        const bool asked = doc_id.empty() ? message.facts.is_status == statuses && in_window(call, message.at)
                                          : message.id == doc_id;
        if (asked && message.system == call.system) sent.push_back(&message);
    }
    return {sim::sent_list(sent)};
}

VxpServer::Answer VxpServer::update_status(const SignedCall& call) {
    const auto doc_id = call.get("docId").empty() ? call.get("docid") : call.get("docId");
    const auto status = call.get("status");
    const auto found = p_.store.find(doc_id, call.system);
    if (found.copy == nullptr) return {plain_reply({"10", "Khong tim thay van ban"})};
    if (status != "done" && status != "fail" && status != "processing")
        return {plain_reply({"10", "Trang thai khong hop le"})};
    p_.store.set_transport(*found.copy, status, call.get("description"));
    log::info("axissim.updated", "doc", found.copy->id, "system", call.system, "status", status);
    return {plain_reply({})};
}

// The body is not signed on the real axis either.
VxpServer::Answer VxpServer::register_agency(const SignedCall& call, const std::string& body) {
    boost::system::error_code ec;
    const auto json = boost::json::parse(body, ec);
    if (ec || !json.is_object()) return {plain_reply({"10", "Du lieu khong hop le"})};
    const auto& o = json.get_object();
    Agency agency;
    agency.code = text_at(o, "code");
    agency.parent = text_at(o, "pcode");
    agency.name = text_at(o, "name");
    agency.mail = text_at(o, "mail");
    agency.system = call.system;
    agency.modified = p_.clock.now();
    const auto code = agency.code;
    if (code.empty()) return {plain_reply({"10", "Thieu ma don vi"})};
    if (!p_.directory.add_registered(std::move(agency)))
        return {plain_reply({"19", "Ma don vi thuoc he thong khac"})};
    log::info("axissim.agency_registered", "code", code, "system", call.system);
    return {plain_reply({})};
}

VxpServer::Answer VxpServer::delete_agency(const SignedCall& call) {
    const auto code = call.get("AgencyCode");
    if (!p_.directory.remove(code, call.system, p_.clock.now())) return {plain_reply(refused("18"))};
    log::info("axissim.agency_deleted", "code", code, "system", call.system);
    return {plain_reply({})};
}

}  // namespace axis::sim
