// Goal: a person's certificate and an agency's are told apart by the rule that is written down, in its order.
#include "gateway/signature/pdf/signer_kind.hpp"

#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>
#include <openssl/x509.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

struct Told {
    std::string kind, because;
    bool operator==(const Told&) const = default;
};
std::ostream& operator<<(std::ostream& os, const Told& t) {
    return os << t.kind << " (" << t.because << ")";
}

Told told(std::string cn, std::string o, std::string ou = "", std::string uid = "", std::string title = "") {
    Subject subject;
    subject.cn = std::move(cn);
    subject.o = std::move(o);
    subject.ou = std::move(ou);
    subject.uid = std::move(uid);
    subject.title = std::move(title);
    const auto party = people().pki.issue(subject);
    const auto guess = signer_kind(Certificate::all_of(pem(party.certificate.get())).at(0));
    return {std::string{name(guess.kind)}, std::string{guess.because}};
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("whether a signer is a person or an agency follows from the certificate's subject") {
    const Told person_by_id{"person", "UID"}, agency_by_id{"organisation", "UID"};
    CHECK(told("Văn phòng Bộ", "Bộ Thử nghiệm", "", "CCCD:001") == person_by_id);
    CHECK(told("Trần Thử Nghiệm", "Bộ Thử nghiệm", "", "MST:010") == agency_by_id);
    CHECK(told("Trần Thử Nghiệm", "Bộ Thử nghiệm", "", "mns:010") == agency_by_id);
    CHECK(
        told("Bộ Thử nghiệm", "Bộ Thử nghiệm", "", "", "Bộ trưởng") ==
        Told{"person", "given name, surname or title"}
    );
    CHECK(told("Bộ Thử nghiệm", "Bộ Thử nghiệm") == Told{"organisation", "CN is also O or OU"});
    CHECK(told("BỘ X", "Chính phủ", "BỘ X") == Told{"organisation", "CN is also O or OU"});
    // Composed and decomposed writing are one name.
    CHECK(
        told("Ban Thu\xcc\x9b\xcc\x89", "Ban Th\xe1\xbb\xad") == Told{"organisation", "CN is also O or OU"}
    );
    CHECK(told("Cục Một", "Bộ Thử nghiệm", "G98.11") == Told{"organisation", "first word of CN"});
    CHECK(told("ỦY BAN NHÂN DÂN TỈNH G99", "Chính phủ") == Told{"organisation", "first word of CN"});
    CHECK(told("Trần Thử Nghiệm", "Bộ Thử nghiệm", "G98") == Told{"person", "CN has the form of a name"});
    // A surname is not the word it begins with.
    CHECK(told("Vũ Bộ Thử", "Bộ Thử nghiệm") == Told{"person", "CN has the form of a name"});
    CHECK(told("Trần Thử Nghiệm", "") == Told{"unknown", ""});
    CHECK(told("axisd-01", "Bộ Thử nghiệm") == Told{"unknown", ""});
    CHECK(told("Máy", "Bộ Thử nghiệm") == Told{"unknown", ""});
    CHECK(told("", "Bộ Thử nghiệm") == Told{"unknown", ""});
}

TEST_CASE("of signers whose kind is not known, both together may be the two that are asked for") {
    Subject subject;
    subject.cn = "axisd-01";
    const auto machine = people().pki.issue(subject);
    PdfFile file;
    file.sign(machine, people().pki);
    CHECK(outcome(judge(file.bytes()), "person_and_agency") == "failed");
    file.sign(people().leader, people().pki);
    const auto judgement = judge(file.bytes());
    CHECK(outcome(judgement, "person_and_agency") == "unknown");
    CHECK(
        check_of(judgement, "person_and_agency")->detail ==
        "person: Trần Thử Nghiệm; agency: nobody; not known which: axisd-01"
    );
    PdfFile two;
    two.sign(machine, people().pki);
    two.sign(machine, people().pki);
    CHECK(outcome(judge(two.bytes()), "person_and_agency") == "unknown");
}

TEST_SUITE_END();
