// A key in this process: from a PEM file, or behind a token (token_key.hpp).
#include "gateway/base/file.hpp"
#include "gateway/base/secret.hpp"
#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/key_source.hpp"
#include "gateway/signature/openssl.hpp"
#include "gateway/signature/token_key.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <mutex>

namespace axis::signature {

namespace {

constexpr int rsa_bits_min = 2048;
constexpr std::size_t key_bytes_max = 64 * 1024;
using ContextHandle = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;

const EVP_MD* digest_of(std::size_t bytes) {
    return bytes == 32 ? EVP_sha256() : bytes == 48 ? EVP_sha384() : bytes == 64 ? EVP_sha512() : nullptr;
}

class LocalKey final : public KeySource {
public:
    LocalKey(KeyHandle key, std::vector<Certificate> chain, bool token)
        : key_{std::move(key)}, chain_{std::move(chain)}, token_{token} {}

    Result<std::string> sign(std::string_view digest) override {
        // A token's session is one conversation; keys in memory need no turn.
        std::unique_lock<std::mutex> turn;
        if (token_) turn = std::unique_lock{mutex_};
        const auto* md = digest_of(digest.size());
        const ContextHandle context{EVP_PKEY_CTX_new(key_.get(), nullptr)};
        const bool ec = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC;
        std::string value(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
        auto size = value.size();
        const bool made = md != nullptr && context && EVP_PKEY_sign_init(context.get()) == 1 &&
                          (ec || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
                          EVP_PKEY_CTX_set_signature_md(context.get(), md) == 1 &&
                          EVP_PKEY_sign(
                              context.get(),
                              reinterpret_cast<unsigned char*>(value.data()),
                              &size,
                              reinterpret_cast<const unsigned char*>(digest.data()),
                              digest.size()
                          ) == 1;
        if (!made) return Error{errc::signer_failed, openssl_error()};
        value.resize(size);
        if (ec) value = ecdsa_from_der(value, key_.get());
        if (value.empty()) return Error{errc::signer_failed, "the key gave no ECDSA value"};
        return value;
    }
    const std::vector<Certificate>& chain() const override { return chain_; }

private:
    KeyHandle key_;
    std::vector<Certificate> chain_;
    bool token_;
    std::mutex mutex_;
};

Error wrong(const std::filesystem::path& file, const std::string& why) {
    return {errc::config_value, file.string() + ": " + why};
}

Result<KeyHandle> key_from_file(const std::filesystem::path& file) {
    const auto mode = Secret::from_file(file);  // also: only its owner may read it
    if (!mode) return Error{mode.error().code, file.string()};
    auto text = read_file(file, key_bytes_max);
    if (!text) return Error{errc::config_file, file.string()};
    const BioHandle bio{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    KeyHandle key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    OPENSSL_cleanse(text->data(), text->size());
    ERR_clear_error();
    if (!key) return wrong(file, "no private key in PEM without passphrase");
    return key;
}

}  // namespace

Result<std::vector<Certificate>> read_chain(const std::filesystem::path& cert_file) {
    const auto text = read_file(cert_file);
    if (!text) return Error{errc::config_file, cert_file.string()};
    auto chain = Certificate::all_of(*text);
    if (chain.empty()) return wrong(cert_file, "no certificate");
    return chain;
}

Result<std::unique_ptr<KeySource>> open_key(const KeyLocation& location) {
    auto chain = read_chain(location.cert_file);
    if (!chain) return chain.error();
    const bool token = location.key_file.empty();
    auto key = token ? key_from_token(location) : key_from_file(location.key_file);
    if (!key) return key.error();
    const auto& file = token ? location.pkcs11_uri_file : location.key_file;
    const bool rsa = EVP_PKEY_get_base_id(key->get()) == EVP_PKEY_RSA;
    if (!rsa && EVP_PKEY_get_base_id(key->get()) != EVP_PKEY_EC) return wrong(file, "neither RSA nor EC");
    if (rsa && EVP_PKEY_get_bits(key->get()) < rsa_bits_min) return wrong(file, "RSA under 2048 bits");
    if (EVP_PKEY_eq(key->get(), chain->front().key()) != 1)
        return wrong(location.cert_file, "its first certificate is not the key's");
    return std::unique_ptr<KeySource>{std::make_unique<LocalKey>(std::move(*key), std::move(*chain), token)};
}

}  // namespace axis::signature
