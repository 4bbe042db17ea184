// KeySource: where signature values come from; files and PKCS#11 tokens alike (architecture D14).
//
//   LocalKey     the key is in this process: axisctl's own, and the signer process
//   SignerLink   the key is in the signer process; this one only sees digests and values (signer_process.hpp)
//
// Blocking: a token, or a round trip to the signer process; crypto pool. Any thread, several at a time.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/certificate.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

class KeySource {
public:
    virtual ~KeySource() = default;
    // The value over a SHA-256, -384 or -512 digest, as XML signatures write it: RSA PKCS1, or ECDSA r||s.
    // signer.failed: the key cannot be used now.
    virtual Result<std::string> sign(std::string_view digest) = 0;
    // The signer's certificate first, then those that lead to an anchor.
    virtual const std::vector<Certificate>& chain() const = 0;
};

struct KeyLocation {
    std::filesystem::path key_file;  // PEM, readable by its owner only
    // Or a token: a file with its URI (pkcs11:token=…;object=…;type=private), its module, a file with the
    // PIN.
    std::filesystem::path pkcs11_uri_file;
    std::filesystem::path pkcs11_module;
    std::filesystem::path pkcs11_pin_file;
    std::filesystem::path cert_file;  // PEM: the certificate and its intermediates
};

// RSA from 2048 bits, or EC. config_file, config_secret_mode, config_value: which file, and what is wrong
// with it; also when key and certificate are no pair.
Result<std::unique_ptr<KeySource>> open_key(const KeyLocation& location);

// The certificates of a key, without the key: what the process may know that must not have it.
Result<std::vector<Certificate>> read_chain(const std::filesystem::path& cert_file);

}  // namespace axis::signature
