// What OpenSSL alone needs: the bare operations that signing and verifying cannot do without.
#pragma once

#include "tests/bench/pieces.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace axis::bench {

// RSA PKCS1 over one SHA-256 digest with the key of a PEM file; all that can be prepared is.
class OpensslRsa {
public:
    explicit OpensslRsa(const std::string& key_file) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
            std::fopen(key_file.c_str(), "r"), std::fclose};
        must(file != nullptr, "cannot open " + key_file);
        key_.reset(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
        must(key_ != nullptr, "no key in " + key_file);
        private_ = context(EVP_PKEY_sign_init);
        public_ = context(EVP_PKEY_verify_init);
        value_.resize(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
        sign();
        verify();
    }
    void sign() {
        auto size = value_.size();
        const auto done = EVP_PKEY_sign(private_.get(), value_.data(), &size, digest_.data(), digest_.size());
        must(done == 1 && size == value_.size(), "RSA signing");
    }
    void verify() {
        const auto done =
            EVP_PKEY_verify(public_.get(), value_.data(), value_.size(), digest_.data(), digest_.size());
        must(done == 1, "RSA verifying");
    }

private:
    using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
    Context context(int (*init)(EVP_PKEY_CTX*)) const {
        Context out{EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free};
        const bool ready = out && init(out.get()) == 1 &&
                           EVP_PKEY_CTX_set_rsa_padding(out.get(), RSA_PKCS1_PADDING) == 1 &&
                           EVP_PKEY_CTX_set_signature_md(out.get(), EVP_sha256()) == 1;
        must(ready, "no RSA key");
        return out;
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, EVP_PKEY_free};
    Context private_{nullptr, EVP_PKEY_CTX_free};
    Context public_{nullptr, EVP_PKEY_CTX_free};
    std::array<unsigned char, 32> digest_{1, 2, 3};
    std::vector<unsigned char> value_;
};

// SHA-256 over so many bytes that are in the processor's cache already.
inline void sha256_alone(std::uint64_t bytes) {
    const std::string piece(piece_bytes / 16, 'x');
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    must(context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1, "SHA-256");
    for (auto left = bytes; left > 0;) {
        const auto n = std::min<std::uint64_t>(left, piece.size());
        EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(n));
        left -= n;
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    must(EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1, "SHA-256");
}

}  // namespace axis::bench
