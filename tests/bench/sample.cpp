#include "tests/bench/sample.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/random.hpp"

#include <fstream>
#include <stdexcept>

namespace axis::bench {

namespace {

constexpr std::size_t block_bytes = 57 * 16 * 1024;  // whole groups, and whole lines of 76 characters

model::Organization agency(const std::string& code) {
    model::Organization o;
    o.code = model::AgencyCode::parse(code).value();
    o.name = "Sở Thử nghiệm và Đối soát " + code;
    o.address = "số 1, phố Mô Phỏng, Hà Nội";
    o.email = "vanthu@" + code + ".example";
    o.telephone = "024 0000 0000";
    o.website = "https://" + code + ".example";
    return o;
}

model::Date date(const std::string& text) {
    return model::Date::read(text);
}

std::string in_lines(const std::string& text, std::size_t line) {
    if (line == 0) return text;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += line) out.append(text, at, line).append("\r\n");
    return out;
}

}  // namespace

model::Document document(std::size_t markup_bytes) {
    model::Document d;
    d.from = agency("G98");
    d.document_id = "G98,2026/11/21,251/TMĐT-TTTH";
    d.number = "251";
    d.notation = "TMĐT-TTTH";
    d.place = "Hà Nội";
    d.issued = date("2026/11/21");
    d.type = {2, 7, "Công văn"};
    d.subject = "V/v thử liên thông văn bản điện tử giữa các hệ thống quản lý văn bản và điều hành";
    d.content = d.subject;
    d.signer = {"TL. BỘ TRƯỞNG", "Vụ trưởng", "Nguyễn Thử Nghiệm"};
    d.due = date("2026/12/21");
    d.other.priority = 1;
    d.other.copies = 20;
    d.other.pages = 3;
    d.other.direction = false;
    d.response_for = {{d.from.code, "7816/VP-TTĐT", "G99,2026/11/01,7816/VP-TTĐT", date("2026/11/01")}};
    d.to_places = {"Như trên", "Lưu: VT, TTTH"};
    d.trace = {{d.from.code, "2026/11/21 08:00:00"}};
    d.business.staff = {{"Văn phòng", "Trần Đối Soát", "thu@g98.example", "090 000 0000", "VP", "17"}};
    model::Attachment file;
    file.content_id = "1";
    file.name = "công văn 251.pdf";
    file.content_type = "application/pdf";
    file.description = "Bản chính";
    d.attachments = {file};
    while (envelope::write(d).value().skeleton.size() < markup_bytes)
        d.to.push_back(agency("G99." + std::to_string(10 + d.to.size())));
    return d;
}

std::string file_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    SeededRandom random{11};
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes.replace(0, 9, "%PDF-1.7\n");
}

std::string spliced(const envelope::Written& written, const std::string& text) {
    auto whole = written.skeleton;
    return whole.insert(written.hole_offsets.at(0), text);
}

void make_envelope(const std::filesystem::path& path, std::uint64_t bytes, std::size_t line) {
    const auto written = envelope::write(document(4096)).value();
    const auto hole = written.hole_offsets.at(0);
    const auto block = in_lines(base64_encode(file_bytes(block_bytes)), line);
    std::ofstream out{path, std::ios::binary};
    out << written.skeleton.substr(0, hole);
    const auto text_bytes = (bytes - std::min<std::uint64_t>(bytes, written.skeleton.size())) / 4 * 4;
    for (std::uint64_t left = text_bytes; left > 0;) {
        const auto n = std::min<std::uint64_t>(left, block.size());
        out.write(block.data(), static_cast<std::streamsize>(n));
        left -= n;
    }
    out << written.skeleton.substr(hole);
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace axis::bench
