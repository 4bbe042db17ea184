// What a status and the documents it may be about know of each other (architecture D7). The rule is
// exchange/'s.
#pragma once

#include "gateway/model/ids.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace axis::model {

// A document a status may be about; keys are after alias resolution.
struct Candidate {
    MessageId id;
    std::string from_key;
    std::string document_key;
    std::string number_key;
    std::string issued;                       // yyyy-MM-dd
    std::vector<std::string> recipient_keys;  // by ordinal
};

// What a status says about which document it means.
struct StatusKeys {
    std::string code;
    std::string from_key;
    std::string organ_key;  // ResponseFor/OrganId
    std::string document_key;
    std::string number_key;
    std::string issued;
};

struct Match {
    std::size_t candidate = 0;
    std::size_t recipient = 0;  // ordinal
};

// Candidates come newest first.
using Matcher = std::function<std::optional<Match>(const StatusKeys&, const std::vector<Candidate>&)>;

}  // namespace axis::model
