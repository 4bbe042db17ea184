// edXML written by the simulated partners, in the reference SDK's form and order (edxml-standard.md §1.1,
// §1.11): unprefixed root and attachment block, `edXML:` on everything of the envelope, base64 on one line.
// Attachments are encoded while they are read: memory does not grow with them. Blocking; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

struct Party {
    std::string code;
    std::string name;
};

struct AttachedFile {
    std::filesystem::path path;
    std::string name;
};

struct DocumentText {
    Party from;
    std::vector<Party> to;
    std::string number;
    std::string notation;
    std::string subject;
    std::vector<AttachedFile> files;
    Time at{};
};

struct StatusText {
    Party from;
    std::string response_for;  // OrganId of the other party
    std::string response_code;
    std::string response_date;
    std::string response_document_id;
    std::string code;
    std::string description;
    Time at{};
};

using Sink = std::function<Result<>(std::string_view piece)>;

// pdf, doc, docx and zip travel as they are; everything else is put into a ZIP (the SDK's rule, typos
// included).
bool travels_raw(std::string_view file_name);

Result<> write_document(const DocumentText& document, Random& random, const Sink& sink);
std::string write_status(const StatusText& status);

}  // namespace axis::sim
