// A small PDF in the test's hand: written object by object, saved incrementally, signed.
#pragma once

#include "tests/unit/signature_pdf/signer.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace axis::test {

struct Placing {
    std::string sub_filter = "ETSI.CAdES.detached";
    int field = 0;                // that waits for its signature; 0: one more
    std::string name = "";        // of the field; empty: "Ký 1", "Ký 2", …
    std::size_t room = 0;         // bytes for the CMS; 0: enough
    std::string more = "";        // further keys of the signature dictionary
    std::string appearance = "";  // further keys of the field
};

// Object numbers: 1 catalogue, 2 pages, 3 page, 4 its content, 5 Info, 6 form, 7 … what comes.
class PdfFile {
public:
    // `packed`: cross-reference streams, and what may be in an object stream is.
    explicit PdfFile(bool packed = false, std::string content = "BT /F1 12 Tf (Cong van) Tj ET");

    const std::string& bytes() const { return bytes_; }
    std::string& raw() { return bytes_; }

    // One incremental update: objects, then save().
    void put(int number, const std::string& body);
    void put_stream(int number, std::string dict, const std::string& data);
    int fresh() { return next_++; }
    void save();

    // The catalogue, the form and the page as they are now, for updates.
    std::string catalogue() const;
    std::string form() const;
    std::string page() const;
    std::string more_in_catalogue, more_in_page, more_in_form;
    int contents = 4;

    // Prepares a field and a signature dictionary in an update, and fills the gap.
    void sign(const Party& party, const Pki& pki, const Signing& how = {}, const Placing& where = {});
    // The same with any value: `make` gets the bytes that are covered.
    using Make = std::function<std::string(std::string_view covered)>;
    void sign_with(const Make& make, const Placing& where);
    void stamp(const Party& authority, const Stamping& how = {});
    // From here on every place counts `by` more: bytes that stand in the file at `at` and are not held here.
    // Tables only.
    void shift_after(std::size_t at, std::uint64_t by);
    // Where the value of the last signature stands: '<' and behind '>'.
    std::size_t gap_begin = 0, gap_end = 0;
    int last_value = 0, last_field = 0;

    std::vector<int> fields;

private:
    void save_table();
    void save_packed();
    std::size_t place(std::size_t at) const { return at > shift_at_ ? at + shift_ : at; }
    std::string bytes_;
    bool packed_;
    int next_ = 7;
    std::size_t previous_ = 0;
    std::size_t shift_at_ = 0;
    std::size_t shift_ = 0;
    std::map<int, std::size_t> offsets_;                // of this update
    std::vector<std::pair<int, std::string>> waiting_;  // for its object stream
};

std::string hex(std::string_view bytes);
void replace(std::string& text, std::string_view from, std::string_view to);  // same length, the last one

}  // namespace axis::test
