// The rows: what a package and a status report may say. schemas/*.schema.json state the same; a test compares
// them.
#pragma once

#include "gateway/model/package.hpp"
#include "gateway/model/status.hpp"
#include "gateway/package/fields.hpp"

namespace axis::package {

const Table<model::Package>& package_table();
const Table<model::Document>& document_table();  // the part of a package that a received document has too
const Table<model::Organization>& organization_table();
const Table<model::DocumentReference>& reference_table();
const Table<model::Staff>& staff_table();
const Table<model::DeclaredFile>& file_table();
const Table<model::Document>& code_table();
const Table<model::Document>& issued_table();
const Table<model::DocumentType>& type_table();
const Table<model::Signer>& signer_table();
const Table<model::Status>& status_table();

std::span<const Word> priority_words();

// Number, reason and targets of a revocation, update or replacement; empty for a new document.
json::object business_object(const model::Business& business);

}  // namespace axis::package
