// What the tests of this program share: one infrastructure, its people and agencies, and the question.
#pragma once

#include "gateway/signature/pdf/pdf_verifier.hpp"
#include "tests/unit/signature_pdf/pdf_file.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace axis::test {

struct People {
    Pki pki;
    Party leader, agency, stranger, stamper;

    People() {
        Subject s;
        s.cn = "Trần Thử Nghiệm";
        s.ou = "G98";
        leader = pki.issue(s);
        s.cn = "Bộ Thử nghiệm";
        agency = pki.issue(s);
        s.cn = "Người Lạ Nào Đó";
        stranger = pki.issue_unknown(s);
        s.cn = "TSA Thử nghiệm";
        s.usage = "critical,digitalSignature";
        s.extended_usage = "critical,timeStamping";
        stamper = pki.issue(s);
    }
};
inline People& people() {
    static People all;
    return all;
}
inline const signature::TrustStore& trust() {
    static const auto store = people().pki.trust();
    return store;
}

inline const Time today = day("2026-11-25");

using signature::memory_source;

inline signature::PdfJudgement judge(
    const std::string& bytes,
    Time at = today,
    const signature::TrustStore& store = trust(),
    const signature::pdf::Limits& limits = {}
) {
    return signature::verify_pdf(memory_source(bytes), at, store, limits).value();
}

inline std::string code(const signature::PdfJudgement& judgement) {
    return std::string{row(judgement.reason).code};
}
inline std::string code(const signature::PdfSignature& signature) {
    return std::string{row(signature.judgement.reason).code};
}

template <class Checked>
const signature::Check* check_of(const Checked& checked, std::string_view name) {
    const auto at = std::find_if(checked.checks.begin(), checked.checks.end(), [&](const auto& c) {
        return c.name == name;
    });
    return at == checked.checks.end() ? nullptr : &*at;
}
template <class Checked>
std::string outcome(const Checked& checked, std::string_view name) {
    const auto* check = check_of(checked, name);
    return check == nullptr ? "-" : std::string{signature::name(check->outcome)};
}

}  // namespace axis::test
