// PDF files of `signature verify|explain`: what is said of the signatures inside them. Blocking.
#pragma once

#include "gateway/app/ctl/command.hpp"
#include "gateway/signature/trust_store.hpp"

#include <string>

namespace axis::ctl {

// By its first bytes. False also when it cannot be read.
bool is_pdf_file(const std::string& path);

// Prints a line, all there is to say, or JSON. Whether the file's verdict is `valid`; io_failed.
Result<bool> report_pdf(
    const Options& options, const std::string& path, const signature::TrustStore& trust, Time at, bool explain
);

}  // namespace axis::ctl
