// The files of a trust folder, read. Internal to signature/. Blocking.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/certificate.hpp"
#include "gateway/signature/ocsp_answers.hpp"
#include "gateway/signature/openssl.hpp"
#include "gateway/signature/trust_store.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace axis::signature {

struct Anchor {
    Certificate certificate;
    std::string name;
    std::string purpose;  // "cong_vu", "public", "partner", "tsa"; empty: not said
    std::optional<Time> from;
    std::optional<Time> until;
};

struct Binding {
    std::string agency;
    std::optional<Sha256> certificate;
    std::string issuer;   // CN
    std::string subject;  // CN
    std::string unit;     // OU
};

struct RevokedList {
    CrlHandle handle;
    Material material;
};

struct Responder {
    std::vector<Certificate> issuers;  // one authority, all its certificates
    std::string url;
};

struct TrustFiles {
    std::vector<Anchor> anchors;
    std::vector<Certificate> intermediates;
    std::vector<RevokedList> revoked;
    std::vector<Binding> bindings;
    std::vector<StoredAnswer> answers;
    std::vector<Responder> responders;
};

// config_invalid with every fault.
Result<TrustFiles> read_trust_folder(const std::filesystem::path& folder, const TrustLimits& limits);

}  // namespace axis::signature
