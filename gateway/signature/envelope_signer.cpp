#include "gateway/signature/envelope_signer.hpp"

#include "gateway/signature/signature_element.hpp"
#include "gateway/signature/spliced.hpp"
#include "gateway/signature/tree.hpp"

namespace axis::signature {

namespace {

bool has_signature(const xmlNode* element) {
    for (const auto* child : elements(element))
        if (local_name(child) == "Signature" || has_signature(child)) return true;
    return false;
}

void put(SignedSkeleton& out, const std::string& text, std::size_t place) {
    out.skeleton.insert(place, text);
    for (auto& offset : out.offsets)
        if (offset >= place) offset += text.size();
}

// The digest of the whole as it is without a signature.
Result<std::string> digest_of_all(const SplitEnvelope& envelope, const Suite& suite, Random& random) {
    const Tokens tokens{random};
    const auto tree = Tree::parse(tokens.splice(envelope));
    if (!tree) return Error{errc::xml_malformed, "nothing that can be signed"};
    if (has_signature(tree->root())) return Error{errc::signature_exists, ""};
    const auto canonical = tree->canonical(Canonical::exclusive);
    if (!canonical) return Error{errc::xml_malformed, "no canonical form"};
    Digest digest{suite.digest.digest};
    bool all = false;
    auto hashed = tokens.digest(*canonical, envelope, digest, all);
    if (!hashed) return hashed.error();
    AXIS_ASSERT(all);
    return digest.finish();
}

}  // namespace

Result<SignedSkeleton> sign_envelope(
    const SplitEnvelope& envelope, std::size_t place, KeySource& key, Time at, Random& random
) {
    const auto suite = suite_of(key.chain().front());
    auto whole = digest_of_all(envelope, suite, random);
    if (!whole) return whole.error();
    auto element = signature_element(*whole, suite, key, at);
    if (!element) return element.error();
    SignedSkeleton out{std::string{envelope.skeleton}, envelope.offsets, std::move(element->stamped), 0};
    put(out, element->text, place);
    out.stamp_place = place + element->stamp_place;
    return out;
}

void add_time_stamp(SignedSkeleton& envelope, std::string_view token) {
    put(envelope, time_stamp_object(token), envelope.stamp_place);
}

}  // namespace axis::signature
