// Package JSON ⇄ Package (schemas/package.schema.json is the contract; this is its hand-written reader).
//
// Reading reports every fault at once, each with a JSON pointer; unknown keys are faults. Nothing is
// defaulted except what the schema documents as a default. The forbidden-class gate (policy/) is asked by the
// caller, first. Any thread; memory a few times the JSON text, which the caller bounds (1 MiB when posted).
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/model/package.hpp"
#include "gateway/model/status.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace axis::package {

struct Limits {
    std::size_t recipient_count_max = 2000;
    std::size_t file_count_max = 200;
    std::size_t file_name_characters_max = 255;
};

// What is demanded of a package.
enum class Demand {
    posted,    // all the schema says, and what the kind of business needs (edxml-standard.md §1.7)
    received,  // it was made from an envelope, and envelopes are poor: no required keys but the classes, no
               // lengths, no defaults; the keys only such a package has are known, and the document has its
               // attachments (facts: wrapped and the file's digest and size only)
};

// package.not_json (detail: line and column) or package.invalid with faults.
Result<model::Package> parse(
    std::string_view json, const Limits& limits = {}, Demand demand = Demand::posted
);

// The body of POST …/statuses: {"from","code","description","staff":{…},"at"}; status.invalid with faults.
// `response_for` is left empty: the document at hand fills it.
Result<model::Status> parse_status(std::string_view json);

// A document as its receiver's software reads it: the same names as in a package, plus "files" with sha256,
// bytes, name, description (and, per file, "url" = url_prefix + "/" + ordinal, from 1, when url_prefix is not
// empty). Without "extensions", and without "business" when the document is new.
std::string to_json(const model::Document& document, std::string_view url_prefix);

// Of a status too, with what it is about: for people, and for comparing.
std::string to_json(const model::Status& status);

// What no envelope says, and nobody may invent.
struct Classes {
    model::SecurityClass security_class;
    bool restricted_publication;
    bool denunciation;
};

// Everything a document says, as an indented text: parse(…, Demand::received) reads the same document from
// it. Without classes it is for reading only: no parse takes it.
std::string to_package_json(const model::Document& document, const std::optional<Classes>& classes);

std::optional<model::SecurityClass> security_class_named(std::string_view word);  // thuong, mat, …

// Words for disputed numbers (D12): priority thuong|khan|thuong_khan|hoa_toc|hoa_toc_hen_gio ⇄ 0…4; others
// empty.
std::string_view priority_word(int priority);

}  // namespace axis::package
