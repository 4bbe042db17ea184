#include "tests/unit/signature_pdf/pdf_file.hpp"

#include <zlib.h>

#include <cstdio>
#include <stdexcept>

namespace axis::test {

namespace {

std::string refs(const std::vector<int>& numbers) {
    std::string out = "[";
    for (const int n : numbers) out += (out.size() > 1 ? " " : "") + std::to_string(n) + " 0 R";
    return out + "]";
}

std::string deflated(const std::string& data) {
    auto size = compressBound(data.size());
    std::string out(size, '\0');
    compress(
        reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()), data.size()
    );
    out.resize(size);
    return out;
}

std::string big_endian(std::uint64_t value, unsigned width) {
    std::string out(width, '\0');
    for (unsigned i = 0; i < width; ++i) out[width - 1 - i] = static_cast<char>(value >> (8 * i));
    return out;
}

// PNG's predictor Up, as most writers store cross-references.
std::string predicted(const std::string& rows, std::size_t columns) {
    std::string out;
    for (std::size_t at = 0; at < rows.size(); at += columns) {
        out += '\2';
        for (std::size_t i = 0; i < columns; ++i) {
            const int up = at == 0 ? 0 : static_cast<unsigned char>(rows[at - columns + i]);
            out += static_cast<char>(static_cast<unsigned char>(rows[at + i]) - up);
        }
    }
    return out;
}

std::string padded(std::size_t number) {
    auto out = std::to_string(number);
    out.insert(0, 10 - out.size(), ' ');
    return out;
}

}  // namespace

std::string hex(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

void replace(std::string& text, std::string_view from, std::string_view to) {
    const auto at = text.rfind(from);
    if (at == std::string::npos || from.size() != to.size()) throw std::runtime_error("nothing to replace");
    text.replace(at, from.size(), to);
}

PdfFile::PdfFile(bool packed, std::string content) : packed_{packed} {
    bytes_ = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
    put(1, catalogue());
    put(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
    put(3, page());
    put_stream(4, "", content);
    put(5, "<</Producer(axis test)>>");
    save();
}

std::string PdfFile::catalogue() const {
    return "<</Type/Catalog/Pages 2 0 R" + std::string{fields.empty() ? "" : "/AcroForm 6 0 R"} +
           more_in_catalogue + ">>";
}
std::string PdfFile::form() const {
    return "<</Fields" + refs(fields) + "/SigFlags 3" + more_in_form + ">>";
}
std::string PdfFile::page() const {
    return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents " + std::to_string(contents) + " 0 R" +
           (fields.empty() ? "" : "/Annots" + refs(fields)) + more_in_page + ">>";
}

void PdfFile::put(int number, const std::string& body) {
    next_ = std::max(next_, number + 1);
    if (packed_) {
        waiting_.emplace_back(number, body);
        return;
    }
    offsets_[number] = bytes_.size();
    bytes_ += std::to_string(number) + " 0 obj\n" + body + "\nendobj\n";
}

void PdfFile::put_stream(int number, std::string dict, const std::string& data) {
    next_ = std::max(next_, number + 1);
    offsets_[number] = bytes_.size();
    bytes_ += std::to_string(number) + " 0 obj\n<<" + dict + "/Length " + std::to_string(data.size()) +
              ">>\nstream\n" + data + "\nendstream\nendobj\n";
}

void PdfFile::shift_after(std::size_t at, std::uint64_t by) {
    shift_at_ = at;
    shift_ = by;
}

void PdfFile::save() {
    packed_ ? save_packed() : save_table();
    offsets_.clear();
    waiting_.clear();
}

void PdfFile::save_table() {
    const auto at = place(bytes_.size());
    std::string table = "xref\n";
    if (previous_ == 0) table += "0 1\n0000000000 65535 f \n";
    for (const auto& [number, offset] : offsets_) {
        char row[32];
        std::snprintf(row, sizeof row, "%010zu 00000 n \n", place(offset));
        table += std::to_string(number) + " 1\n" + row;
    }
    bytes_ += table + "trailer\n<</Size " + std::to_string(next_) + "/Root 1 0 R/Info 5 0 R" +
              (previous_ == 0 ? "" : "/Prev " + std::to_string(previous_)) + ">>\nstartxref\n" +
              std::to_string(at) + "\n%%EOF\n";
    previous_ = at;
}

void PdfFile::save_packed() {
    struct Row {
        std::uint64_t type, a, b;
    };
    std::map<int, Row> rows;
    if (previous_ == 0) rows[0] = {0, 0, 65535};
    if (!waiting_.empty()) {
        const int container = fresh();
        std::string head, body;
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            head += std::to_string(waiting_[i].first) + " " + std::to_string(body.size()) + " ";
            body += waiting_[i].second + " ";
            rows[waiting_[i].first] = {2, static_cast<std::uint64_t>(container), i};
        }
        put_stream(
            container,
            "/Type/ObjStm/Filter/FlateDecode/N " + std::to_string(waiting_.size()) + "/First " +
                std::to_string(head.size()),
            deflated(head + body)
        );
    }
    const int own = fresh();
    const auto at = bytes_.size();
    offsets_[own] = at;
    for (const auto& [number, offset] : offsets_) rows[number] = {1, offset, 0};
    std::string index, data;
    for (const auto& [number, row] : rows) {
        index += std::to_string(number) + " 1 ";
        data += big_endian(row.type, 1) + big_endian(row.a, 4) + big_endian(row.b, 2);
    }
    put_stream(
        own,
        "/Type/XRef/W[1 4 2]/Index[" + index + "]/Size " + std::to_string(next_) + "/Root 1 0 R/Info 5 0 R" +
            (previous_ == 0 ? "" : "/Prev " + std::to_string(previous_)) +
            "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>",
        deflated(predicted(data, 7))
    );
    bytes_ += "startxref\n" + std::to_string(at) + "\n%%EOF\n";
    previous_ = at;
}

void PdfFile::sign_with(const Make& make, const Placing& where) {
    const bool first = fields.empty();
    last_value = fresh();
    last_field = where.field > 0 ? where.field : fresh();
    if (where.field == 0) fields.push_back(last_field);
    if (first) {
        next_ = std::max(next_, 7);
        put(1, catalogue());
    }
    put(6, form());
    put(3, page());
    const auto name = where.name.empty() ? "Ky " + std::to_string(fields.size()) : where.name;
    put(last_field,
        "<</FT/Sig/Type/Annot/Subtype/Widget/T(" + name + ")/V " + std::to_string(last_value) +
            " 0 R/Rect[0 0 0 0]/F 132/P 3 0 R" + where.appearance + ">>");
    offsets_[last_value] = bytes_.size();
    const std::string range = "/ByteRange[0 " + padded(0) + " " + padded(1) + " " + padded(2) + "]";
    bytes_ += std::to_string(last_value) + " 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/" +
              where.sub_filter + "/M(D:20261121101500+07'00')" + where.more + range + "/Contents ";
    const auto range_at = bytes_.rfind("/ByteRange");
    const auto room = where.room > 0 ? where.room : std::size_t{4096};
    gap_begin = bytes_.size();
    bytes_ += "<" + std::string(room * 2, '0') + ">";
    gap_end = bytes_.size();
    bytes_ += ">>\nendobj\n";
    save();
    const auto tail = bytes_.size() - gap_end;
    bytes_.replace(
        range_at,
        range.size(),
        "/ByteRange[0 " + padded(place(gap_begin)) + " " + padded(place(gap_end)) + " " + padded(tail) + "]"
    );
    const auto value = hex(make(bytes_.substr(0, gap_begin) + bytes_.substr(gap_end)));
    if (value.size() > room * 2)
        throw std::runtime_error("the gap is too small: " + std::to_string(value.size() / 2));
    bytes_.replace(gap_begin + 1, value.size(), value);
}

void PdfFile::sign(const Party& party, const Pki& pki, const Signing& how, const Placing& where) {
    sign_with([&](std::string_view covered) { return cms_of(party, pki, covered, how); }, where);
}

void PdfFile::stamp(const Party& authority, const Stamping& how) {
    Placing where;
    where.sub_filter = "ETSI.RFC3161";
    sign_with([&](std::string_view covered) { return token_of(authority, covered, how); }, where);
}

}  // namespace axis::test
