// The gate for what must never travel here (user-needs.md R2-4, R2-5): state secrets of any class, documents
// whose publication the leadership restricts, denunciations. Asked first, before anything of the package is
// kept. Pure; any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/model/package.hpp"

namespace axis::policy {

// forbidden_class: one fault per broken rule, pointing at its field; the detail names the rules, never the
// content.
Result<> admit(const model::Package& package);

}  // namespace axis::policy
