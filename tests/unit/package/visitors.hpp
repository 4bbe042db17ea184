// What tests of the package do to a document, member by member.
#pragma once

#include "gateway/base/text.hpp"
#include "tests/support/members.hpp"
#include "tests/support/property.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace axis::test {

// Makes one member another one, in meaning or in form.
class Changer {
public:
    template <class T>
    static void change(T& value, Choices& choices) {
        Changer counting{choices, std::string::npos};
        members(counting, value);
        Changer changing{choices, choices.below(counting.seen_)};
        members(changing, value);
    }

    void code(model::AgencyCode& code, std::string_view) {
        if (here()) code = model::AgencyCode::parse(code.text() == "G97" ? "G99" : "G97").value();
    }
    void text(std::string& text, std::string_view) {
        if (here()) text += "x";
    }
    void word(std::string& word, std::string_view element) { text(word, element); }
    void file(std::string& name, std::string_view element) { text(name, element); }
    void date(model::Date& date, std::string_view) {
        if (here()) date = model::Date::read(date.slashed() == "2026/11/22" ? "hôm kia" : "2026-11-22");
    }
    void number(std::optional<bool>& flag, std::string_view) {
        if (here()) flag = !flag.value_or(true);
    }
    template <class Number>
    void number(std::optional<Number>& number, std::string_view) {
        if (here()) number = number == Number{1} ? Number{2} : Number{1};
    }
    template <class T>
    void list(std::vector<T>& list, std::string_view element) {
        for (auto& entry : list) enter(entry, element);
        if (!here()) return;
        if (!list.empty() && choices_.maybe())
            list.erase(list.begin() + static_cast<std::ptrdiff_t>(choices_.below(list.size())));
        else
            list.push_back(another(T{}));
    }
    void own(model::BusinessType& type) {
        if (here()) type = static_cast<model::BusinessType>((static_cast<int>(type) + 1) % 4);
    }
    void own(model::AttachmentFacts& facts) {
        if (here()) facts.wrapped = !facts.wrapped;
        if (here()) ++facts.file_bytes;
        if (here()) ++facts.file_sha256.bytes[0];
    }
    void own(std::vector<model::Extension>& extensions) {
        if (!here()) return;
        if (!extensions.empty() && choices_.maybe())
            extensions.pop_back();
        else
            extensions.push_back({"edXMLEnvelope", "<new xmlns=\"\"/>"});
    }
    void own_code(std::string& code) {
        if (here()) code = code == "03" ? "04" : "03";
    }
    void own_time(std::string& timestamp, std::optional<Time>& at) {
        if (!here()) return;
        timestamp = timestamp == "mai" ? "kia" : "mai";
        at.reset();
    }

private:
    Changer(Choices& choices, std::size_t chosen) : choices_{choices}, chosen_{chosen} {}

    bool here() { return seen_++ == chosen_; }

    static std::string another(const std::string&) { return "x"; }
    static model::AgencyCode another(const model::AgencyCode&) {
        return model::AgencyCode::parse("G97").value();
    }
    template <class T>
    static T another(T entry) {
        return entry;
    }

    void enter(std::string& entry, std::string_view element) { text(entry, element); }
    void enter(model::AgencyCode& entry, std::string_view element) { code(entry, element); }
    template <class T>
    void enter(T& entry, std::string_view) {
        members(*this, entry);
    }

    Choices& choices_;
    std::size_t chosen_;
    std::size_t seen_ = 0;
};

// Cuts a document down to what software may post: lengths, ranges, dates that exist.
class Postable {
public:
    static void cut(model::Document& document) {
        Postable cutting;
        members(cutting, document);
        for (auto* required : {&document.number, &document.notation, &document.type.name, &document.subject})
            if (required->empty()) *required = "x";
        if (document.issued.empty()) document.issued = model::Date::read("2026/11/21");
        if (document.to.empty()) document.to.resize(1);
        std::vector<model::AgencyCode> codes;
        for (auto& to : document.to) {
            if (to.code.empty() || std::count(codes.begin(), codes.end(), to.code) > 0)
                to.code = model::AgencyCode::parse("G99." + std::to_string(codes.size())).value();
            codes.push_back(to.code);
        }
        document.extensions.clear();
        business(document.business);
    }

    void text(std::string& text, std::string_view) {
        constexpr std::size_t characters_max = 10;  // the shortest of all
        while (code_point_count(text) > characters_max) text.pop_back();
        while (!is_utf8(text)) text.pop_back();
        if (trimmed(text).empty() || trimmed(text) == "null") text.clear();
    }
    void word(std::string& word, std::string_view element) { text(word, element); }
    void file(std::string& name, std::string_view) {
        if (code_point_count(name) > 255) name = "dài.pdf";
    }
    void date(model::Date& date, std::string_view) {
        if (!date.day) date = {};
    }
    void number(std::optional<bool>&, std::string_view) {}
    template <class Number>
    void number(std::optional<Number>& number, std::string_view) {
        if (number && (*number > Number{999} || *number < Number{0})) number = Number{999};
    }
    template <class T>
    void list(std::vector<T>& list, std::string_view element) {
        for (auto& entry : list) enter(entry, element);
    }
    void code(model::AgencyCode&, std::string_view) {}
    template <class Other>
    void own(Other&) {}

private:
    static void business(model::Business& business) {
        using enum model::BusinessType;
        if (business.reason.empty()) business.reason = "x";
        if (business.document_id.empty()) business.document_id = "x";
        if (business.type != update) business.updates.clear();
        if (business.type != replace) business.replacements.clear();
        if (business.type == replace && business.replacements.empty()) business.replacements.resize(1);
        for (auto& replacement : business.replacements)
            if (replacement.document_id.empty()) replacement.document_id = "x";
        for (auto& info : business.updates)
            for (auto& receiver : info.receivers)
                if (receiver.organ.empty()) receiver.organ = model::AgencyCode::parse("G99").value();
    }

    void enter(std::string& entry, std::string_view element) {
        text(entry, element);
        if (entry.empty()) entry = "x";
    }
    void enter(model::AgencyCode&, std::string_view) {}
    template <class T>
    void enter(T& entry, std::string_view) {
        members(*this, entry);
    }
};

}  // namespace axis::test
