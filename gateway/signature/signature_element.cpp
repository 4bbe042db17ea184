#include "gateway/signature/signature_element.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/signature/form.hpp"
#include "gateway/signature/tree.hpp"

namespace axis::signature {

namespace {

constexpr std::string_view signature_id = "axisd-signature";
constexpr std::string_view time_id = "axisd-signing-time";
constexpr std::string_view enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

std::string digest_of(const Suite& suite, std::string_view bytes) {
    Digest digest{suite.digest.digest};
    digest.update(bytes);
    return digest.finish();
}

std::string method(std::string_view element, std::string_view uri) {
    const std::string name{element};
    return "<" + name + " Algorithm=\"" + std::string{uri} + "\"></" + name + ">";
}

std::string reference(
    std::string_view uri, const std::string& transforms, const Suite& suite, const std::string& digest
) {
    return "<Reference URI=\"" + std::string{uri} + "\"><Transforms>" + transforms + "</Transforms>" +
           method("DigestMethod", suite.digest.uri) + "<DigestValue>" + base64_encode(digest) +
           "</DigestValue></Reference>";
}

// Both are written in their exclusive canonical form; only the namespace of the apex is declared further up.
std::string content_of(const std::string& element, std::string_view name, std::string_view attributes) {
    return "<" + std::string{name} + std::string{attributes} + ">" + element + "</" + std::string{name} + ">";
}
const std::string declared = " xmlns=\"" + std::string{xmldsig} + "\"";

std::string properties_content(Time at) {
    return "<SignatureProperty Target=\"#" + std::string{signature_id} + "\"><SigningTime xmlns=\"" +
           std::string{qcvn} + "\">" + to_local_text(at) + "</SigningTime></SignatureProperty>";
}

std::string key_info(const std::vector<Certificate>& chain) {
    std::string out = "<KeyInfo><X509Data>";
    for (const auto& certificate : chain) {
        if (&certificate != &chain.front() && certificate.self_signed()) continue;  // the reader has its own
        out += "<X509Certificate>" + base64_encode(certificate.der()) + "</X509Certificate>";
    }
    return out + "</X509Data></KeyInfo>";
}

}  // namespace

Suite suite_of(const Certificate& certificate) {
    const bool ec = EVP_PKEY_is_a(certificate.key(), "EC") == 1;
    const int bits = EVP_PKEY_get_bits(certificate.key());
    const std::string_view size = !ec || bits <= 256 ? "256" : bits <= 384 ? "384" : "512";
    const auto uri = std::string{"http://www.w3.org/2001/04/xmldsig-more#"} + (ec ? "ecdsa-sha" : "rsa-sha");
    const auto* signature = signature_algorithm(uri + std::string{size});
    const auto* digest = digest_algorithm(
        size == "384" ? "http://www.w3.org/2001/04/xmldsig-more#sha384"
                      : "http://www.w3.org/2001/04/xmlenc#sha" + std::string{size}
    );
    AXIS_ASSERT(signature != nullptr && digest != nullptr);
    return {*signature, *digest};
}

Result<SignatureElement> signature_element(
    const std::string& whole, const Suite& suite, KeySource& key, Time at
) {
    const auto exclusive = method("Transform", canonical_uri(Canonical::exclusive));
    const auto id = " Id=\"" + std::string{time_id} + "\"";
    const auto properties = properties_content(at);
    const auto time_digest = digest_of(suite, content_of(properties, "SignatureProperties", declared + id));
    const auto info = method("CanonicalizationMethod", canonical_uri(Canonical::exclusive)) +
                      method("SignatureMethod", suite.signature.uri) +
                      reference("", method("Transform", enveloped) + exclusive, suite, whole) +
                      reference("#" + std::string{time_id}, exclusive, suite, time_digest);
    auto value = key.sign(digest_of(suite, content_of(info, "SignedInfo", declared)));
    if (!value) return value.error();
    SignatureElement out;
    out.text = "<Signature" + declared + " Id=\"" + std::string{signature_id} + "\">" +
               content_of(info, "SignedInfo", "") + content_of(base64_encode(*value), "SignatureValue", "") +
               key_info(key.chain()) +
               content_of(content_of(properties, "SignatureProperties", id), "Object", "");
    out.stamped = content_of(base64_encode(*value), "SignatureValue", declared);
    out.stamp_place = out.text.size();
    out.text += "</Signature>";
    return out;
}

std::string time_stamp_object(std::string_view token) {
    const auto in_xades =
        " xmlns=\"" + std::string{xades} + "\" Target=\"#" + std::string{signature_id} + "\"";
    const auto canonical = "<CanonicalizationMethod" + declared + " Algorithm=\"" +
                           std::string{canonical_uri(Canonical::exclusive)} + "\"></CanonicalizationMethod>";
    auto out = canonical + content_of(base64_encode(token), "EncapsulatedTimeStamp", "");
    for (const auto* name : {"SignatureTimeStamp", "UnsignedSignatureProperties", "UnsignedProperties"})
        out = content_of(out, name, "");
    return content_of(content_of(out, "QualifyingProperties", in_xades), "Object", "");
}

}  // namespace axis::signature
