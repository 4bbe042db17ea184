// Difference: what one document says otherwise than another, field by field in the names of the package: for
// the question "what did the axis do to my document?". Pure; any thread.
//
// Recipients, files and references are matched by code, name or id, not by their order; files are compared by
// the digest of the file itself. Of form, not of meaning: the way (trace), how a file travels (content id,
// type, wrapped …), blanks around a text and its Unicode normalisation, the case of a code, and a default
// that one side states and the other does not (directive false, paper false, priority thuong). The order of
// recipients and files is not compared.
#pragma once

#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

#include <string>
#include <vector>

namespace axis::package {

struct Difference {
    std::string field;  // "subject", "to/G99/name", "files/a.pdf/sha256"
    std::string a;      // as JSON; empty: not said
    std::string b;
    bool of_meaning = true;
};

std::vector<Difference> differences(const model::Document& a, const model::Document& b);
std::vector<Difference> differences(const model::Status& a, const model::Status& b);

}  // namespace axis::package
