// OpenSSL's handles, owned, and its values read. Internal to signature/. Any thread.
#pragma once

#include "gateway/base/clock.hpp"

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <string>
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
using EcdsaHandle = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

// The reason of the newest error in OpenSSL's queue, which is emptied.
std::string openssl_error();

Time time_of(const ASN1_TIME* time);
std::string serial_text(const ASN1_INTEGER* serial);  // hexadecimal
// Every value of one kind in a name, in order, as UTF-8.
std::vector<std::string> name_values(const X509_NAME* name, int nid);

}  // namespace axis::signature
