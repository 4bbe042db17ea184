#include "tests/axissim/replies.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace axis::sim {

namespace {

std::string_view message_type(const Message& message) {
    return message.facts.is_status ? "status" : "edoc";
}

std::string_view described(std::string_view transport) {
    if (transport == "initial") return "Da gui den truc";
    if (transport == "processing") return "Dang xu ly";
    if (transport == "done") return "Da nhan";
    return "Nhan loi";
}

// Keys without a value are left out: each is optional on the real axis.
void put(boost::json::object& out, std::string_view key, std::string_view value) {
    if (!value.empty()) out[key] = value;
}

boost::json::object agency_row(const Agency& agency, AgencyForm form) {
    boost::json::object row;
    put(row, "id", agency.id);
    if (form != AgencyForm::qd20) put(row, "pid", agency.parent);
    put(row, "code", agency.code);
    put(row, "name", agency.name);
    put(row, "mail", agency.mail);
    if (form != AgencyForm::synchronise) return row;
    row["centerCode"] = centre_code;
    row["version"] = agency.version;
    row["deleted"] = agency.deleted;
    row["modifyDate"] = to_envelope_text(agency.modified);
    row["isAgency"] = agency.code != centre_code;
    return row;
}

}  // namespace

boost::json::object envelope(const Verdict& verdict) {
    return {
        {"status", verdict.ok() ? "OK" : "FAIL"}, {"ErrorCode", verdict.code}, {"ErrorDesc", verdict.text}};
}

std::string plain_reply(const Verdict& verdict) {
    return boost::json::serialize(envelope(verdict));
}

std::string send_reply(const Verdict& verdict, std::optional<std::string_view> doc_id) {
    auto reply = envelope(verdict);
    if (doc_id) reply["DocId"] = *doc_id;
    return boost::json::serialize(reply);
}

std::string received_list(const std::vector<Found>& found) {
    boost::json::array data;
    for (const auto& [message, copy] : found)
        data.push_back(
            {{"docId", copy->id},
             {"serviceType", "eDoc"},
             {"messageType", message_type(*message)},
             {"created_time", to_envelope_text(message->at)},
             {"updated_time", to_envelope_text(copy->updated)},
             {"from", message->facts.from},
             {"to", copy->code},
             {"status", copy->transport},
             {"status_desc", described(copy->transport)}}
        );
    auto reply = envelope({});
    reply["data"] = std::move(data);
    return boost::json::serialize(reply);
}

std::string sent_list(const std::vector<const Message*>& messages) {
    boost::json::array data;
    for (const auto* message : messages)
        for (const auto& copy : message->copies)
            data.push_back(
                {{"serviceType", "eDoc"},
                 {"senderDocId", message->id},
                 {"receiverDocId", copy.id},
                 {"fromCode", message->facts.from},
                 {"toCode", copy.code},
                 {"sendStatus", "done"},
                 {"sendStatusDesc", "Da gui"},
                 {"receiveStatus", copy.transport},
                 {"receiveStatusDesc", described(copy.transport)},
                 {"title", message->facts.subject},
                 {"notation", message->facts.full_number()},
                 {"messageType", message_type(*message)},
                 {"sentTime", to_envelope_text(message->at)},
                 {"receivedTime", copy.acknowledged() ? to_envelope_text(copy.updated) : std::string{}}}
            );
    auto reply = envelope({});
    reply["data"] = std::move(data);
    return boost::json::serialize(reply);
}

std::string count_reply(std::size_t count) {
    auto reply = envelope({});
    reply["count"] = count;
    return boost::json::serialize(reply);
}

std::string agency_list(const std::vector<const Agency*>& agencies, AgencyForm form) {
    boost::json::array data;
    for (const auto* agency : agencies)
        if (form == AgencyForm::synchronise || !agency->deleted) data.push_back(agency_row(*agency, form));
    auto reply = envelope({});
    reply["data"] = std::move(data);
    return boost::json::serialize(reply);
}

std::optional<Time> parse_axis_time(std::string_view text) {
    if (text.size() != 19 || text[2] != '/' || text[5] != '/') return std::nullopt;
    const std::string turned = std::string{text.substr(6, 4)} + "/" + std::string{text.substr(3, 2)} + "/" +
                               std::string{text.substr(0, 2)} + std::string{text.substr(10)};
    Time time;
    return parse_time(turned, time) ? std::optional{time} : std::nullopt;
}

}  // namespace axis::sim
