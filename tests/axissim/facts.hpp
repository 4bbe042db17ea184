// What an axis must know about an edXML file to carry it, and what tests want to see of it.
//
// read_facts goes through the file in pieces (skeleton.hpp), then once through each attachment's base64:
// memory does not grow with the file. Blocking: run it on the files pool. No locks; several files at a time
// are fine.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "tests/axissim/skeleton.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace axis::sim {

// The content is what the clerk attached: a ZIP put around it for the road (SDK rule, zip.hpp) is taken off.
struct FileFacts {
    std::string name;
    std::string content_type;
    bool wrapped = false;
    std::uint64_t bytes = 0;
    Sha256 sha256;
};

struct Facts {
    bool is_status = false;
    std::string from;
    std::string from_name;
    std::string document_id;
    std::string date;             // as written
    std::vector<std::string> to;  // documents
    std::string number;
    std::string notation;
    std::string subject;
    std::string business_type = "0";
    std::vector<FileFacts> files;
    std::string response_for;  // statuses: OrganId, DocumentId, Code and date of the document they speak of
    std::string response_document_id;
    std::string response_code;
    std::string response_date;
    std::string status_code;
    std::string description;

    std::string full_number() const { return notation.empty() ? number : number + "/" + notation; }
};

// envelope_unknown: not an edXML message of either kind. attachment_base64: an attachment's text cannot be
// decoded. io_failed; and what the scanner refuses.
Result<Facts> read_facts(const std::filesystem::path& path);

Result<Skeleton> read_skeleton(const std::filesystem::path& path);

}  // namespace axis::sim
