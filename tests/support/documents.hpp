// Every Document and every Status that this program can hold, made from Choices: what the reader of envelopes
// and the readers of packages give, in all its members. List documents.cpp and property.cpp in the test's
// sources.
//
// Held means, and this is all that is not arbitrary here:
//   - a text says something: blank and "null" are "not given", as the standard has it, so nobody holds them;
//   - a word (ids, codes, time stamps, names and types of files) and a date have no blanks at their edges;
//   - an entry of a list says something, or holds an element that the standard does not know;
//   - sender, recipients and a status' code and reference are there: without them nothing is sent;
//   - extensions stand in the order of their places, each as the reader writes it.
#pragma once

#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"
#include "tests/support/property.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace axis::test {

// Any text a member may hold: Vietnamese in both normal forms, characters beyond the BMP, what is markup to
// XML or JSON, control characters that XML allows, blanks and line ends anywhere.
std::string text_of(Choices& choices);
std::string word_of(Choices& choices);
model::AgencyCode agency_of(Choices& choices);

enum class Beyond { nothing, extensions };  // the standard

// Its files are facts only: digest, length and whether a ZIP was around them, of no text in particular.
model::Document document_of(Choices& choices, Beyond beyond = Beyond::extensions);
model::Status status_of(Choices& choices, Beyond beyond = Beyond::extensions);

// A document with the base64 texts of its files; its attachments' facts are those of the texts.
struct Letter {
    model::Document document;
    std::vector<std::string> texts;
};
Letter letter_of(Choices& choices, Beyond beyond = Beyond::extensions);

// How many choices make one in which most members speak.
inline constexpr std::size_t document_choices = 1600;
inline constexpr std::size_t status_choices = 300;

}  // namespace axis::test

// How RapidCheck shows them: as the package has them, by the name of each member.
namespace axis::model {
void showValue(const Document& document, std::ostream& out);
void showValue(const Status& status, std::ostream& out);
}  // namespace axis::model
namespace axis::test {
void showValue(const Letter& letter, std::ostream& out);
}
