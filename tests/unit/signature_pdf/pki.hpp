// A public-key infrastructure of invented agencies, made anew by each program; times are fixed.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/signature/openssl.hpp"
#include "gateway/signature/trust_store.hpp"
#include "tests/support/temp_dir.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

Time day(std::string_view iso);  // "2026-11-25"

enum class KeyType { ec, rsa, rsa_1024 };

struct Subject {
    std::string cn;
    std::string o = "Bộ Thử nghiệm";
    std::string ou;
    std::string uid;
    std::string title;
    std::string from = "2026-01-01";
    std::string until = "2028-01-01";
    std::string usage = "critical,digitalSignature,nonRepudiation";
    std::string extended_usage;
    KeyType key = KeyType::ec;
};

struct Party {
    signature::X509Handle certificate;
    signature::KeyHandle key;
};

class Pki {
public:
    Pki();

    Party issue(const Subject& subject);          // by the ministry's authority, under the root
    Party issue_unknown(const Subject& subject);  // by an authority nobody trusts
    void revoke(const Party& party, std::string_view since);
    const X509* intermediate() const { return sub_.certificate.get(); }
    const Party& authority() const { return sub_; }  // who issues
    const Party& root() const { return root_; }
    const Party& stranger() const { return stranger_; }

    // Root, authority and lists as they are now. `revocation`: with lists.
    signature::TrustStore trust(bool revocation = true) const;
    void write_trust(const std::filesystem::path& folder, bool revocation = true) const;

private:
    Party root_, sub_, stranger_;
    std::vector<std::pair<std::string, Time>> revoked_;  // serials
    long next_serial_ = 100;
};

Party copy(const Party& party);
std::string pem(const X509* certificate);
std::string pem(EVP_PKEY* key);

}  // namespace axis::test
