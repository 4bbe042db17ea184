// Statement: the facts of a document that are legal acts, and its files by name, size and SHA-256 of their
// unwrapped bytes (architecture D13). What an axis may change on the way is not in it.
//
// Values; any thread.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/model/document.hpp"
#include "gateway/model/file_name.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

// The attachment that a statement travels in; told apart by case.
using model::statement_file_name;
inline constexpr std::string_view statement_namespace = "urn:axisd:attached-signature:1";

// A kind of fact: an element of the statement, its values as attributes.
struct FactKind {
    std::string_view name;
    bool many = false;
    std::vector<std::string_view> attributes{};
};
std::span<const FactKind> fact_kinds();

// One fact. Texts are compared as they read: NFC, white space of any length as one blank.
struct Fact {
    std::size_t kind = 0;             // place in fact_kinds()
    std::vector<std::string> values;  // one per attribute; empty: not given
    auto operator<=>(const Fact&) const = default;
};

struct SignedFile {
    std::string name;
    std::uint64_t bytes = 0;
    Sha256 sha256;
    auto operator<=>(const SignedFile&) const = default;
};

struct Statement {
    std::vector<Fact> facts;
    std::vector<SignedFile> files;
};

// A text as it is compared.
std::string plain_text(std::string_view text);

// Of a document whose attachments have their facts; an attachment called a statement is none of its files.
Statement statement_of(const model::Document& document);

// Takes the attachments that are called a statement out of a document: what is left is what its reader sees.
std::vector<model::Attachment> take_statements(model::Document& document);

// Without a signature; the end tag of the root stands last.
std::string markup_of(const Statement& statement);

}  // namespace axis::signature
