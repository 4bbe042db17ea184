// Hears which members of documents and statuses say something: a generator that leaves one out tests nothing
// of it.
#pragma once

#include "tests/support/members.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

// By the way to each: "To/OrganName".
class Listener {
public:
    void text(std::string& text, std::string_view element) { hear(element, !text.empty()); }
    void word(std::string& word, std::string_view element) { text(word, element); }
    void file(std::string& name, std::string_view element) { text(name, element); }
    void code(model::AgencyCode& code, std::string_view element) { hear(element, !code.empty()); }
    void date(model::Date& date, std::string_view element) { hear(element, !date.empty()); }
    template <class Number>
    void number(std::optional<Number>& number, std::string_view element) {
        hear(element, number.has_value());
    }
    template <class T>
    void list(std::vector<T>& list, std::string_view element) {
        hear(element, !list.empty());
        const auto outside = way_;
        way_ += std::string{element} + "/";
        for (auto& entry : list) enter(entry);
        way_ = outside;
    }
    void own(model::BusinessType& type) {
        hear("BussinessDocType", type != model::BusinessType::new_document);
    }
    void own(model::AttachmentFacts& facts) { hear("wrapped", facts.wrapped); }
    void own(std::vector<model::Extension>& extensions) { hear("extensions", !extensions.empty()); }
    void own_code(std::string& code) { text(code, "StatusCode"); }
    void own_time(std::string& timestamp, std::optional<Time>& at) {
        text(timestamp, "Timestamp");
        number(at, "Timestamp, understood");
    }
    // How often each spoke and was silent.
    std::map<std::string, std::array<int, 2>, std::less<>> heard;

private:
    void hear(std::string_view element, bool speaks) {
        ++heard[way_ + std::string{element}].at(speaks ? 1 : 0);
    }
    void enter(std::string&) {}
    void enter(model::AgencyCode&) {}
    template <class T>
    void enter(T& entry) {
        members(*this, entry);
    }

    std::string way_;
};

}  // namespace axis::test
