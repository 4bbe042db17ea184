// One member of a document or status is made what no envelope can hold, or what its reader would take for
// something else: the writer must refuse it, and name its element.
#pragma once

#include "tests/support/members.hpp"
#include "tests/support/property.hpp"

#include <array>
#include <string>
#include <string_view>

namespace axis::test {

class Spoiler {
public:
    // Returns the element that is at fault.
    template <class T>
    static std::string spoil(T& value, Choices& choices) {
        Spoiler counting{choices, std::string::npos};
        members(counting, value);
        Spoiler spoiling{choices, choices.below(counting.seen_)};
        members(spoiling, value);
        return spoiling.element_;
    }

    void text(std::string& text, std::string_view element) {
        if (here(element)) text = spoilt(text);
    }
    void word(std::string& word, std::string_view element) {
        if (!here(element)) return;
        word = choices_.maybe() ? with_blanks(word) : spoilt(word);
        if (element == "ContentId" && word == "null") word += " ";  // cid:null says something
    }
    void file(std::string& name, std::string_view element) {
        static const std::array<std::string, 9> bad{
            "", "..", "a/b", "a\\b", "con.pdf", "a\u202Efdp.exe", "a\u200B", "LPT1", "null"};
        if (here(element)) name = choices_.maybe() ? choices_.one_of(bad) : with_blanks(name);
    }
    void date(model::Date& date, std::string_view element) {
        if (here(element)) date = {choices_.maybe() ? with_blanks("hôm qua") : spoilt("hôm qua"), {}};
    }
    template <class T>
    void list(std::vector<T>& list, std::string_view element) {
        for (auto& entry : list) enter(entry, element);
        if (here(element)) list.push_back({});
    }
    void own_code(std::string& code) {
        static const std::array<std::string, 5> bad{"", "3", " 03", "03 ", "null"};
        if (here("StatusCode")) code = choices_.one_of(bad);
    }
    void own_time(std::string& timestamp, std::optional<Time>&) { word(timestamp, "Timestamp"); }
    void code(model::AgencyCode&, std::string_view) {}  // cannot be spoilt: a code that was read is one
    template <class Number>
    void number(std::optional<Number>&, std::string_view) {}
    template <class Other>
    void own(Other&) {}

private:
    Spoiler(Choices& choices, std::size_t chosen) : choices_{choices}, chosen_{chosen} {}

    bool here(std::string_view element) {
        if (seen_++ != chosen_) return false;
        // Of an empty entry the first thing that is missing is at fault.
        element_ = element == "Attachment" ? "ContentId" : element;
        return true;
    }

    void enter(std::string& entry, std::string_view element) { text(entry, element); }
    void enter(model::AgencyCode&, std::string_view) {}
    template <class T>
    void enter(T& entry, std::string_view) {
        members(*this, entry);
    }

    std::string with_blanks(const std::string& word) {
        static const std::array<std::string, 3> blanks{" ", "\n", "\t"};
        const auto& blank = choices_.one_of(blanks);
        const auto said = word.empty() ? "x" : word;
        return choices_.maybe() ? blank + said : said + blank;
    }

    std::string spoilt(const std::string& text) {
        static const std::array<std::string, 5> nothing{" ", "\t\r\n", "null", " null", "null\n"};
        static const std::array<std::string, 9> unfit{
            "\x01",
            std::string(1, '\0'),
            "\x1F",
            "\uFFFE",
            "\uFFFF",
            "\xED\xA0\x80",
            "\xFF",
            "\xC3",
            "\xF4\x90\x80\x80"};
        if (choices_.below(3) == 2) return choices_.one_of(nothing);
        return text.substr(0, text.size() / 2) + choices_.one_of(unfit) + text.substr(text.size() / 2);
    }

    Choices& choices_;
    std::size_t chosen_;
    std::size_t seen_ = 0;
    std::string element_;
};

}  // namespace axis::test
