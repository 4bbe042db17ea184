// Judgement: what is to be thought of a signature, and what it rests on, so that a security officer can
// follow it years later (architecture D13).
//
//   valid              covers all that is read, by a key whose certificate chains to a trusted anchor and
//                      belongs to the sender
//   weak               the same, by SHA-1         untrusted           holds, but the signer is not trusted
//   invalid            value or content wrong     broken_in_transit   signed; an axis wrote the message anew
//   malformed          not a form that is trusted dummy               called a signature, signs nothing
//   absent · not_checked
//
// Values; any thread.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/digest.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

enum class Verdict : std::uint8_t {
    valid,
    weak,
    invalid,
    untrusted,
    broken_in_transit,
    dummy,
    malformed,
    absent,
    not_checked
};
std::string_view name(Verdict verdict);

enum class Reason : std::uint8_t {
#define AXIS_REASON(name, ...) name,
#include "gateway/signature/reasons.def"
#undef AXIS_REASON
};

struct ReasonRow {
    Reason value;
    std::string_view code;
    Verdict verdict;
    std::string_view english;
    std::string_view vietnamese;
};
const ReasonRow& row(Reason reason);

enum class Revocation : std::uint8_t { good, unknown, revoked };
std::string_view name(Revocation revocation);

// One step of the way to a verdict; later ones are not taken after one that failed.
struct Check {
    enum class Outcome : std::uint8_t { passed, failed, unknown };
    // "structure", "value", "time_stamp", "certificate", "chain", "revocation", "binding", "digest", "facts",
    // "files"
    std::string_view name;
    Outcome outcome = Outcome::passed;
    std::string detail;
};
std::string_view name(Check::Outcome outcome);

// Whose certificate it is, as the certificate says.
struct Signer {
    std::string name;          // CN
    std::string organisation;  // O
    std::vector<std::string> units;
    std::string issuer;  // CN, else the whole name
    std::string serial;  // hexadecimal
    Sha256 sha256;       // of the certificate
    Time not_before{};
    Time not_after{};
};

// What was consulted beside the certificates, as it was: with `chain` and the envelope enough to judge again
// without a network. The bytes of a list are shared with the trust store, which may hold megabytes of them.
struct Material {
    enum class Kind : std::uint8_t { crl, ocsp, time_stamp };
    Kind kind = Kind::crl;
    std::shared_ptr<const std::string> der;  // never null
    Sha256 sha256;                           // of der
};
std::string_view name(Material::Kind kind);  // "crl", "ocsp", "time_stamp"
Material material(Material::Kind kind, std::string der);

struct Judgement {
    Reason reason = Reason::absent;
    std::string detail;  // what exactly, for a programmer; never document text
    std::optional<Signer> signer;
    std::string algorithm;          // of the signature: "rsa-sha256"
    std::string claimed_at;         // the signing time the signature names, as written; proves nothing
    std::optional<Time> proven_at;  // by a time stamp of a trusted authority: it was there by then
    Revocation revocation = Revocation::unknown;
    std::string anchor;              // name of the trusted certificate the chain ends at, with its purpose
    std::vector<std::string> chain;  // DER, leaf first, as far as it was built
    std::vector<Material> materials;
    std::vector<Check> checks;

    Verdict verdict() const { return row(reason).verdict; }
};

}  // namespace axis::signature
