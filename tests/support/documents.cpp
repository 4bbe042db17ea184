#include "tests/support/documents.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/model/file_name.hpp"
#include "gateway/model/not_given.hpp"
#include "gateway/package/package.hpp"
#include "tests/support/extensions.hpp"
#include "tests/support/members.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace axis::test {

namespace {

constexpr std::size_t entries_max = 3;

// Decomposed letters are spelled out: an editor might compose them.
constexpr std::array<std::string_view, 24> ordinary{
    "Công văn", " ",      "số ", "251",        "/",      "TMĐT-TTTH",  "V/v ", "thử nghiệm",
    "1",        "Hà Nội", ", ",  "(bản ký)",   "a",      "Ủy ban",     "Đ",    ".",
    "-",        "ệ",      "x",   "Quyết định", "\u00A0", "2026/11/21", "true", "0"};
constexpr std::array<std::string_view, 48> odd{
    "&",
    "<",
    ">",
    "\"",
    "'",
    "]]>",
    "&amp;",
    "&#13;",
    "<!--",
    "-->",
    "<?xml?>",
    "<edXML:Subject>",
    "\\",
    "\\u0000",
    "{",
    "[1]",
    "%",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "  ",
    "null",
    "nul",
    "NULL",
    "cid:",
    "#2",
    ";",
    "Co\u0302\u0323ng va\u0306n",  // NFD
    "ho\u0300a",
    "\u0323",
    "\u01B0\u031B",
    "\u1E69\u0307",
    "\U0001F4C4",
    "\U00020BB7",
    "\U0010FFFD",
    "\U0001FFFE",  // beyond the BMP, the last is no character
    "\u007F",
    "\u0085",
    "\u009F",
    "\u2028",
    "\u200B",
    "\u202E",
    "\uFEFF",
    "\uFFFD",
    "\uFDD0",
    "\uD7FF",
    "\uE000"};

std::string pieces(Choices& choices, std::size_t most) {
    std::string out;
    for (auto n = 1 + choices.below(most); n > 0; --n)
        out += choices.below(4) == 3 ? choices.one_of(odd) : choices.one_of(ordinary);
    if (choices.rarely() && choices.rarely())
        for (int i = 0; i < 400; ++i) out += "ệ&";  // longer than every length of the standard
    return out;
}

constexpr std::array<std::string_view, 12> agencies{
    "G98",
    "G98.11",
    "G98.12",
    "G97",
    "G99",
    "g99",
    "000.00.00.G99",
    "029900000000",
    "vxp.saas.98",
    "null.98",
    "ĐƠN.VỊ-98",
    "đo\u031Bn.vi\u0323-98"};

constexpr std::array<std::string_view, 16> days{
    "2026/11/21",
    "2026-11-21",
    "21/11/2026",
    "21-11-2026",
    "2026/11/21 08:00:00",
    "2026-11-21T08:00:00+07:00",
    "2024/02/29",
    "0001-01-01",
    "9999/12/31",
    "2014/02/30",
    "2026",
    "30/02/2014",
    "hôm qua",
    "2026/13/01",
    "2026/11-21",
    "31/12/1999T"};

constexpr std::array<std::string_view, 14> file_types{
    ".pdf",
    ".PDF",
    ".doc",
    ".docx",
    ".xlsx",
    ".zip",
    ".txt",
    "",
    ".tệp",
    ".edxml",
    ".7z>",
    ".xslx",
    ".",
    ".a:b"};
constexpr std::array<std::string_view, 22> file_words{
    "công văn", "công va\u0306n", " ",          "(bản ký)", "1",   "#2", "&", "<1>", "'", "\"", ";", "%20",
    "..",       "null",           "\U0001F4C4", "=?utf-8?", "CON", "a",  "-", "+",   ":", "C:"};

// As it may be received; with ':' it may not be posted.
std::string file_name(Choices& choices) {
    std::string name;
    for (auto n = 1 + choices.below(4); n > 0; --n) name += choices.one_of(file_words);
    if (choices.rarely())
        for (int i = 0; i < 100; ++i) name += "dài";  // longer than a posted name may be
    name += choices.one_of(file_types);
    name = trimmed(name);
    const bool taken = model::safe_file_name(name) && !model::not_given(name);
    return taken ? name : "a" + std::to_string(choices.below(3)) + ".pdf";
}

// Half of the members of the standard are optional, and so is half of what this fills.
class Filler {
public:
    explicit Filler(Choices& choices) : choices_{choices} {}

    void code(model::AgencyCode& code, std::string_view) {
        if (choices_.maybe()) code = agency_of(choices_);
    }
    void text(std::string& text, std::string_view) {
        if (choices_.maybe()) text = text_of(choices_);
    }
    void word(std::string& word, std::string_view) {
        if (choices_.maybe()) word = word_of(choices_);
    }
    void file(std::string& name, std::string_view) { name = file_name(choices_); }
    void date(model::Date& date, std::string_view) {
        if (!choices_.maybe()) return;
        date = model::Date::read(choices_.rarely() ? word_of(choices_) : choices_.one_of(days));
    }
    void number(std::optional<bool>& flag, std::string_view) {
        if (choices_.maybe()) flag = choices_.maybe();
    }
    template <class Number>
    void number(std::optional<Number>& number, std::string_view) {
        constexpr std::array<Number, 9> wild{
            0,
            1,
            2,
            3,
            4,
            71,
            20251020,
            std::numeric_limits<Number>::max(),
            std::numeric_limits<Number>::min()};
        if (choices_.maybe()) number = choices_.one_of(wild);
    }
    template <class T>
    void list(std::vector<T>& list, std::string_view) {
        list.resize(choices_.below(entries_max + 1));
        for (auto& entry : list) fill(entry);
    }
    void own(model::BusinessType& type) { type = static_cast<model::BusinessType>(choices_.below(4)); }
    void own(model::AttachmentFacts& facts) {
        facts.wrapped = choices_.maybe();
        facts.file_sha256 = sha256(std::to_string(choices_.below(9)));
        facts.file_bytes = choices_.below(70'000);
    }
    void own(std::vector<model::Extension>&) {}  // when it is known what there is to extend
    void own_code(std::string& code) {
        constexpr std::array<std::string_view, 14> codes{
            "01", "02", "03", "04", "05", "06", "13", "15", "16", "07", "00", "99", "A", "003"};
        code = choices_.one_of(codes);
    }
    void own_time(std::string& timestamp, std::optional<Time>& at);

private:
    void fill(std::string& text) { text = text_of(choices_); }
    void fill(model::AgencyCode& code) { code = agency_of(choices_); }
    template <class T>
    void fill(T& entry) {
        members(*this, entry);
    }

    Choices& choices_;
};

// The meaning follows from what is written; parse_time() does not know the day first.
void Filler::own_time(std::string& timestamp, std::optional<Time>& at) {
    constexpr std::array<std::array<std::string_view, 2>, 5> times{
        {{"2026/11/21 10:00:00", "2026/11/21 10:00:00"},
         {"21/11/2026 10:00:59", "2026/11/21 10:00:59"},
         {"2026-11-21T10:00:00.250Z", "2026-11-21T10:00:00.250Z"},
         {"2026-11-21", "2026-11-21"},
         {"31-12-1999", "1999/12/31"}}};
    if (!choices_.maybe()) return;
    if (choices_.rarely()) {
        timestamp = "lúc " + word_of(choices_);
        return;
    }
    const auto& [written, meant] = choices_.one_of(times);
    timestamp = written;
    Time time;
    AXIS_ASSERT(parse_time(meant, time));
    at = time;
}

// The shapes that matter to a decoder: one byte, not a multiple of three, more than one piece. A file of no
// bytes is refused by everybody.
std::string file_of(Choices& choices) {
    constexpr std::array<std::string_view, 5> heads{"%PDF-1.4\n", "", "\xD0\xCF\x11\xE0", "{", "tệp "};
    std::string bytes{choices.one_of(heads)};
    for (auto n = choices.below(40); n > 0; --n) bytes += static_cast<char>(choices.below(256));
    if (choices.rarely()) bytes.resize(70'000, 'x');
    return bytes.empty() || bytes.starts_with("PK") ? "x" + bytes : bytes;  // a ZIP only by being wrapped
}

std::string in_lines(const std::string& text, std::string_view line_end) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 76) out.append(text.substr(i, 76)).append(line_end);
    return out;
}

std::string travels(model::Attachment& attachment, const std::string& bytes, Choices& choices) {
    SeededRandom random{choices.below(256)};
    envelope::AttachmentEncoder encoder{attachment.name, random};
    std::string text;
    encoder.update(bytes, text);
    encoder.finish(text);
    const auto form = choices.below(8);
    if (form > 5) text = in_lines(text, form == 6 ? "\r\n" : "\n");
    attachment.facts = {
        sha256(text),
        text.size(),
        text.find('\r') != std::string::npos,
        encoder.wrapped(),
        encoder.file_sha256(),
        encoder.file_bytes()};
    return text;
}

template <class T>
void drop_empty(std::vector<T>& entries) {
    std::erase(entries, T{});
}

// Without an extension in it, an entry that says nothing is none.
void drop_empty_entries(model::Document& document) {
    auto& business = document.business;
    for (auto& update : business.updates) drop_empty(update.receivers);
    drop_empty(business.updates);
    drop_empty(business.replacements);
    drop_empty(business.staff);
    drop_empty(document.response_for);
    drop_empty(document.trace);
}

}  // namespace

std::string text_of(Choices& choices) {
    auto text = pieces(choices, 6);
    return model::not_given(text) ? text + "." : text;
}

std::string word_of(Choices& choices) {
    const std::string word{trimmed(pieces(choices, 4))};
    return model::not_given(word) ? word + "." : word;
}

model::AgencyCode agency_of(Choices& choices) {
    return model::AgencyCode::parse(choices.one_of(agencies)).value();
}

model::Document document_of(Choices& choices, Beyond beyond) {
    model::Document document;
    Filler filler{choices};
    members(filler, document);
    if (document.from.code.empty()) document.from.code = agency_of(choices);
    for (auto& to : document.to)
        if (to.code.empty()) to.code = agency_of(choices);
    std::size_t ordinal = 0;
    for (auto& attachment : document.attachments) {
        ++ordinal;
        if (attachment.content_id.empty()) attachment.content_id = std::to_string(ordinal);
    }
    if (beyond == Beyond::extensions)
        document.extensions = extensions_of(choices, places_of(document));
    else
        drop_empty_entries(document);
    return document;
}

model::Status status_of(Choices& choices, Beyond beyond) {
    model::Status status;
    Filler filler{choices};
    members(filler, status);
    if (status.from.code.empty()) status.from.code = agency_of(choices);
    if (status.response_for == model::DocumentReference{}) status.response_for.organ = agency_of(choices);
    if (beyond == Beyond::extensions) status.extensions = extensions_of(choices, places_of(status));
    return status;
}

Letter letter_of(Choices& choices, Beyond beyond) {
    Letter letter{document_of(choices, beyond), {}};
    for (auto& attachment : letter.document.attachments)
        letter.texts.push_back(travels(attachment, file_of(choices), choices));
    return letter;
}

void showValue(const Letter& letter, std::ostream& out) {
    showValue(letter.document, out);
    for (const auto& text : letter.texts) out << text << '\n';
}

}  // namespace axis::test

namespace axis::model {

void showValue(const Document& document, std::ostream& out) {
    out << package::to_package_json(document, std::nullopt);
}

void showValue(const Status& status, std::ostream& out) {
    out << package::to_json(status);
}

}  // namespace axis::model
