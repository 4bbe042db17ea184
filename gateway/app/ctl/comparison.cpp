#include "gateway/app/ctl/comparison.hpp"

#include "gateway/app/ctl/files.hpp"
#include "gateway/base/json_object.hpp"
#include "gateway/base/text.hpp"
#include "gateway/package/difference.hpp"

#include <algorithm>
#include <iostream>

namespace axis::ctl {

namespace {

constexpr int trouble = 2;

using package::Difference;

std::vector<Difference> compare(const envelope::Read& a, const envelope::Read& b) {
    std::vector<Difference> found;
    const auto* document_a = std::get_if<model::Document>(&a.content);
    const auto* document_b = std::get_if<model::Document>(&b.content);
    if (document_a && document_b)
        found = package::differences(*document_a, *document_b);
    else if (!document_a && !document_b)
        found = package::differences(std::get<model::Status>(a.content), std::get<model::Status>(b.content));
    else
        found.push_back(
            {"kind", document_a ? "\"document\"" : "\"status\"", document_b ? "\"document\"" : "\"status\""}
        );
    if (a.has_signature != b.has_signature)
        found.push_back(
            {"signature", a.has_signature ? "true" : "false", b.has_signature ? "true" : "false", false}
        );
    if (a.dialect != b.dialect)
        found.push_back(
            {"dialect", json_quoted(envelope::name(a.dialect)), json_quoted(envelope::name(b.dialect)), false}
        );
    return found;
}

void print_json(const std::vector<Difference>& found, bool same) {
    std::vector<std::string> items;
    for (const auto& one : found)
        items.push_back(JsonObject{}
                            .text("field", one.field)
                            .raw("a", one.a.empty() ? "null" : one.a)
                            .raw("b", one.b.empty() ? "null" : one.b)
                            .boolean("of_meaning", one.of_meaning)
                            .done());
    std::cout << JsonObject{}.boolean("same_meaning", same).raw("differences", json_array(items)).done()
              << "\n";
}

void print_line(const Options& o, const Difference& one) {
    if (!one.of_meaning) std::cout << o.say("hình thức: ", "form: ");
    if (one.a.empty())
        std::cout << o.say("thêm ", "added ") << one.field << ": " << one.b << "\n";
    else if (one.b.empty())
        std::cout << o.say("mất ", "lost ") << one.field << ": " << one.a << "\n";
    else
        std::cout << o.say("đổi ", "changed ") << one.field << ": " << one.a << " → " << one.b << "\n";
}

}  // namespace

int compare_envelopes(const Options& o, const std::string& a, const std::string& b) {
    SystemRandom random;
    std::vector<envelope::Checked> both;
    for (const auto& path : {a, b}) {
        auto checked = check_file(path, random);
        if (!checked) {
            std::cerr << path << ": ";
            print_error(o, checked.error());
            return trouble;
        }
        both.push_back(std::move(*checked));
    }
    const auto found = compare(both[0].read, both[1].read);
    const auto of_meaning =
        std::count_if(found.begin(), found.end(), [](const auto& one) { return one.of_meaning; });
    if (o.json) {
        print_json(found, of_meaning == 0);
    } else {
        for (const auto& one : found) print_line(o, one);
        const auto of_form = static_cast<std::ptrdiff_t>(found.size()) - of_meaning;
        std::cout << o.say("Khác về nội dung: ", "Differences of meaning: ") << of_meaning
                  << o.say(", về hình thức: ", ", of form: ") << of_form << "\n";
    }
    return of_meaning == 0 ? done : negative;
}

}  // namespace axis::ctl
