#include "gateway/signature/certificate.hpp"

#include "gateway/signature/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <mutex>
#include <unordered_map>

namespace axis::signature {

std::string openssl_error() {
    const auto error = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(error);
    return reason == nullptr ? "OpenSSL error " + std::to_string(error) : reason;
}

struct Certificate::Impl {
    X509Handle x509;
    std::string der;
    Signer facts;
};

namespace {

std::string text_of(const ASN1_STRING* string) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, string);
    if (size < 0) return {};
    std::string out{reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)};
    OPENSSL_free(utf8);
    return out;
}

}  // namespace

std::vector<std::string> name_values(const X509_NAME* name, int nid) {
    std::vector<std::string> out;
    for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(name, nid, at))
        out.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
    return out;
}

namespace {

std::string first(const X509_NAME* name, int nid) {
    const auto all = name_values(name, nid);
    return all.empty() ? "" : all.front();
}

std::string whole(const X509_NAME* name) {
    const BioHandle bio{BIO_new(BIO_s_mem())};
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return {};
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Time time_of(const ASN1_TIME* time) {
    std::tm tm{};
    if (ASN1_TIME_to_tm(time, &tm) != 1) return {};
    const std::chrono::year_month_day day{
        std::chrono::year{tm.tm_year + 1900},
        std::chrono::month{static_cast<unsigned>(tm.tm_mon + 1)},
        std::chrono::day{static_cast<unsigned>(tm.tm_mday)}};
    return Time{std::chrono::sys_days{day}.time_since_epoch()} + std::chrono::hours{tm.tm_hour} +
           std::chrono::minutes{tm.tm_min} + std::chrono::seconds{tm.tm_sec};
}

std::time_t seconds(Time at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::optional<DerElement> first_element(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* const begin = at;
    long size = 0;
    int tag = 0, kind = 0;
    const int told = ASN1_get_object(&at, &size, &tag, &kind, static_cast<long>(der.size()));
    ERR_clear_error();
    if ((told & 0x80) != 0 || (told & 1) != 0) return std::nullopt;
    const auto head = static_cast<std::size_t>(at - begin);
    const auto length = static_cast<std::size_t>(size);
    return DerElement{der.substr(0, head + length), der.substr(head, length), der.substr(head + length)};
}

std::string serial_text(const ASN1_INTEGER* serial) {
    BIGNUM* number = ASN1_INTEGER_to_BN(serial, nullptr);
    char* hex = BN_bn2hex(number);
    std::string out{hex == nullptr ? "" : hex};
    OPENSSL_free(hex);
    BN_free(number);
    return out;
}

namespace {

Signer facts_of(const X509* x509, const Sha256& sha256) {
    const auto* subject = X509_get_subject_name(x509);
    const auto* issuer = X509_get_issuer_name(x509);
    Signer facts;
    facts.name = first(subject, NID_commonName);
    facts.organisation = first(subject, NID_organizationName);
    facts.units = name_values(subject, NID_organizationalUnitName);
    facts.issuer = first(issuer, NID_commonName);
    if (facts.issuer.empty()) facts.issuer = whole(issuer);
    if (facts.name.empty()) facts.name = whole(subject);
    facts.serial = serial_text(X509_get0_serialNumber(x509));
    facts.sha256 = sha256;
    facts.not_before = time_of(X509_get0_notBefore(x509));
    facts.not_after = time_of(X509_get0_notAfter(x509));
    return facts;
}

// Without the extension a certificate is for everything. Documents are signed by certificates for documents,
// mail, codes of persons (client authentication), or for anything; never by those for servers alone.
bool extended_usage_allows(const X509* x509) {
    const auto usage = X509_get_extended_key_usage(const_cast<X509*>(x509));  // caches, hence not const
    if (usage == UINT32_MAX) return true;
    if ((usage & (XKU_SMIME | XKU_SSL_CLIENT | XKU_ANYEKU)) != 0) return true;
    auto* list =
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509, NID_ext_key_usage, nullptr, nullptr));
    bool found = false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(list) && !found; ++i) {
        char text[64];
        OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(list, i), 1);
        const std::string_view oid{text};
        found = oid == "1.3.6.1.5.5.7.3.36" || oid == "1.3.6.1.4.1.311.10.3.12";  // document signing
    }
    sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
    return found;
}

constexpr std::size_t recent_count_max = 256;
constexpr std::size_t recent_bytes_max = 16 * 1024;

// What was parsed lately, by its bytes: the signer's certificate comes with each of his messages, and to
// parse it costs OpenSSL 3 six times what verifying with it does. Says nothing of trust. Full, it begins
// anew.
template <class Parsed>
class Recent {
public:
    Parsed find(const Sha256& sha256) const {
        const std::lock_guard lock{mutex_};
        const auto at = all_.find(sha256);
        return at == all_.end() ? Parsed{} : at->second;
    }
    void keep(const Sha256& sha256, Parsed parsed) {
        const std::lock_guard lock{mutex_};
        if (all_.size() >= recent_count_max) all_.clear();
        all_.emplace(sha256, std::move(parsed));
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<Sha256, Parsed> all_;
};

}  // namespace

std::optional<Certificate> Certificate::from_der(std::string_view der) {
    static auto& recent = *new Recent<std::shared_ptr<const Impl>>;  // outlives OpenSSL's own end
    const auto digest = sha256(der);
    Certificate out;
    out.impl_ = recent.find(digest);
    if (out.impl_) return out;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* end = at + der.size();
    X509Handle x509{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
    ERR_clear_error();
    if (!x509 || at != end || X509_get0_pubkey(x509.get()) == nullptr) return std::nullopt;
    auto facts = facts_of(x509.get(), digest);
    out.impl_ = std::make_shared<const Impl>(Impl{std::move(x509), std::string{der}, std::move(facts)});
    if (der.size() <= recent_bytes_max) recent.keep(digest, out.impl_);
    return out;
}

std::vector<Certificate> Certificate::all_of(std::string_view text) {
    std::vector<Certificate> out;
    const BioHandle bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    while (const X509Handle x509{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
        if (auto certificate = from_der(der_of(x509.get(), i2d_X509))) out.push_back(std::move(*certificate));
    ERR_clear_error();
    if (!out.empty()) return out;
    if (auto one = from_der(text)) out.push_back(std::move(*one));
    return out;
}

const std::string& Certificate::der() const {
    return impl_->der;
}
const Signer& Certificate::facts() const {
    return impl_->facts;
}
X509* Certificate::handle() const {
    return impl_->x509.get();
}
EVP_PKEY* Certificate::key() const {
    return X509_get0_pubkey(impl_->x509.get());
}

bool Certificate::self_signed() const {
    const bool itself = X509_self_signed(handle(), 1) == 1;
    ERR_clear_error();
    return itself;
}
bool Certificate::is_authority() const {
    return X509_check_ca(handle()) == 1;
}
bool Certificate::may_sign() const {
    return X509_check_ca(handle()) == 0 && key_may_sign() && extended_usage_allows(handle());
}
bool Certificate::key_may_sign() const {
    const auto usage = X509_get_key_usage(handle());
    return usage == UINT32_MAX || (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

}  // namespace axis::signature
