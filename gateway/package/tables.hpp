// The rows: what a package and a status report may say. schemas/*.schema.json state the same; a test compares
// them.
#pragma once

#include "gateway/model/package.hpp"
#include "gateway/model/status.hpp"
#include "gateway/package/fields.hpp"

namespace axis::package {

// A file as the package lists it, and how it travelled, if it did.
struct ListedFile {
    model::DeclaredFile declared;
    model::Attachment attachment;  // as it travelled
    std::string url;               // where its receiver fetches it
};

const Table<model::Package>& package_table();
const Table<model::Document>& document_table();  // the part of a package that a received document has too
const Table<model::Organization>& organization_table();
const Table<model::DocumentReference>& reference_table();
const Table<model::Staff>& staff_table();
const Table<ListedFile>& file_table();
const Table<model::Document>& code_table();
const Table<model::Document>& issued_table();
const Table<model::DocumentType>& type_table();
const Table<model::Signer>& signer_table();
const Table<model::TraceHeader>& trace_table();
const Table<model::Extension>& extension_table();
const Table<model::Status>& status_table();

// business.cpp
const Table<model::Business>& business_table();
const Table<model::UpdateInfo>& update_table();
const Table<model::Receiver>& receiver_table();
const Table<model::Replacement>& replacement_table();
Field<model::Document> business();  // its row; document_id's row stands before it

}  // namespace axis::package
