// Goal: nothing that changes what is read can be added after a signature; what belongs to further signatures
// can. Method: incremental updates of every kind, the published attacks among them.
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

PdfFile signed_file(bool packed = false) {
    PdfFile file{packed};
    file.sign(people().leader, people().pki);
    return file;
}

// What is said after `change`, of files with tables and with streams.
template <class Change>
void check_seen(const Change& change) {
    for (const bool packed : {false, true}) {
        auto file = signed_file(packed);
        change(file);
        const auto judgement = judge(file.bytes());
        INFO(judgement.detail);
        CHECK(code(judgement) == "pdf.changed_after");
        CHECK(judgement.verdict() == Verdict::invalid);
        REQUIRE(judgement.signatures.size() >= 1);
        CHECK(judgement.signatures.front().added == AddedLater::content);
        CHECK(judgement.signatures.front().judgement.signer->name == "Trần Thử Nghiệm");
    }
}

template <class Change>
void check_allowed(const Change& change, AddedLater added = AddedLater::signatures) {
    for (const bool packed : {false, true}) {
        auto file = signed_file(packed);
        change(file);
        const auto judgement = judge(file.bytes());
        INFO(judgement.detail);
        CHECK(code(judgement) == "signature.holds");
        CHECK(judgement.signatures.front().added == added);
    }
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("white space behind the end is nothing, other bytes are something") {
    check_allowed([](PdfFile& f) { f.raw() += "\r\n \n"; }, AddedLater::nothing);
    check_seen([](PdfFile& f) { f.raw() += "more"; });
    check_seen([](PdfFile& f) { f.raw() += "% a comment\n"; });
    check_seen([](PdfFile& f) { f.raw() += std::string(1500, '\n') + "x"; });
}

TEST_CASE("another text, another page, another catalogue are seen") {
    // Incremental saving: the content is written again.
    check_seen([](PdfFile& f) {
        f.put_stream(4, "", "BT (khac) Tj ET");
        f.save();
    });
    // The page points to a new content.
    check_seen([](PdfFile& f) {
        f.contents = f.fresh();
        f.put_stream(f.contents, "", "BT (khac) Tj ET");
        f.put(3, f.page());
        f.save();
    });
    check_seen([](PdfFile& f) {
        f.more_in_page = "/Rotate 180";
        f.put(3, f.page());
        f.save();
    });
    check_seen([](PdfFile& f) {
        f.put(2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>");
        f.save();
    });
    check_seen([](PdfFile& f) {
        f.more_in_catalogue = "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>";
        f.put(1, f.catalogue());
        f.save();
    });
}

TEST_CASE("notes, fields and what acts are content") {
    check_seen([](PdfFile& f) {
        const int note = f.fresh();
        f.put(note, "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 500]/Contents(khac)>>");
        f.more_in_page = "";
        auto page = f.page();
        page.insert(page.find("/Annots[") + 8, std::to_string(note) + " 0 R ");
        f.put(3, page);
        f.save();
    });
    check_seen([](PdfFile& f) {
        f.more_in_form = "/NeedAppearances true";
        f.put(6, f.form());
        f.save();
    });
    // A field that only looks signed: an appearance over the page, no signature of its own.
    check_seen([](PdfFile& f) {
        const int place = f.fresh();
        f.put(place, "<</FT/Sig/Type/Annot/Subtype/Widget/T(x)/Rect[0 0 595 842]/AP<</N 4 0 R>>>>");
        f.fields.push_back(place);
        f.put(6, f.form());
        f.put(3, f.page());
        f.save();
    });
    // The signature's own place is given another appearance.
    check_seen([](PdfFile& f) {
        f.put(
            f.last_field,
            "<</FT/Sig/Type/Annot/Subtype/Widget/T(Ky 1)/V " + std::to_string(f.last_value) +
                " 0 R/Rect[0 0 595 842]/F 132/P 3 0 R/AP<</N 4 0 R>>>>"
        );
        f.save();
    });
}

TEST_CASE("a further signature may not bring anything else with it") {
    const auto sign_again = [](PdfFile& f, Placing where = {}) {
        f.sign(people().agency, people().pki, {}, where);
    };
    check_allowed([&](PdfFile& f) { sign_again(f); });
    check_allowed([&](PdfFile& f) {
        Placing seal;
        seal.appearance = "/AP<</N 4 0 R>>";
        sign_again(f, seal);
    });
    check_seen([&](PdfFile& f) {
        Placing acting;
        acting.appearance = "/AA<</U<</S/JavaScript/JS(x)>>>>";
        sign_again(f, acting);
    });
    check_seen([&](PdfFile& f) {
        f.put_stream(4, "", "BT (khac) Tj ET");
        sign_again(f);
    });
    check_seen([&](PdfFile& f) {
        f.put(5, "<</Producer(another)>>");
        f.put(2, "<</Type/Pages/Kids[]/Count 0>>");
        sign_again(f);
    });
}

TEST_CASE("what validation needs later, facts about the file and time stamps are no content") {
    check_allowed([](PdfFile& f) {
        const int list = f.fresh();
        f.put_stream(list, "", "any bytes");
        f.more_in_catalogue = "/DSS<</Certs[" + std::to_string(list) + " 0 R]>>";
        f.put(1, f.catalogue());
        f.save();
    });
    check_allowed([](PdfFile& f) {
        f.put(5, "<</Producer(another)/ModDate(D:20261122)>>");
        f.more_in_catalogue = "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>/Version/1.7";
        f.put(1, f.catalogue());
        f.save();
    });
    check_allowed([](PdfFile& f) { f.stamp(people().stamper); });
}

TEST_CASE("a store for validation may grow, and nothing else may be called one") {
    const auto with_store = [](bool shared) {
        PdfFile file;
        file.put_stream(20, "", "a certificate");
        file.put(21, "[20 0 R]");
        file.put(22, "<</Certs 21 0 R>>");
        file.more_in_catalogue = "/DSS 22 0 R";
        file.put(1, file.catalogue());
        if (shared) {
            // The page's contents are the store's list.
            file.contents = 21;
            file.put(3, file.page());
        }
        file.save();
        file.sign(people().leader, people().pki);
        const int more = file.fresh();
        file.put_stream(more, "", "BT (khac) Tj ET");
        file.put(21, "[20 0 R " + std::to_string(more) + " 0 R]");
        file.save();
        return judge(file.bytes());
    };
    CHECK(code(with_store(false)) == "signature.holds");
    const auto judgement = with_store(true);
    CHECK(code(judgement) == "pdf.changed_after");
    CHECK(judgement.detail == "object 21 is used in two ways");
}

TEST_CASE("the facts about a file are not its page") {
    PdfFile file;
    file.put(5, "<</Producer(axis test)/Contents 4 0 R>>");
    file.more_in_page = "/Resources 5 0 R";
    file.put(3, file.page());
    file.save();
    file.sign(people().leader, people().pki);
    file.put(5, "<</Producer(axis test)/XObject<</X 4 0 R>>>>");
    file.save();
    CHECK(code(judge(file.bytes())) == "pdf.changed_after");
}

TEST_CASE("an object that was only pointed to may not come into being later") {
    PdfFile file;
    file.contents = 90;
    file.put(3, file.page());
    file.save();
    file.sign(people().leader, people().pki);
    REQUIRE(code(judge(file.bytes())) == "signature.holds");

    file.put_stream(90, "", "BT (khac) Tj ET");
    file.save();

    const auto judgement = judge(file.bytes());
    CHECK(code(judgement) == "pdf.changed_after");
    CHECK(judgement.detail == "object 90 was missing when it was signed");
}

TEST_CASE("an object may be neither taken away nor replaced under its number") {
    auto file = signed_file();
    const auto update = [&](const std::string& row) {
        auto bytes = file.bytes();
        const auto previous = bytes.substr(bytes.rfind("startxref\n") + 10);
        const auto at = bytes.size();
        bytes += "4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n";
        const auto table = bytes.size();
        char place[16];
        std::snprintf(place, sizeof place, "%010zu", at);
        bytes += "xref\n4 1\n" + (row.empty() ? std::string{place} + " 00000 n \n" : row) +
                 "trailer\n<</Size 9/Root 1 0 R/Info 5 0 R/Prev " + previous.substr(0, previous.find('\n')) +
                 ">>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
        return judge(bytes);
    };
    CHECK(update("").detail == "object 4 is another one now");
    CHECK(update("0000000000 00001 f \n").detail == "object 4 was taken away");
    CHECK(code(update("0000000000 00001 f \n")) == "pdf.changed_after");
}

TEST_CASE("a file that does not build on what was signed is another file") {
    auto file = signed_file();
    auto bytes = file.bytes();
    // The whole table anew, without /Prev: hides that objects were replaced.
    const auto at_table = bytes.size();
    std::string table = "xref\n0 1\n0000000000 65535 f \n";
    for (int n = 1; n <= 8; ++n) {
        char row[48];
        const auto at = file.bytes().rfind("\n" + std::to_string(n) + " 0 obj") + 1;
        std::snprintf(row, sizeof row, "%d 1\n%010zu 00000 n \n", n, at);
        table += row;
    }
    bytes += table + "trailer\n<</Size 9/Root 1 0 R/Info 5 0 R>>\nstartxref\n" + std::to_string(at_table) +
             "\n%%EOF\n";

    const auto judgement = judge(bytes);

    CHECK(code(judgement) == "pdf.changed_after");
    CHECK(judgement.detail == "the file does not build on what was signed");
}

TEST_CASE("a field that waited for its signature may be signed, and only so") {
    const auto waiting = [](const std::string& more) {
        PdfFile file;
        file.put(30, "<</FT/Sig/Type/Annot/Subtype/Widget/T(cho ky)/Rect[0 0 0 0]/F 132" + more + ">>");
        file.fields.push_back(30);
        file.put(1, file.catalogue());
        file.put(6, file.form());
        file.put(3, file.page());
        file.save();
        file.sign(people().leader, people().pki);
        return file;
    };
    const auto sign_waiting = [](PdfFile& file, std::string appearance = "") {
        Placing where;
        where.field = 30;
        where.name = "cho ky";
        where.appearance = std::move(appearance);
        file.sign(people().agency, people().pki, {}, where);
        return judge(file.bytes());
    };
    auto file = waiting("");
    const auto judgement = sign_waiting(file);
    CHECK(code(judgement) == "signature.holds");
    CHECK(judgement.signatures.at(1).field == "cho ky");
    auto sealed = waiting("");
    CHECK(code(sign_waiting(sealed, "/AP<</N 4 0 R>>")) == "signature.holds");
    auto acting = waiting("");
    CHECK(code(sign_waiting(acting, "/A<</S/JavaScript/JS(x)>>")) == "pdf.changed_after");
    // What waits is a page's resources at the same time.
    auto shared = waiting("/Font<<>>");
    CHECK(code(sign_waiting(shared, "/Font<</F1 4 0 R>>")) == "pdf.changed_after");

    auto changed = waiting("");
    changed.put(30, "<</FT/Sig/Type/Annot/Subtype/Widget/T(cho ky)/Rect[0 0 595 842]/F 132/AP<</N 4 0 R>>>>");
    changed.save();
    CHECK(code(judge(changed.bytes())) == "pdf.changed_after");
}

TEST_CASE("a certification without further changes forbids further signatures") {
    const auto certified = [](int permission) {
        PdfFile file;
        Placing where;
        where.more =
            "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/"
            "P " +
            std::to_string(permission) + ">>>>]";
        file.sign(people().leader, people().pki, {}, where);
        file.sign(people().agency, people().pki);
        return judge(file.bytes());
    };
    CHECK(code(certified(2)) == "signature.holds");
    CHECK(code(certified(1)) == "pdf.changed_after");
}

TEST_CASE("an attacker's own signature over everything makes the file his, not theirs") {
    auto file = signed_file();
    Placing seal;
    seal.appearance = "/AP<</N 4 0 R>>";
    file.sign(people().stranger, people().pki, {}, seal);

    const auto judgement = judge(file.bytes());

    CHECK(code(judgement) == "certificate.no_issuer");
    CHECK(judgement.signatures[0].judgement.verdict() == Verdict::valid);
    CHECK(judgement.signatures[1].judgement.verdict() == Verdict::untrusted);
}

TEST_SUITE_END();
