// OpenSSL's handles, owned, and its values read. Internal to signature/. Any thread.
#pragma once

#include "gateway/base/clock.hpp"

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

template <auto function>
struct Freed {
    template <class T>
    void operator()(T* handle) const {
        function(handle);
    }
};

using X509Handle = std::unique_ptr<X509, Freed<X509_free>>;
using CrlHandle = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using DigestHandle = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using BioHandle = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using StoreHandle = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using StackHandle =
    std::unique_ptr<STACK_OF(X509), Freed<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>>;
using EcdsaHandle = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

// The reason of the newest error in OpenSSL's queue, which is emptied.
std::string openssl_error();

Time time_of(const ASN1_TIME* time);
std::time_t seconds(Time at);

// What one of OpenSSL's i2d functions writes.
template <class T, class Encode>
std::string der_of(T* value, Encode encode) {
    unsigned char* bytes = nullptr;
    const int size = encode(value, &bytes);
    std::string out{reinterpret_cast<const char*>(bytes), size > 0 ? static_cast<std::size_t>(size) : 0};
    OPENSSL_free(bytes);
    return out;
}

// The first element and what follows it; nothing when its length is not definite or leads too far.
struct DerElement {
    std::string_view whole, content, rest;
};
std::optional<DerElement> first_element(std::string_view der);

std::string serial_text(const ASN1_INTEGER* serial);  // hexadecimal
// Every value of one kind in a name, in order, as UTF-8.
std::vector<std::string> name_values(const X509_NAME* name, int nid);

}  // namespace axis::signature
