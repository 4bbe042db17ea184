#include "gateway/signature/envelope_verifier.hpp"

#include "gateway/signature/form_judge.hpp"
#include "gateway/signature/spliced.hpp"

namespace axis::signature {

Result<Judgement> verify_envelope(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
) {
    const Tokens tokens{random};
    const auto tree = Tree::parse(tokens.splice(envelope));
    if (!tree) return malformed({Reason::parse, "not well-formed, or a prefix is not declared"});
    const auto read = read_form(*tree, question.from);
    if (const auto* why = std::get_if<Malformed>(&read)) return malformed(*why);
    const auto content = [&](std::string_view canonical, Digest& digest) -> Result<bool> {
        bool all = false;
        auto hashed = tokens.digest(canonical, envelope, digest, all);
        if (!hashed) return hashed.error();
        return all;
    };
    return judge_form(*tree, std::get<Form>(read), question, trust, content);
}

}  // namespace axis::signature
