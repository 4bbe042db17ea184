// What differs between a statement and the document beside it. Pure; any thread.
#pragma once

#include "gateway/signature/attached/statement.hpp"
#include "gateway/signature/judgement.hpp"

#include <optional>
#include <string>

namespace axis::signature {

// Details name kinds and places, never document text.
struct Differences {
    std::optional<Reason> reason;  // the gravest; nothing: they agree
    std::string facts;             // "Subject, To"
    std::string files;             // "changed: file 2; added: file 4; missing: signed file 3"
};

// Neither the order of facts nor that of files matters; how often one occurs does.
Differences differences_of(const Statement& stated, const Statement& found);

}  // namespace axis::signature
