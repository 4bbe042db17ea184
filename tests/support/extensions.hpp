// Elements that the standard does not know, where they may stand in a document or status and how the reader
// writes them. List extensions.cpp and property.cpp in the test's sources.
#pragma once

#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"
#include "tests/support/property.hpp"

#include <string>
#include <vector>

namespace axis::test {

struct Place {
    std::string path;
    bool empty = false;  // an entry that says nothing: it is there only when an extension stands in it
};

std::vector<Place> places_of(const model::Document& document);
std::vector<Place> places_of(const model::Status& status);

// Some, by place; every empty entry gets one.
std::vector<model::Extension> extensions_of(Choices& choices, const std::vector<Place>& places);

// As the reader writes it where it stands: prefixes by its rule, declarations where they are first needed.
std::string unknown_element(Choices& choices, bool in_envelope);

}  // namespace axis::test
