#include "tests/axissim/state_json.hpp"

#include <boost/json/array.hpp>

#include <map>
#include <string>
#include <utility>

namespace axis::sim {

namespace {

using InOrder = std::map<std::size_t, std::string>;
using Codes = std::map<std::pair<std::string, std::string>, InOrder>;

// What each agency said, in order, by the DocumentId it named, or else by the number.
Codes status_codes(const Store& store) {
    Codes out;
    std::size_t order = 0;
    for (const auto& message : store.messages()) {
        const auto& facts = message.facts;
        if (!facts.is_status) continue;
        const auto& about =
            facts.response_document_id.empty() ? facts.response_code : facts.response_document_id;
        out[{facts.from, about}].emplace(++order, facts.status_code);
    }
    return out;
}

boost::json::object recipient_json(const Codes& said, const Message& document, const Copy& copy) {
    InOrder found;
    for (const auto& name : {document.facts.document_id, document.facts.full_number()})
        if (const auto at = said.find({copy.code, name}); at != said.end())
            found.insert(at->second.begin(), at->second.end());
    boost::json::array codes;
    for (const auto& entry : found) codes.emplace_back(entry.second);
    boost::json::value latest = codes.empty() ? boost::json::value{} : codes.back();
    return {
        {"code", copy.code},
        {"system", copy.system},
        {"receiverDocId", copy.id},
        {"transport", copy.transport},
        {"status", latest},
        {"statuses", std::move(codes)}};
}

boost::json::object document_json(const Codes& said, const Message& message) {
    const auto& facts = message.facts;
    boost::json::array to;
    for (const auto& code : facts.to) to.emplace_back(code);
    boost::json::array files;
    for (const auto& file : facts.files)
        files.push_back(
            {{"name", file.name},
             {"bytes", file.bytes},
             {"sha256", file.sha256.hex()},
             {"wrapped", file.wrapped}}
        );
    boost::json::array recipients;
    for (const auto& copy : message.copies) recipients.push_back(recipient_json(said, message, copy));
    return {
        {"docId", message.id},
        {"system", message.system},
        {"from", facts.from},
        {"to", std::move(to)},
        {"type", facts.business_type},
        {"subject", facts.subject},
        {"number", facts.number},
        {"notation", facts.notation},
        {"date", facts.date},
        {"documentId", facts.document_id},
        {"bytes", message.bytes},
        {"at", to_local_text(message.at)},
        {"files", std::move(files)},
        {"recipients", std::move(recipients)}};
}

boost::json::object status_json(const Message& message) {
    const auto& facts = message.facts;
    const auto& copy = message.copies.front();
    return {
        {"docId", message.id},
        {"system", message.system},
        {"from", facts.from},
        {"to", facts.response_for},
        {"code", facts.status_code},
        {"description", facts.description},
        {"documentId", facts.response_document_id},
        {"number", facts.response_code},
        {"timestamp", facts.date},
        {"at", to_local_text(message.at)},
        {"receiverDocId", copy.id},
        {"transport", copy.transport}};
}

}  // namespace

boost::json::object state_json(const Store& store) {
    const auto said = status_codes(store);
    boost::json::array documents;
    boost::json::array statuses;
    for (const auto& message : store.messages()) {
        if (message.facts.is_status)
            statuses.push_back(status_json(message));
        else
            documents.push_back(document_json(said, message));
    }
    return {{"documents", std::move(documents)}, {"statuses", std::move(statuses)}};
}

}  // namespace axis::sim
