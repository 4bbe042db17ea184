// Package JSON ⇄ Package (schemas/package.schema.json is the contract; this is its hand-written reader).
//
// Reading reports every fault at once, each with a JSON pointer; unknown keys are faults. Nothing is
// defaulted except what the schema documents as a default. The forbidden-class gate (policy/) is asked by the
// caller, first. Any thread; memory a few times the JSON text, which the caller bounds (1 MiB).
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/model/package.hpp"
#include "gateway/model/status.hpp"

#include <string>
#include <string_view>

namespace axis::package {

struct Limits {
    std::size_t recipient_count_max = 2000;
    std::size_t file_count_max = 200;
    std::size_t file_name_characters_max = 255;
};

// package.not_json (detail: line and column) or package.invalid with faults.
Result<model::Package> parse(std::string_view json, const Limits& limits = {});

// The body of POST …/statuses: {"from","code","description","staff":{…},"at"}; status.invalid with faults.
// `response_for` is left empty: the document at hand fills it.
Result<model::Status> parse_status(std::string_view json);

// A document as its receiver's software reads it: the same names as in a package, plus "files" with sha256,
// bytes, name, description (and, per file, "url" = url_prefix + "/" + ordinal, from 1, when url_prefix is not
// empty).
std::string to_json(const model::Document& document, std::string_view url_prefix);

// Words for disputed numbers (D12): priority thuong|khan|thuong_khan|hoa_toc|hoa_toc_hen_gio ⇄ 0…4; others
// null.
std::string_view priority_word(int priority);

}  // namespace axis::package
