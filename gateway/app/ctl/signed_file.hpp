// Envelopes in files, as signing and verifying want them. Blocking. Memory: the markup a few times and one
// piece of text.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/random.hpp"
#include "gateway/envelope/check.hpp"
#include "gateway/signature/attached/attached.hpp"
#include "gateway/signature/envelope_verifier.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/trust_store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace axis::ctl {

// An envelope file, scanned and read as any message is; then its texts as often as they are wanted.
class EnvelopeFile {
public:
    explicit EnvelopeFile(Random& random);
    ~EnvelopeFile();

    // What a message is refused for; io_failed. Once.
    Result<> open(const std::string& path);

    std::string from() const;
    // Nothing when it is a status.
    const model::Document* document() const;
    // The statement in an attachment of it; nothing when it has none.
    Result<std::optional<signature::Judgement>> judge_statement(const signature::TrustStore& trust, Time at);
    const signature::SplitEnvelope& split() const { return split_; }
    Result<> pass_text(std::size_t n, const signature::TextSink& sink);
    // Of file n, from 0, as a receiver counts them: a statement is none of them. not_found.
    Result<> pass_file(std::size_t n, const signature::TextSink& sink);

private:
    class Texts;
    envelope::Checker checker_;
    envelope::Checked checked_;
    std::unique_ptr<Texts> texts_;
    signature::SplitEnvelope split_;
};

struct EnvelopeJudgement {
    signature::Judgement envelope;
    std::optional<signature::Judgement> attached;  // there is a statement

    bool valid() const;  // one of them is, as axisd's verify = "require" has it
};

// io_failed when the file cannot be read; an envelope that is refused is a judgement.
Result<EnvelopeJudgement> judge_envelope(
    const std::string& path, const signature::TrustStore& trust, Time at, Random& random
);

// Any XML document, of limited size; io_failed.
Result<signature::Judgement> judge_document(
    const std::string& path, const signature::TrustStore& trust, Time at
);

}  // namespace axis::ctl
