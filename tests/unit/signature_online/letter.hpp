// A small letter of G98, and signed by a party of the PKI.
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/envelope/relay.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/signature/envelope_signer.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/signature_pdf/pki.hpp"

#include <memory>
#include <string>

namespace axis::test {

inline std::string letter() {
    model::Document d;
    d.from.code = *model::AgencyCode::parse("G98");
    d.from.name = "Bộ Thử nghiệm";
    d.to = {d.from};
    d.to[0].code = *model::AgencyCode::parse("G99");
    d.number = "12";
    d.notation = "TN-VP";
    d.issued = model::Date::read("2026/11/21");
    d.subject = "V/v thử nghiệm";
    return envelope::write(d).value().skeleton;
}

inline std::unique_ptr<signature::KeySource> key_of(const Party& party) {
    const TempDir folder;
    const auto write = [&](const char* name, const std::string& text) {
        const auto path = folder / name;
        write_file(path, text).value();
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        return path;
    };
    signature::KeyLocation location;
    location.key_file = write("key.pem", pem(party.key.get()));
    location.cert_file = write("cert.pem", pem(party.certificate.get()));
    return signature::open_key(location).value();
}

inline signature::SignedSkeleton sign_letter(const Party& party, Time at, Random& random) {
    const auto skeleton = letter();
    const auto place = envelope::signature_place(skeleton).value();
    const auto key = key_of(party);
    return signature::sign_envelope({skeleton, {}, {}}, place, *key, at, random).value();
}

}  // namespace axis::test
