#include "gateway/signature/envelope_verifier.hpp"

#include "gateway/signature/form_judge.hpp"
#include "gateway/signature/spliced.hpp"

namespace axis::signature {

namespace {

struct Read {
    Tree tree;  // what `form` points into
    Form form;
};

std::variant<Read, Malformed> read(
    const SplitEnvelope& envelope, const Question& question, const Tokens& tokens
) {
    auto tree = Tree::parse(tokens.splice(envelope));
    if (!tree) return Malformed{Reason::parse, "not well-formed, or a prefix is not declared"};
    auto form = read_form(*tree, question.from);
    if (auto* why = std::get_if<Malformed>(&form)) return std::move(*why);
    return Read{std::move(*tree), std::get<Form>(std::move(form))};
}

}  // namespace

Result<Judgement> verify_envelope(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
) {
    const Tokens tokens{random};
    const auto found = read(envelope, question, tokens);
    if (const auto* why = std::get_if<Malformed>(&found)) return malformed(*why);
    const auto content = [&](std::string_view canonical, Digest& digest) -> Result<bool> {
        bool all = false;
        auto hashed = tokens.digest(canonical, envelope, digest, all);
        if (!hashed) return hashed.error();
        return all;
    };
    const auto& [tree, form] = std::get<Read>(found);
    return judge_form(tree, form, question, trust, content);
}

std::vector<OcspQuery> open_questions(
    const SplitEnvelope& envelope, const Question& question, const TrustStore& trust, Random& random
) {
    const Tokens tokens{random};
    const auto found = read(envelope, question, tokens);
    if (std::holds_alternative<Malformed>(found)) return {};
    const auto& [tree, form] = std::get<Read>(found);
    return open_questions(tree, form, question, trust);
}

}  // namespace axis::signature
