#include "tests/support/extensions.hpp"

#include "tests/support/documents.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace axis::test {

namespace {

constexpr std::string_view qcvn = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
constexpr std::size_t depth_max = 4;

constexpr std::array<std::string_view, 6> unknown_names{"Zip", "GhiChú", "note-1", "_x.y", "Size", "\u1E69"};
// Of other namespaces, where even these say nothing to us.
constexpr std::array<std::string_view, 8> foreign_names{
    "a", "Subject", "To", "TraceHeader", "TraceHeaderList", "MessageHeader", "Status", "edXMLHeader"};

std::string escaped(std::string_view text, bool in_attribute) {
    std::string out;
    for (const char c : text) {
        const auto number = "&#" + std::to_string(static_cast<int>(c)) + ";";
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"' && in_attribute)
            out += "&quot;";
        else if (c == '\r' || (in_attribute && (c == '\n' || c == '\t')))
            out += number;
        else
            out += c;
    }
    return out;
}

class Speller {
public:
    Speller(Choices& choices, bool in_envelope) : choices_{choices}, in_envelope_{in_envelope} {
        scope_[""] = qcvn;
        if (in_envelope) scope_["edXML"] = qcvn;
    }

    std::string element(std::size_t depth = 1) {
        const auto before = scope_;
        const auto name = element_name();
        const auto tag = qualified(name);
        auto out = "<" + tag + declaration(name) + attributes();
        std::string content;
        for (auto n = depth < depth_max ? choices_.below(3) : 0; n > 0; --n) {
            if (choices_.maybe()) content += escaped(choices_.maybe() ? text_of(choices_) : " \n", false);
            content += element(depth + 1);
        }
        if (choices_.maybe()) content += escaped(text_of(choices_), false);
        scope_ = before;
        return content.empty() ? out + "/>" : out + ">" + content + "</" + tag + ">";
    }

private:
    struct Name {
        std::string prefix, uri, local;
    };

    static std::string qualified(const Name& name) {
        return name.prefix.empty() ? name.local : name.prefix + ":" + name.local;
    }

    std::string declaration(const Name& name) {
        if (name.prefix == "xml" || scope_[name.prefix] == name.uri) return {};
        scope_[name.prefix] = name.uri;
        return (name.prefix.empty() ? " xmlns" : " xmlns:" + name.prefix) + "=\"" + name.uri + "\"";
    }

    Name element_name() {
        switch (choices_.below(6)) {
            case 1:
                return {"", "", std::string{choices_.one_of(unknown_names)}};
            case 2:
                return {"", "urn:axis:98", std::string{choices_.one_of(foreign_names)}};
            case 3:
                return {"x", "urn:axis:98", std::string{choices_.one_of(foreign_names)}};
            case 4:
                return {"x", "urn:axis:99?a=1&amp;b", std::string{choices_.one_of(foreign_names)}};
            case 5:
                return {"other", "urn:axis:other", std::string{choices_.one_of(foreign_names)}};
            default:
                return {
                    in_envelope_ ? "edXML" : "",
                    std::string{qcvn},
                    std::string{choices_.one_of(unknown_names)}};
        }
    }

    std::string attributes() {
        static const std::array<Name, 5> known{
            {{"", "", "a"},
             {"xml", "", "lang"},
             {"y", "urn:axis:y", "a"},
             {"y", "urn:axis:y", "b"},
             {"edXML", std::string{qcvn}, "a"}}};
        std::string declared, plain;
        for (const auto& name : known) {
            if (choices_.below(6) != 5) continue;
            if (!name.prefix.empty()) declared += declaration(name);
            plain += " " + qualified(name) + "=\"" + escaped(text_of(choices_), true) + "\"";
        }
        return declared + plain;
    }

    Choices& choices_;
    bool in_envelope_;
    std::map<std::string, std::string> scope_;
};

class Places {
public:
    void add(std::string path) { found_.push_back({std::move(path), false}); }
    template <class T>
    void each(const std::string& path, const std::vector<T>& entries) {
        for (std::size_t i = 0; i < entries.size(); ++i) found_.push_back({at(path, i), entries[i] == T{}});
    }
    static std::string at(const std::string& path, std::size_t index) {
        return path + "[" + std::to_string(index) + "]";
    }
    std::vector<Place> take() { return std::move(found_); }

private:
    std::vector<Place> found_;
};

const std::string header = "edXMLEnvelope/edXMLHeader";
const std::string message = header + "/MessageHeader";

void business_places(Places& places, const model::Business& business) {
    const auto path = header + "/TraceHeaderList/Bussiness";
    places.add(path);
    places.each(path + "/BussinessDocumentInfo", business.updates);
    for (std::size_t i = 0; i < business.updates.size(); ++i) {
        const auto list = Places::at(path + "/BussinessDocumentInfo", i) + "/ReceiverList";
        places.add(list);
        places.each(list + "/Receiver", business.updates[i].receivers);
    }
    places.add(path + "/ReplacementInfoList");
    places.each(path + "/ReplacementInfoList/ReplacementInfo", business.replacements);
    for (std::size_t i = 0; i < business.replacements.size(); ++i)
        places.add(Places::at(path + "/ReplacementInfoList/ReplacementInfo", i) + "/OrganIdList");
    places.each(path + "/StaffInfo", business.staff);
}

}  // namespace

std::vector<Place> places_of(const model::Document& document) {
    Places places;
    for (const auto* path : {"", "edXMLEnvelope", "AttachmentEncoded", "edXMLEnvelope/edXMLBody"})
        places.add(path);
    for (const auto* below :
         {"",
          "/From",
          "/Code",
          "/PromulgationInfo",
          "/DocumentType",
          "/SignerInfo",
          "/OtherInfo",
          "/OtherInfo/Appendixes",
          "/ResponseForTask",
          "/ToPlaces"})
        places.add(message + below);
    places.add(header);
    places.add(header + "/TraceHeaderList");
    places.add("edXMLEnvelope/edXMLBody/edXMLManifest");
    places.each(message + "/To", document.to);
    places.each(message + "/ResponseFor", document.response_for);
    places.each(header + "/TraceHeaderList/TraceHeader", document.trace);
    places.each("edXMLEnvelope/edXMLBody/edXMLManifest/Reference", document.attachments);
    places.each("AttachmentEncoded/Attachment", document.attachments);
    business_places(places, document.business);
    return places.take();
}

std::vector<Place> places_of(const model::Status&) {
    Places places;
    for (const auto* path : {"", "edXMLEnvelope"}) places.add(path);
    for (const auto* below : {"", "/From", "/ResponseFor", "/StaffInfo"}) places.add(message + below);
    places.add(header);
    return places.take();
}

std::vector<model::Extension> extensions_of(Choices& choices, const std::vector<Place>& places) {
    std::vector<model::Extension> out;
    const auto add = [&](const std::string& path) {
        out.push_back({path, unknown_element(choices, path.starts_with("edXMLEnvelope"))});
    };
    for (const auto& place : places)
        if (place.empty) add(place.path);
    for (auto n = choices.below(4); n > 0; --n) add(choices.one_of(places).path);
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    return out;
}

std::string unknown_element(Choices& choices, bool in_envelope) {
    return Speller{choices, in_envelope}.element();
}

}  // namespace axis::test
