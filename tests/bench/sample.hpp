// Invented documents and envelopes of a wanted size.
#pragma once

#include "gateway/envelope/writer.hpp"
#include "gateway/model/document.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace axis::bench {

// As many recipients as make its markup about so long; one PDF file.
model::Document document(std::size_t markup_bytes);

// Of a PDF of no entropy to speak of beyond its first megabytes: nothing here compresses.
std::string file_bytes(std::size_t size);

// The skeleton with `text` in its only hole.
std::string spliced(const envelope::Written& written, const std::string& text);

// An envelope of `bytes` with one file, its text in one line as the SDK writes it, or in lines of `line`
// characters.
void make_envelope(const std::filesystem::path& path, std::uint64_t bytes, std::size_t line);

}  // namespace axis::bench
