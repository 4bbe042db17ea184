#include "gateway/signature/pdf/pdf_verifier.hpp"

#include "gateway/signature/pdf/signature_judge.hpp"

#include <algorithm>
#include <array>

namespace axis::signature {

namespace {

using pdf::Fault;
using pdf::Read;

constexpr std::size_t piece_bytes = 256 * 1024;
// What a signature dictionary cannot do without, two of it: damage to one leaves the other.
constexpr std::array<std::string_view, 3> marks{"/ByteRange", "/adbe.pkcs7.", "/ETSI."};
constexpr std::size_t mark_bytes_max = 12;

// Whether anything in the file is written like a signature, wherever it stands.
Result<bool> mentions_signature(const ByteSource& source) {
    std::string buffer;
    for (std::uint64_t at = 0; at < source.size;) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(source.size - at, piece_bytes));
        const auto kept = std::min(buffer.size(), mark_bytes_max - 1);
        buffer.erase(0, buffer.size() - kept);
        buffer.resize(kept + n);
        auto read = source.read(at, std::span{buffer}.subspan(kept));
        if (!read) return read.error();
        const bool found = std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
            return buffer.find(mark) != std::string::npos;
        });
        if (found) return true;
        at += n;
    }
    return false;
}

int badness(Verdict verdict) {
    switch (verdict) {
        case Verdict::valid:
            return 0;
        case Verdict::weak:
            return 1;
        case Verdict::untrusted:
            return 2;
        case Verdict::invalid:
            return 3;
        default:
            return 4;
    }
}

class Verifier {
public:
    Verifier(const ByteSource& source, Time at, const TrustStore& trust, const pdf::Limits& limits)
        : source_{source}, at_{at}, trust_{trust}, reader_{source, limits} {
        out_.file_bytes = source.size;
    }

    Result<PdfJudgement> verify() {
        const auto begin = reader_.window(0, source_.size, pdf_begin.size());
        if (!begin) return *begin.error().io;
        if (*begin != pdf_begin) {
            out_.reason = Reason::not_checked;
            return out_;
        }
        auto document = pdf::Document::open(source_.size, reader_);
        if (!document) return unreadable(document.error());
        auto fields = pdf::signature_fields(*document, reader_.limits());
        if (!fields) return unreadable(fields.error());
        if (fields->empty()) return unsigned_file();
        out_.checks.push_back({"structure", Check::Outcome::passed, ""});
        auto judged = judge_all({source_, reader_, *document, *fields, trust_, at_});
        if (!judged) return judged.error();
        summarise();
        out_.checks.push_back(person_and_agency());
        return out_;
    }

private:
    // Only a signature makes damage matter here.
    Result<PdfJudgement> unreadable(const Fault& fault) {
        if (fault.io) return *fault.io;
        const auto mentioned = mentions_signature(source_);
        if (!mentioned) return mentioned.error();
        out_.reason = *mentioned ? fault.reason : Reason::absent;
        out_.detail = fault.detail;
        out_.checks.push_back({"structure", Check::Outcome::failed, fault.detail});
        return out_;
    }

    Result<PdfJudgement> unsigned_file() {
        const auto mentioned = mentions_signature(source_);
        if (!mentioned) return mentioned.error();
        out_.reason = *mentioned ? Reason::pdf_unattached : Reason::absent;
        return out_;
    }

    // The last one first: a time stamp proves what it covers to be older.
    Result<> judge_all(const pdf::File& file) {
        struct Ranged {
            const pdf::SignatureField* field;
            Read<pdf::Range> range;
        };
        std::vector<Ranged> all;
        for (const auto& field : file.fields)
            all.push_back({&field, pdf::range_of(field.signature, source_.size)});
        std::stable_sort(all.begin(), all.end(), [](const Ranged& a, const Ranged& b) {
            return (a.range ? a.range->end : 0) > (b.range ? b.range->end : 0);
        });
        std::vector<pdf::Proof> proofs;
        for (const auto& one : all) {
            auto judged = pdf::judge_signature(file, *one.field, one.range, proofs);
            if (!judged) return judged.error();
            const auto& signature = *judged;
            if (signature.time_stamp && signature.judgement.verdict() == Verdict::valid)
                proofs.push_back({one.range->end, *signature.proven_at});
            out_.signatures.push_back(std::move(*judged));
        }
        std::reverse(out_.signatures.begin(), out_.signatures.end());
        return {};
    }

    void summarise() {
        const PdfSignature* worst = nullptr;
        for (const auto& signature : out_.signatures) {
            const auto bad = badness(signature.judgement.verdict());
            // An authority for time stamps that is not known here takes nothing from the signatures.
            if (signature.time_stamp && bad <= badness(Verdict::untrusted)) continue;
            if (worst == nullptr || bad > badness(worst->judgement.verdict())) worst = &signature;
        }
        if (worst == nullptr) {
            out_.detail = "time stamps only";
            return;
        }
        out_.reason = worst->judgement.reason;
        out_.detail = worst->judgement.detail;
    }

    Check person_and_agency() const {
        std::array<std::vector<std::string>, 3> signers;
        for (const auto& signature : out_.signatures) {
            if (signature.time_stamp || signature.judgement.verdict() != Verdict::valid) continue;
            signers.at(static_cast<std::size_t>(signature.kind)).push_back(signature.judgement.signer->name);
        }
        const auto& [persons, agencies, unknown] = signers;
        auto detail = "person: " + listed(persons) + "; agency: " + listed(agencies);
        if (!unknown.empty()) detail += "; not known which: " + listed(unknown);
        const auto known =
            static_cast<std::size_t>(!persons.empty()) + static_cast<std::size_t>(!agencies.empty());
        const auto outcome = known == 2                    ? Check::Outcome::passed
                             : known + unknown.size() >= 2 ? Check::Outcome::unknown
                                                           : Check::Outcome::failed;
        return {"person_and_agency", outcome, std::move(detail)};
    }
    static std::string listed(const std::vector<std::string>& names) {
        std::string out;
        for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
        return out.empty() ? "nobody" : out;
    }

    const ByteSource& source_;
    Time at_;
    const TrustStore& trust_;
    pdf::Reader reader_;
    PdfJudgement out_;
};

}  // namespace

std::string_view name(AddedLater added) {
    constexpr std::array<std::string_view, 4> names{"unknown", "nothing", "signatures", "content"};
    return names.at(static_cast<std::size_t>(added));
}

Result<PdfJudgement> verify_pdf(
    const ByteSource& source, Time at, const TrustStore& trust, const pdf::Limits& limits
) {
    return Verifier{source, at, trust, limits}.verify();
}

}  // namespace axis::signature
