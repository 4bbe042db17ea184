// Command: what document software asks through its queue (the table in README.md). I/O-free; any thread.
#pragma once

#include "gateway/amqp/message.hpp"
#include "gateway/base/error.hpp"
#include "gateway/model/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace axis::software {

struct CommandLimits {
    std::size_t inline_bytes_max = 1024 * 1024;  // of all files in the message, decoded
    std::size_t package_bytes_max = 1024 * 1024;
    std::size_t file_count_max = 200;
    std::size_t status_bytes_max = 64 * 1024;
};

struct CommandFile {
    std::string name;
    std::string bytes;  // when they came in the message
    std::string claim;  // else: where they are
};
struct SubmitPackage {
    std::string package;  // its JSON as it was written: the key's content is that of REST
    std::vector<CommandFile> files;
    bool dry_run = false;
};
struct ReportStatus {
    model::MessageId about;
    std::string status;  // JSON as it was written
};
struct AcknowledgeEvents {
    std::int64_t through = 0;
};
using Command = std::variant<SubmitPackage, ReportStatus, AcknowledgeEvents>;

// command_malformed (which member, or that the key is missing), command_too_large, attachment_base64.
Result<Command> read_command(const amqp::Received& received, const CommandLimits& limits);

}  // namespace axis::software
