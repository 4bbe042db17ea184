#include "gateway/intake/ways.hpp"

#include "gateway/package/package.hpp"

namespace axis::intake {

namespace {

std::string event_type(model::BusinessType type) {
    switch (type) {
        case model::BusinessType::revoke:
            return "document.revoked";
        case model::BusinessType::update:
            return "document.updated";
        case model::BusinessType::replace:
            return "document.replaced";
        case model::BusinessType::new_document:
            break;
    }
    return "document.received";
}

}  // namespace

ledger::NewDelivery delivery_of(
    const Way& way, const model::Document& document, const std::vector<ledger::NewRecipient>& recipients
) {
    ledger::NewDelivery out;
    out.endpoint = way.endpoint.name;
    out.passive = way.endpoint.passive;
    out.held = way.endpoint.mode == directory::Mode::off;
    out.recipients = way.recipients;
    if (out.passive) {
        std::string codes;
        for (const auto ordinal : way.recipients)
            codes += (codes.empty() ? "\"" : ",\"") + recipients[ordinal].organization.code.text() + "\"";
        out.event_type = event_type(document.business.type);
        out.event_data = "{\"recipients\":[" + codes + "]}";
    }
    return out;
}

std::string received_event(
    const model::MessageId& id, const model::Document& document, std::string_view signature
) {
    return "{\"document\":" + package::to_json(document, "/v1/messages/" + id.text() + "/attachments") + "," +
           std::string{signature} + "}";
}

std::vector<ledger::NewRecipient> recipients_of(
    const std::vector<model::Organization>& organizations, const directory::Directory& directory
) {
    std::vector<ledger::NewRecipient> out;
    for (const auto& organization : organizations)
        out.push_back({organization, directory.key(organization.code)});
    return out;
}

// NFC may make a hostile code longer than a code may be: then it stands as it was written.
model::AgencyCode issuer_of(const model::Document& document, const directory::Directory& directory) {
    const auto& code = document.from.code;
    return model::AgencyCode::parse(directory.key(code)).value_or(code);
}

}  // namespace axis::intake
