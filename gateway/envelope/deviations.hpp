// Deviations: what a message says that the standard does not allow or that contradicts itself, and that is
// tolerated all the same (edxml-standard.md §7.2 items 4, 10-13, §1.3 lengths). Nothing is changed; each
// becomes an observation, for `envelope check` and the operator. Pure; any thread.
#pragma once

#include "gateway/envelope/scanner.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/status.hpp"

#include <vector>

namespace axis::envelope {

// One observation per rule that is broken, naming the first place:
//   envelope.length     longer than the standard's table says
//   envelope.value      a number outside its list
//   envelope.date       a date that does not exist, or contradicts the one inside the DocumentId
//   envelope.party      sender, issuer and recipients contradict each other, or occur twice
//   envelope.trace      no TraceHeader, or one without OrganId
//   envelope.business   what this kind of business needs is missing, or listed twice
std::vector<Observation> deviations(const model::Document& document);
std::vector<Observation> deviations(const model::Status& status);

}  // namespace axis::envelope
