// The one shape of a signed statement that is looked at further, by allow-list.
//
//   Statement: facts and File, each an empty element with known attributes; Signature, once, as the last
//
// Internal to signature/. Any thread.
#pragma once

#include "gateway/signature/attached/attached.hpp"
#include "gateway/signature/form.hpp"

#include <string>
#include <variant>

namespace axis::signature {

struct StatementForm {
    Tree tree;  // what `form` points into
    Form form;
    Statement statement;
};

// Everything before it is trusted with a parser: size, markup, no document type.
std::variant<StatementForm, Malformed> read_statement(const std::string& xml, const StatementLimits& limits);

}  // namespace axis::signature
