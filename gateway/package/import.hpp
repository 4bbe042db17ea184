// Import: what other software hands to a connector becomes a package (axis-api.md §6). One engine, one table
// of rows per shape (import_tables.cpp); a new shape is a new table.
//
//   source JSON ─rows: key, convert, key─► package JSON ◄─supplement (what the shape cannot say), classes
//                                               └─► parse(): the same checks as of a posted package
//
// Nothing is invented and nothing lost silently: an unknown key of the source is a fault, what a table leaves
// out is listed, and what a package needs but neither source nor supplement says is a fault. Any thread;
// memory a few times the source, which the caller bounds.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/package/package.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::package {

enum class Shape {
    pvn,           // (a) the JSON part of a multipart form: nested, texts for numbers
    flat,          // (c) keys that mirror the paths of edXML: header_messageheader_code_codenumber
    inline_files,  // (g) a few facts and the files in base64
};
std::optional<Shape> shape_named(std::string_view word);  // pvn, flat, inline

struct ImportedFile {
    std::string name;
    std::string bytes;
};

struct Imported {
    std::string package_json;
    std::vector<ImportedFile> files;    // of inline_files, in the order of the package
    std::vector<std::string> left_out;  // pointers into the source
};

// `supplement`: an object in the names of a package, or empty; the source wins where both speak.
// package.not_json or package.invalid; the detail tells whether the pointers are of the source or of the
// package it would make.
Result<Imported> import_package(
    Shape shape,
    std::string_view source,
    std::string_view supplement,
    const std::optional<Classes>& classes,
    const Limits& limits = {}
);

}  // namespace axis::package
