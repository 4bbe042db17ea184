#include "tests/unit/signature_pdf/pki.hpp"

#include "gateway/base/file.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace axis::test {

using namespace signature;

namespace {

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string{what} + ": " + openssl_error());
}

std::time_t seconds(std::string_view iso) {
    return std::chrono::system_clock::to_time_t(day(iso));
}

KeyHandle make_key(KeyType type) {
    if (type == KeyType::ec) return KeyHandle{EVP_EC_gen("P-256")};
    return KeyHandle{EVP_RSA_gen(type == KeyType::rsa ? 2048U : 1024U)};
}

void add(X509_NAME* name, int nid, const std::string& value) {
    if (value.empty()) return;
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    must(
        X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0) ==
            1,
        "name"
    );
}

void extend(X509* x509, const X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, const_cast<X509*>(issuer), x509, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    must(extension != nullptr && X509_add_ext(x509, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

Party make(const Subject& subject, const Party* issuer, bool authority, long serial) {
    Party out{X509Handle{X509_new()}, make_key(subject.key)};
    auto* x509 = out.certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
    ASN1_TIME_set(X509_getm_notBefore(x509), seconds(subject.from));
    ASN1_TIME_set(X509_getm_notAfter(x509), seconds(subject.until));
    auto* name = X509_get_subject_name(x509);
    add(name, NID_countryName, "VN");
    add(name, NID_organizationName, subject.o);
    add(name, NID_organizationalUnitName, subject.ou);
    add(name, NID_commonName, subject.cn);
    add(name, NID_userId, subject.uid);
    add(name, NID_title, subject.title);
    X509_set_pubkey(x509, out.key.get());
    const auto* signer = issuer != nullptr ? issuer->certificate.get() : x509;
    X509_set_issuer_name(x509, X509_get_subject_name(signer));
    extend(x509, signer, NID_subject_key_identifier, "hash");
    if (issuer != nullptr) extend(x509, signer, NID_authority_key_identifier, "keyid:always");
    extend(x509, signer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    extend(x509, signer, NID_key_usage, authority ? "critical,keyCertSign,cRLSign" : subject.usage);
    if (!subject.extended_usage.empty()) extend(x509, signer, NID_ext_key_usage, subject.extended_usage);
    auto* key = issuer != nullptr ? issuer->key.get() : out.key.get();
    must(X509_sign(x509, key, EVP_sha256()) > 0, "sign certificate");
    return out;
}

std::string text_of(BIO* bio) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string serial_of(const X509* x509) {
    return std::to_string(ASN1_INTEGER_get(X509_get0_serialNumber(x509)));
}

std::string list_of(const Party& authority, const std::vector<std::pair<std::string, Time>>& revoked) {
    const CrlHandle crl{X509_CRL_new()};
    X509_CRL_set_version(crl.get(), 1);
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(authority.certificate.get()));
    ASN1_TIME* time = ASN1_TIME_set(nullptr, seconds("2026-11-01"));
    X509_CRL_set1_lastUpdate(crl.get(), time);
    ASN1_TIME_set(time, seconds("2027-11-01"));
    X509_CRL_set1_nextUpdate(crl.get(), time);
    for (const auto& [serial, since] : revoked) {
        X509_REVOKED* entry = X509_REVOKED_new();
        ASN1_INTEGER* number = ASN1_INTEGER_new();
        ASN1_INTEGER_set(number, std::stol(serial));
        X509_REVOKED_set_serialNumber(entry, number);
        ASN1_TIME_set(time, std::chrono::system_clock::to_time_t(since));
        X509_REVOKED_set_revocationDate(entry, time);
        X509_CRL_add0_revoked(crl.get(), entry);
        ASN1_INTEGER_free(number);
    }
    ASN1_TIME_free(time);
    X509V3_CTX context;
    X509V3_set_ctx(&context, authority.certificate.get(), nullptr, nullptr, crl.get(), 0);
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always");
    X509_CRL_add_ext(crl.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_CRL_sort(crl.get());
    must(X509_CRL_sign(crl.get(), authority.key.get(), EVP_sha256()) > 0, "sign list");
    const BioHandle bio{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509_CRL(bio.get(), crl.get());
    return text_of(bio.get());
}

}  // namespace

Time day(std::string_view iso) {
    Time out{};
    if (!parse_time(iso, out)) throw std::runtime_error("no time: " + std::string{iso});
    return out;
}

std::string pem(const X509* certificate) {
    const BioHandle bio{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(bio.get(), const_cast<X509*>(certificate));
    return text_of(bio.get());
}

std::string pem(EVP_PKEY* key) {
    const BioHandle bio{BIO_new(BIO_s_mem())};
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio.get());
}

Party copy(const Party& party) {
    X509_up_ref(party.certificate.get());
    EVP_PKEY_up_ref(party.key.get());
    return {X509Handle{party.certificate.get()}, KeyHandle{party.key.get()}};
}

Pki::Pki() {
    const auto authority = [](std::string cn) {
        Subject out;
        out.cn = std::move(cn);
        out.o = "Thử nghiệm";
        out.from = "2020-01-01";
        out.until = "2040-01-01";
        return out;
    };
    root_ = make(authority("Root CA Thử nghiệm"), nullptr, true, 1);
    sub_ = make(authority("CA Thử nghiệm"), &root_, true, 2);
    stranger_ = make(authority("CA Lạ"), nullptr, true, 1);
}

Party Pki::issue(const Subject& subject) {
    return make(subject, &sub_, false, next_serial_++);
}
Party Pki::issue_unknown(const Subject& subject) {
    return make(subject, &stranger_, false, next_serial_++);
}
void Pki::revoke(const Party& party, std::string_view since) {
    revoked_.emplace_back(serial_of(party.certificate.get()), day(since));
}

void Pki::write_trust(const std::filesystem::path& folder, bool revocation) const {
    std::filesystem::create_directories(folder);
    write_file(folder / "root.pem", pem(root_.certificate.get())).value();
    write_file(folder / "sub.pem", pem(sub_.certificate.get())).value();
    if (!revocation) return;
    write_file(folder / "root.crl", list_of(root_, {})).value();
    write_file(folder / "sub.crl", list_of(sub_, revoked_)).value();
}

TrustStore Pki::trust(bool revocation) const {
    const TempDir folder;
    write_trust(folder.path(), revocation);
    return TrustStore::load(folder.path()).value();
}

}  // namespace axis::test
