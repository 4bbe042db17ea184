// Which document, and which of its recipients, a status is about (architecture D7, edxml-standard.md §2.2).
//
// By DocumentId; else by (issuer, number, date); else the newest by (issuer, number). `From` of the status
// picks the recipient; status 13 (take back) runs the other way: From is the issuer, ResponseFor/OrganId the
// recipient. No match is a result, not an error: the status is kept and tried again when a document arrives.
// Pure; any thread.
#pragma once

#include "gateway/model/matching.hpp"
#include "gateway/model/status.hpp"

namespace axis::exchange {

std::optional<model::Match> match_status(
    const model::StatusKeys& keys, const std::vector<model::Candidate>& candidates
);

}  // namespace axis::exchange
