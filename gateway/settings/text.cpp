#include "gateway/settings/text.hpp"

#include "gateway/settings/keys.hpp"

#include <map>
#include <span>

namespace axis::settings {

namespace {

struct Section {
    std::string_view name;
    std::string_view header;  // as written in the file; empty: the top of it
    std::string_view vi;
    std::string_view en;

    std::string_view sentence(Language language) const { return language == Language::vi ? vi : en; }
};

constexpr Section main_sections[] = {
    {"gateway", "[gateway]", "Cổng này", "This gateway"},
    {"api", "[api]", "REST cho phần mềm văn bản", "REST for document software"},
    {"admin", "[admin]", "Quản trị", "Operation"},
    {"limits", "[limits]", "Giới hạn", "Limits"},
    {"queue", "[queue]", "Hàng đợi gửi", "The queue of deliveries"},
    {"worker", "[worker]", "Tiến trình gửi", "Worker processes"},
    {"signature", "[signature]", "Chữ ký", "Signatures"},
    {"audit", "[audit]", "Kiểm toán", "Audit"},
    {"retention", "[retention]", "Thời hạn lưu", "Retention"},
    {"log", "[log]", "Nhật ký (stderr)", "Log (stderr)"},
    {"agency",
     "[[agency]]",
     "Cơ quan, đơn vị biết tên; mỗi cơ quan một mục",
     "Agencies and units known by name; one entry each"},
};
constexpr Section rest_sections[] = {
    {"endpoint",
     "",
     "Điểm kết nối: phần mềm văn bản gọi cổng qua REST",
     "Endpoint: document software that calls us by REST"},
    {"rest", "", "", ""},
};
constexpr Section vxp_sections[] = {
    {"endpoint", "", "Điểm kết nối: trục liên thông văn bản", "Endpoint: a document axis"},
    {"vxp", "[vxp]", "Kết nối tới trục", "The line to the axis"},
};

constexpr std::string_view mark(Language language, std::string_view vi, std::string_view en) {
    return language == Language::vi ? vi : en;
}

std::string list_text(const std::vector<std::string>& list) {
    std::string text = "[";
    for (const auto& one : list) text += (text.size() > 1 ? ", " : "") + in_quotes(one);
    return text + "]";
}

std::string word_of(const Key& key, std::size_t choice) {
    auto rest = key.limits;
    for (; choice > 0; --choice) rest.remove_prefix(rest.find('|') + 1);
    return in_quotes(rest.substr(0, rest.find('|')));
}

std::string bounds(const Key& key, Language language) {
    std::string text;
    if (!key.limits.empty()) text += std::string{key.limits};
    if (key.presence == Presence::required)
        text += (text.empty() ? "" : "; ") + std::string{mark(language, "bắt buộc", "required")};
    return text.empty() ? text : " (" + text + ")";
}

// Keys in `given` are set, the others stand as comments with their defaults.
using Given = std::map<std::string, std::string, std::less<>>;

std::string file_text(std::span<const Section> sections, const Given& given, Language language) {
    std::string text;
    for (const auto& section : sections) {
        if (!section.vi.empty()) text += "\n# ---- " + std::string{section.sentence(language)} + "\n";
        if (!section.header.empty()) text += std::string{section.header} + "\n";
        for (const auto& key : keys()) {
            if (key.section != section.name) continue;
            text += "# " + std::string{key.sentence(language)} + bounds(key, language) + "\n";
            const auto it = given.find(std::string{key.section} + "." + std::string{key.name});
            if (it != given.end()) {
                text += std::string{key.name} + " = " + it->second + "\n";
            } else {
                text += "# " + std::string{key.name} + " = " + standard_text(key) + "\n";
            }
        }
    }
    return text;
}

std::string heading(Language language, std::string_view vi, std::string_view en) {
    std::string text = "# " + std::string{mark(language, vi, en)} + "\n";
    text += mark(
        language,
        "# Dòng \"# khoá = giá trị\" là giá trị mặc định: bỏ dấu # rồi sửa. Kiểm tra lại: axisctl config "
        "check\n",
        "# A line \"# key = value\" shows a default: take the # away and change it. Check: axisctl config "
        "check\n"
    );
    return text;
}

std::string line_of(const Key& key, Language language) {
    std::string text = std::string{key.section} + "." + std::string{key.name} + "\n";
    text += "    " + std::string{key.sentence(language)} + "\n";
    text += "    " + std::string{mark(language, "Giá trị: ", "Value: ")} + wanted(key, language) + "\n";
    if (key.presence == Presence::required)
        return text + "    " + std::string{mark(language, "Bắt buộc", "Required")} + "\n";
    return text + "    " + std::string{mark(language, "Mặc định: ", "Default: ")} + standard_text(key) + "\n";
}

}  // namespace

Result<std::string> explain(std::string_view key, Language language) {
    const auto dot = key.find('.');
    const auto name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    const auto section = dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
    std::string text;
    std::string_view near;
    for (const auto& row : keys()) {
        if (row.name == name && (section.empty() || row.section == section)) text += line_of(row, language);
        if (near.empty() && (section.empty() || row.section == section)) near = nearest(row.section, name);
    }
    if (!text.empty()) return text;
    std::string detail{key};
    if (!near.empty())
        detail += std::string{mark(language, "; có phải ", "; did you mean ")} + std::string{near} + "?";
    return Error{errc::config_key, detail};
}

std::string print_reference(Language language) {
    std::string text;
    for (const auto& key : keys()) text += line_of(key, language);
    return text;
}

std::string init_text(const NewGateway& facts, Language language) {
    const Given given{
        {"gateway.agency", in_quotes(facts.agency)},
        {"gateway.state_dir", in_quotes(facts.state_dir)},
        {"agency.code", in_quotes(facts.agency)},
        {"agency.name", in_quotes(facts.agency_name.empty() ? facts.agency : facts.agency_name)}};
    return heading(
               language,
               "axisd.toml: cấu hình cổng liên thông văn bản axisd. Mỗi điểm kết nối một tệp trong "
               "endpoints.d/.",
               "axisd.toml: configuration of the document gateway axisd. One file in endpoints.d/ for each "
               "endpoint."
           ) +
           file_text(main_sections, given, language);
}

std::string endpoint_text(const NewEndpoint& facts, Language language) {
    const auto* adapter = find("endpoint", "adapter");
    const auto* mode = find("endpoint", "mode");
    Given given{
        {"endpoint.adapter", word_of(*adapter, static_cast<std::size_t>(facts.adapter))},
        {"endpoint.codes", list_text(facts.codes)},
        {"endpoint.mode", word_of(*mode, static_cast<std::size_t>(facts.mode))}};
    const auto head = heading(
        language,
        "endpoints.d/TÊN.toml: một điểm kết nối; tên tệp là tên của nó.",
        "endpoints.d/NAME.toml: one endpoint; the file's name is its name."
    );
    if (facts.adapter == Adapter::rest) {
        given["rest.token_sha256"] = list_text(facts.token_sha256);
        return head + file_text(rest_sections, given, language);
    }
    given["vxp.base_url"] = in_quotes(facts.base_url);
    given["vxp.system_id"] = in_quotes(facts.system_id);
    given["vxp.secret_file"] = in_quotes(facts.secret_file);
    return head + file_text(vxp_sections, given, language);
}

}  // namespace axis::settings
