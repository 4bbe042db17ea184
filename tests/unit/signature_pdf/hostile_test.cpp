// Goal: files made to mislead, to crash or to exhaust are refused with a reason. Method: one file for each
// trick, as small as it can be; limits are set low where a real one would need a large file.
#include "tests/unit/signature_pdf/bench.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace axis;
using namespace axis::signature;
using namespace axis::test;

namespace {

PdfFile signed_file(bool packed = false) {
    PdfFile file{packed};
    file.sign(people().leader, people().pki);
    return file;
}

std::string range_text(const std::string& bytes) {
    const auto at = bytes.rfind("/ByteRange[");
    return bytes.substr(at, bytes.find(']', at) + 1 - at);
}

// The range written otherwise, in the same room.
std::string judged_with_range(const std::string& range) {
    auto file = signed_file();
    auto text = "/ByteRange[" + range + "]";
    const auto old = range_text(file.bytes());
    text.insert(text.size() - 1, old.size() - text.size(), ' ');
    replace(file.raw(), old, text);
    return code(judge(file.bytes()));
}

std::string deflated(const std::string& data) {
    auto size = compressBound(data.size());
    std::string out(size, '\0');
    compress2(
        reinterpret_cast<Bytef*>(out.data()),
        &size,
        reinterpret_cast<const Bytef*>(data.data()),
        data.size(),
        9
    );
    out.resize(size);
    return out;
}

// A file with what is written like a signature, and this at its end, startxref pointing to its first byte.
std::string ending_in(const std::string& section) {
    auto out = signed_file().bytes();
    const auto at = out.size();
    return out + section + "\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
}
std::string table_with(const std::string& trailer) {
    return ending_in("xref\n0 1\n0000000000 65535 f \ntrailer\n" + trailer);
}

// The same with a catalogue of its own that leads to these objects, by a table.
struct Own {
    std::vector<std::string> objects;  // 1 is the catalogue
    std::string bytes() const {
        std::string out = "%PDF-1.7\n% /ByteRange\n", table;
        int n = 0;
        for (const auto& body : objects) {
            char row[24];
            std::snprintf(row, sizeof row, "%010zu 00000 n \n", out.size());
            table += row;
            out += std::to_string(++n) + " 0 obj\n" + body + "\nendobj\n";
        }
        const auto at = out.size();
        const auto count = std::to_string(objects.size() + 1);
        return out + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n<</Size " + count +
               "/Root 1 0 R>>\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
    }
};
std::string stream(const std::string& keys, const std::string& data) {
    return "<<" + keys + "/Length " + std::to_string(data.size()) + ">>\nstream\n" + data + "\nendstream";
}

std::string judged(const std::string& bytes, const pdf::Limits& limits = {}) {
    const auto judgement = judge(bytes, today, trust(), limits);
    INFO(judgement.detail);
    return code(judgement);
}

}  // namespace

TEST_SUITE_BEGIN("signature_pdf");

TEST_CASE("a range of any other form than the one is refused") {
    const auto file = signed_file();
    const auto a = std::to_string(file.gap_begin), b = std::to_string(file.gap_end);
    const auto c = std::to_string(file.bytes().size() - file.gap_end);
    // The right form in other blanks: only the digest tells.
    REQUIRE(judged_with_range("0 " + a + " " + b + " " + c) == "signature.digest");

    const std::string refused[] = {
        "",
        "null",
        "0 " + a + " " + b,
        "0 " + a + " " + b + " " + c + " 0",
        "0 " + a + " " + b + " -1",
        "0 -" + a + " " + b + " " + c,
        "1 " + a + " " + b + " " + c,
        "0 " + a + " " + a + " " + c,
        "0 " + b + " " + a + " " + c,
        "0 0 0 " + c,
        "0 0 0 0",
        "0 " + a + " " + b + " 0",
        "0 " + a + " " + b + " 9" + c,
        "0 " + a + " 9223372036854775807 1",
        "0 " + a + " " + b + " 9223372036854775807",
        "0 " + a + ".0 " + b + " " + c,
        "0 " + a + " " + b + " 4 0 R",
        "(0) " + a + " " + b + " " + c,
    };
    for (const auto& range : refused) {
        INFO(range);
        CHECK(judged_with_range(range) == "pdf.byte_range");
    }
    CHECK(judged_with_range("0 " + a + " " + b + " 99999999999999999999") == "pdf.structure");
}

TEST_CASE("a gap that is anything but the value is refused") {
    const auto file = signed_file();
    const auto a = file.gap_begin, b = file.gap_end;
    const auto tail = [&](std::size_t from) { return std::to_string(file.bytes().size() - from); };
    const auto range = [&](std::size_t from, std::size_t to) {
        return "0 " + std::to_string(from) + " " + std::to_string(to) + " " + tail(to);
    };
    REQUIRE(judged_with_range(range(a, b)) == "signature.digest");
    // Something more in the gap (signature wrapping): behind it, before it.
    CHECK(judged_with_range(range(a, b + 1)) == "pdf.contents");
    CHECK(judged_with_range(range(a, b + 2)) == "pdf.contents");
    CHECK(judged_with_range(range(a - 1, b)) == "pdf.contents");
    CHECK(judged_with_range(range(a + 1, b)) == "pdf.contents");
    CHECK(judged_with_range(range(a, b - 1)) == "pdf.contents");
    // A range that covers what another version's end is not.
    CHECK(judged_with_range("0 " + std::to_string(a) + " " + std::to_string(b) + " 8") == "pdf.byte_range");
}

TEST_CASE("a value that two readers might read differently is refused") {
    const auto with_value = [](const std::function<void(std::string & value)>& change) {
        auto file = signed_file();
        auto value = file.bytes().substr(file.gap_begin, file.gap_end - file.gap_begin);
        const auto size = value.size();
        change(value);
        REQUIRE(value.size() == size);
        file.raw().replace(file.gap_begin, size, value);
        return code(judge(file.bytes()));
    };
    REQUIRE(with_value([](std::string&) {}) == "signature.holds");
    CHECK(with_value([](std::string& v) { v[10] = 'x'; }) == "pdf.structure");
    CHECK(with_value([](std::string& v) { v[10] = ' '; }) == "pdf.contents");
    // An odd number of digits.
    CHECK(with_value([](std::string& v) { v[v.size() - 2] = ' '; }) == "pdf.contents");
    CHECK(with_value([](std::string& v) { v[v.size() - 2] = '1'; }) == "pdf.contents");
    CHECK(with_value([](std::string& v) { v.replace(v.size() - 9, 8, "deadbeef"); }) == "pdf.contents");
    CHECK(with_value([](std::string& v) { v[v.find_first_of("abcdef")] &= ~0x20; }) == "pdf.contents");
    CHECK(with_value([](std::string& v) { std::fill(v.begin() + 1, v.end() - 1, '0'); }) == "pdf.cms");
    CHECK(with_value([](std::string& v) {
              v = "(" + std::string(v.size() - 2, '0') + ")";
          }) == "pdf.contents");
    CHECK(with_value([](std::string& v) { v = "null" + std::string(v.size() - 4, ' '); }) == "pdf.contents");
}

TEST_CASE("dictionaries that say a thing twice, and values two fields claim, are refused") {
    Placing twice;
    twice.more = "/ByteRange[0 1 2 3]";
    PdfFile file;
    file.sign(people().leader, people().pki, {}, twice);
    CHECK(judged(file.bytes()) == "pdf.structure");
    twice.more = "/Contents<00>";
    PdfFile contents;
    contents.sign(people().leader, people().pki, {}, twice);
    CHECK(judged(contents.bytes()) == "pdf.structure");

    auto shared = signed_file();
    const int other = shared.fresh();
    shared.put(other, "<</FT/Sig/T(2)/V " + std::to_string(shared.last_value) + " 0 R>>");
    shared.fields.push_back(other);
    shared.put(6, shared.form());
    shared.save();
    CHECK(judged(shared.bytes()) == "pdf.structure");

    // Another dictionary that claims the bytes of the first.
    auto copied = signed_file();
    const auto begin = copied.bytes().rfind("<</Type/Sig/Filter");
    const auto dictionary = copied.bytes().substr(begin, copied.bytes().find("\nendobj", begin) - begin);
    const int value = copied.fresh(), field = copied.fresh();
    copied.put(value, dictionary);
    copied.put(field, "<</FT/Sig/T(2)/V " + std::to_string(value) + " 0 R>>");
    copied.fields.push_back(field);
    copied.put(6, copied.form());
    copied.save();
    CHECK(judged(copied.bytes()) == "pdf.contents");
}

TEST_CASE("a signature in an object stream, where its value has no place in the file, is refused") {
    PdfFile file{true};
    const int value = file.fresh(), field = file.fresh();
    file.fields.push_back(field);
    file.put(1, file.catalogue());
    file.put(6, file.form());
    file.put(field, "<</FT/Sig/T(1)/V " + std::to_string(value) + " 0 R>>");
    file.put(value, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 5 2]/Contents<00>>>");
    file.save();

    const auto judgement = judge(file.bytes() + "% /ByteRange\n");

    CHECK(code(judgement) == "pdf.structure");
    CHECK(judgement.detail.substr(0, 31) == "a signature in an object stream");
}

TEST_CASE("fields in a loop, in another's place or without a signature are refused") {
    const auto with_field = [](const std::string& field, const std::string& next = "null") {
        return judged(Own{{"<</AcroForm<</Fields[2 0 R]>>>>", field, next}}.bytes());
    };
    CHECK(with_field("<</T(a)/Kids[2 0 R]>>") == "pdf.structure");
    CHECK(with_field("<</T(a)/Kids[3 0 R]>>", "<</T(b)/Kids[2 0 R]>>") == "pdf.structure");
    CHECK(with_field("<</T(a)/Kids[3 0 R 3 0 R]>>", "<</T(b)>>") == "pdf.structure");
    CHECK(with_field("<</T(a)/Kids 5>>") == "pdf.structure");
    CHECK(with_field("[1 2 3]") == "pdf.structure");
    CHECK(with_field("<</FT/Sig/T(a)/V[3 0 R]>>") == "pdf.structure");
    CHECK(with_field("<</FT/Sig/T(a)/V<</Type/Sig>>>>") == "pdf.structure");
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R>>") == "pdf.structure");
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R>>", "5") == "pdf.structure");
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R>>", "<<>>") == "pdf.unsupported");
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R>>", "<</SubFilter/adbe.x509.rsa_sha1>>") == "pdf.unsupported");
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R>>", "<</SubFilter/ETSI.CAdES.detached>>") == "pdf.byte_range");
    CHECK(with_field("<</FT/Sig/T(a)>>") == "pdf.unattached");
    CHECK(with_field("<</FT/Tx/T(a)/V 3 0 R>>") == "pdf.unattached");
    // Inherited from above.
    CHECK(with_field("<</FT/Sig/T(a)/V 3 0 R/Kids[4 0 R]>>", "<<>>") == "pdf.unsupported");
}

TEST_CASE("cross-references that loop, lie or do not end are refused") {
    const auto place = [](const std::string& bytes) { return std::to_string(bytes.size()); };
    const auto base = signed_file().bytes();
    CHECK(judged(table_with("<</Size 1/Root 1 0 R/Prev " + place(base) + ">>")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1/Root 1 0 R/Prev 99999999999>>")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1/Root 1 0 R/Prev -1>>")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1/Root 1 0 R/Prev 5 0 R>>")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1/Root 1 0 R/XRefStm 12>>")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1>>")) == "pdf.structure");
    CHECK(judged(table_with("[1 2]")) == "pdf.structure");
    CHECK(judged(table_with("<</Size 1/Root 1 0 R")) == "pdf.structure");
    CHECK(judged(ending_in("xref\n0 1\n0000000000 65535 x \ntrailer\n<</Root 1 0 R>>")) == "pdf.structure");
    CHECK(judged(ending_in("xref\n0 2\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>")) == "pdf.structure");
    CHECK(judged(ending_in("xref\n0 1\n0000000000 65535 f\ntrailer\n<</Root 1 0 R>>")) == "pdf.structure");
    CHECK(judged(ending_in("xref\n-1 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>")) == "pdf.structure");
    CHECK(judged(ending_in("xref\n0 2000000000\n0000000000 65535 f \n")) == "pdf.limit");
    CHECK(judged(ending_in("nothing")) == "pdf.structure");
    CHECK(judged(base + "startxref\n5\n%%EOF\n") == "pdf.structure");
    CHECK(judged(base + "startxref\n99999999999999999999999\n%%EOF\n") == "pdf.structure");
    CHECK(judged(base + "startxref\n") == "pdf.structure");

    // Each section points to the one before it.
    std::string chain = "%PDF-1.7\n/ByteRange\n";
    std::string previous;
    for (int i = 0; i < 600; ++i) {
        const auto at = chain.size();
        chain += "xref\n0 0\ntrailer\n<</Root 1 0 R" + previous + ">>\n";
        previous = "/Prev " + std::to_string(at);
    }
    const auto last = previous.substr(6);
    CHECK(judged(chain + "startxref\n" + last + "\n%%EOF\n") == "pdf.limit");
}

TEST_CASE("cross-reference streams that lie are refused") {
    const auto with = [](const std::string& keys, const std::string& data) {
        return judged(ending_in("9 0 obj\n" + stream("/Type/XRef/Root 1 0 R" + keys, data) + "\nendobj"));
    };
    const std::string row(7, '\0');
    CHECK(with("/Size 1/W[1 4 2]", row) == "pdf.structure");  // no catalogue in it
    CHECK(with("/Size 2/W[1 4 2]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[0 0 0]", "") == "pdf.structure");
    CHECK(with("/Size 1/W[1 4]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 9 2]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[-1 4 2]", row) == "pdf.structure");
    CHECK(with("/W[1 4 2]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]/Index[0]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]/Index[-5 1]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]/Index[2147483647 1]", row) == "pdf.structure");
    CHECK(with("/Size 2147483647/W[1 0 0]", row) == "pdf.limit");
    CHECK(with("/Size 1/W[1 4 2]/Filter/LZWDecode", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]/Filter[/FlateDecode/FlateDecode]", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]/Filter/FlateDecode", row) == "pdf.structure");
    CHECK(with("/Size 1/W[1 4 2]", std::string(7, '\5')) == "pdf.structure");
    CHECK(
        with("/Size 1/W[1 4 2]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 5>>", deflated(row)) ==
        "pdf.structure"
    );
    CHECK(
        with("/Size 1/W[1 4 2]/Filter/FlateDecode/DecodeParms<</Predictor 2>>", deflated(row)) ==
        "pdf.structure"
    );
    // A bomb: 200 MB in 200 KB.
    CHECK(
        with("/Size 1/W[1 4 2]/Filter/FlateDecode", deflated(std::string(200'000'000, '\0'))) == "pdf.limit"
    );
}

TEST_CASE("streams whose length misleads are refused") {
    const auto with = [](const std::string& length, const std::string& other = "5") {
        const auto body = "<</Type/XRef/Size 1/W[1 4 2]/Root 1 0 R/Length " + length + ">>\nstream\n" +
                          std::string(7, '\0') + "\nendstream";
        return judged(ending_in("9 0 obj\n" + body + "\nendobj\n8 0 obj\n" + other + "\nendobj"));
    };
    CHECK(with("6") == "pdf.structure");
    CHECK(with("8") == "pdf.structure");
    CHECK(with("-1") == "pdf.structure");
    CHECK(with("9223372036854775807") == "pdf.structure");
    CHECK(with("1.5") == "pdf.structure");
    CHECK(with("8 0 R") == "pdf.structure");
    // A stream's length that is itself a stream, or itself.
    auto file = signed_file();
    file.put(4, "<</Length 4 0 R>>\nstream\nx\nendstream");
    file.save();
    CHECK(judged(file.bytes()) == "pdf.structure");
}

TEST_CASE("object streams cost their size, whatever they are laid over") {
    // 3000 objects that all begin where one large array does: qpdf 11.3 takes 8 GB for this file.
    const auto overlaid = [](std::size_t step) {
        const int count = 3000;
        std::string head, body = "[";
        for (int i = 0; i < 100'000; ++i) body += "1 ";
        for (int i = 0; i < count; ++i)
            head += std::to_string(10 + i) + " " + std::to_string(step * static_cast<std::size_t>(i)) + " ";
        const auto data = head + body + "]";
        std::string out = "%PDF-1.7\n% /ByteRange\n";
        std::string rows(7, '\0');
        const auto add = [&](int number, const std::string& content) {
            rows += std::string{"\1", 1};
            for (int shift = 24; shift >= 0; shift -= 8) rows += static_cast<char>(out.size() >> shift);
            rows += std::string(2, '\0');
            out += std::to_string(number) + " 0 obj\n" + content + "\nendobj\n";
        };
        add(1, "<</Type/Catalog/AcroForm 10 0 R>>");
        add(2,
            stream(
                "/Type/ObjStm/Filter/FlateDecode/N 3000/First " + std::to_string(head.size()), deflated(data)
            ));
        rows += std::string(7 * 7, '\0');
        for (int i = 0; i < count; ++i)
            rows += std::string{"\2\0\0\0\2", 5} + static_cast<char>(i >> 8) + static_cast<char>(i);
        const auto at = out.size();
        const auto size = std::to_string(rows.size() / 7);
        return out + "9 0 obj\n" + stream("/Type/XRef/W[1 4 2]/Root 1 0 R/Size " + size, rows) +
               "\nendobj\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
    };
    CHECK(judged(overlaid(0)) == "pdf.structure");
    CHECK(judged(overlaid(2)) == "pdf.structure");
}

TEST_CASE("an object stream in itself, in another, or with another table is refused") {
    const auto with = [](const std::string& keys, const std::string& data, int container = 2) {
        std::string out = "%PDF-1.7\n% /ByteRange\n";
        const auto stream_at = out.size();
        out += "2 0 obj\n" + stream("/Type/ObjStm" + keys, data) + "\nendobj\n";
        const auto at = out.size();
        const auto row = [](int type, std::size_t a, int b) {
            std::string r(1, static_cast<char>(type));
            for (int shift = 24; shift >= 0; shift -= 8) r += static_cast<char>(a >> shift);
            return r + static_cast<char>(b >> 8) + static_cast<char>(b);
        };
        const auto rows = row(0, 0, 0) + row(2, static_cast<std::size_t>(container), 0) +
                          row(1, stream_at, 0) + row(2, 2, 1);
        return judged(
            out + "9 0 obj\n" + stream("/Type/XRef/W[1 4 2]/Root 1 0 R/Size 4", rows) +
            "\nendobj\nstartxref\n" + std::to_string(at) + "\n%%EOF\n"
        );
    };
    CHECK(with("/N 2/First 8", "1 0 3 9 <</A 1>> <<>> ") == "pdf.unattached");  // as it should be
    CHECK(with("/N 2/First 8", "1 0 3 14<</A 1>> %xyz\n<<>>%") == "pdf.unattached");
    CHECK(with("/N 2/First 8", "1 0 3 9 <</A 1>> <<>> ", 3) == "pdf.structure");
    CHECK(with("/N 2/First 8", "1 0 3 9 <</A 1>> <<>> ", 1) == "pdf.structure");
    CHECK(with("/N 2/First 8", "1 0 3 9 <</A 1>> <<>> ", 77) == "pdf.structure");
    CHECK(with("/N 2/First 8", "4 0 3 9 <</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N 2/First 8", "1 9 3 0 <</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N 2/First 8", "1 0 3 99<</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N 2/First 999", "1 0 3 9 <</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N 200000/First 8", "1 0 3 9 <</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N -1/First 8", "1 0 3 9 <</A 1>> <<>> ") == "pdf.structure");
    CHECK(with("/N 2/First 8", "1 0 3 9 <</A 1>>x<<>> ") == "pdf.structure");
    CHECK(with("/N 2/First 8/Length 2 0 R", "1 0 3 9 <</A 1>> <<>> ") == "pdf.structure");
}

TEST_CASE("objects that a table hides and the stream beside it shows are found") {
    std::string out = "%PDF-1.7\n% /ByteRange\n";
    const auto catalogue = out.size();
    out += "1 0 obj\n<</AcroForm<</Fields[3 0 R]>>>>\nendobj\n";
    const auto container = out.size();
    out += "2 0 obj\n" + stream("/Type/ObjStm/N 1/First 4", "3 0 <</FT/Sig/T(a)/V 4 0 R>>") + "\nendobj\n";
    const auto value = out.size();
    out += "4 0 obj\n<</SubFilter/none>>\nendobj\n";
    const auto hidden = out.size();
    out += "5 0 obj\n" + stream("/Type/XRef/W[1 1 1]/Index[3 1]/Size 5", std::string{"\2\2\0", 3}) +
           "\nendobj\n";
    const auto table = out.size();
    const auto row = [](std::size_t at) {
        char text[24];
        std::snprintf(text, sizeof text, "%010zu 00000 n \n", at);
        return std::string{text};
    };
    out += "xref\n0 1\n0000000000 65535 f \n1 4\n" + row(catalogue) + row(container) +
           "0000000000 00000 f \n" + row(value) + "trailer\n<</Size 5/Root 1 0 R/XRefStm " +
           std::to_string(hidden) + ">>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
    CHECK(judged(out) == "pdf.unsupported");
}

TEST_CASE("deep, large and many things end at their limits") {
    const auto catalogue = [](const std::string& more) {
        return judged(Own{{"<</AcroForm<</Fields[]>>" + more + ">>"}}.bytes());
    };
    CHECK(catalogue("") == "pdf.unattached");
    CHECK(catalogue("/X " + std::string(100'000, '[')) == "pdf.limit");
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<</A";
    CHECK(catalogue("/X " + deep) == "pdf.limit");
    CHECK(catalogue("/X(" + std::string(5'000'000, 'x') + ")") == "pdf.limit");
    CHECK(catalogue("/X(" + std::string(5'000'000, '(')) == "pdf.limit");
    std::string many = "/X[";
    for (int i = 0; i < 300'000; ++i) many += "1 ";
    CHECK(catalogue(many + "]") == "pdf.limit");

    Own fields{{"<</AcroForm<</Fields 2 0 R>>>>"}};
    std::string list = "[";
    for (int i = 0; i < 10'001; ++i) list += std::to_string(i + 3) + " 0 R ";
    fields.objects.push_back(list + "]");
    CHECK(judged(fields.bytes()) == "pdf.limit");

    PdfFile file;
    for (int i = 0; i < 3; ++i) file.sign(people().leader, people().pki);
    CHECK(judged(file.bytes()) == "signature.holds");
    pdf::Limits two;
    two.signatures_max = 2;
    CHECK(judged(file.bytes(), two) == "pdf.limit");
    pdf::Limits tired;
    tired.work_bytes_max = 20'000;
    CHECK(judged(file.bytes(), tired) == "pdf.limit");
    pdf::Limits small;
    small.cms.bytes_max = 1000;
    CHECK(judged(file.bytes(), small) == "pdf.limit");
}

TEST_CASE("an encrypted file is refused when it is signed, and is nobody's otherwise") {
    auto file = signed_file();
    const auto previous = file.bytes().substr(file.bytes().rfind("startxref\n") + 10);
    const auto prev = "/Prev " + previous.substr(0, previous.find('\n'));
    const auto trailer = "<</Size 9/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2>>" + prev + ">>";
    CHECK(judged(table_with(trailer)) == "pdf.encrypted");

    PdfFile plain;
    auto bytes = plain.bytes();
    const auto at = bytes.size();
    bytes += "xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R/Encrypt<<>>>>\nstartxref\n" + std::to_string(at) +
             "\n%%EOF\n";
    CHECK(judged(bytes) == "signature.absent");
}

TEST_CASE("a source that cannot be read is an error and no judgement") {
    const auto bytes = signed_file().bytes();
    for (int fail_at = 1;; ++fail_at) {
        int calls = 0;
        auto source = memory_source(bytes);
        source.read = [&, read = source.read](std::uint64_t at, std::span<char> out) -> Result<> {
            if (++calls == fail_at) return Error{errc::io_failed, "made to"};
            return read(at, out);
        };
        const auto judgement = verify_pdf(source, today, trust());
        if (judgement) {
            CHECK(judgement->verdict() == Verdict::valid);
            CHECK(fail_at > 10);
            return;
        }
        CHECK(judgement.error().code == errc::io_failed);
    }
}

TEST_SUITE_END();
