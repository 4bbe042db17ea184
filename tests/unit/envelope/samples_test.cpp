// Goal: gateway/envelope/SAMPLES.md is true of every public sample: what is told of it or why it is refused,
// and what writing it again changes. Method: the page's tables are read and held against the samples; each
// named difference is made in the sample's own bytes, which are then ours, and not without it.
#include "gateway/base/text.hpp"
#include "tests/unit/envelope/rewriting.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace axis;
using namespace axis::envelope;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("envelope samples");

namespace {

using Cells = std::vector<std::string>;

Cells split(std::string_view text, std::string_view mark) {
    Cells parts;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
        parts.emplace_back(trimmed(text.substr(0, at)));
        text.remove_prefix(at + mark.size());
    }
    parts.emplace_back(trimmed(text));
    return parts;
}

// The rows of the table whose first cell is headed so.
std::vector<Cells> table(std::string_view heading) {
    std::vector<Cells> rows;
    bool inside = false;
    for (const auto& line :
         split(read_file(fs::path{AXIS_SOURCE_DIR} / "gateway/envelope/SAMPLES.md").value(), "\n")) {
        if (!line.starts_with("|")) inside = false;
        auto cells = split(line, "|");
        if (inside && !line.starts_with("|---")) rows.emplace_back(cells.begin() + 1, cells.end() - 1);
        if (cells.size() > 1 && cells[1] == heading) inside = true;
    }
    return rows;
}

struct Row {
    fs::path path;
    std::string outcome;
    std::string observations;
    std::set<std::string> differences;
};

std::vector<Row> rows() {
    std::vector<Row> out;
    for (const auto& cells : table("Sample")) {
        REQUIRE(cells.size() == 5);
        std::set<std::string> differences;
        for (const auto& name : split(cells[4], ","))
            if (name != "none" && name != "—") differences.insert(name);
        for (const auto& folder : split(cells[1], ","))
            out.push_back(
                {test::shared_dir / "samples/edxml" / folder / cells[0], cells[2], cells[3], differences}
            );
    }
    return out;
}

// "envelope.date ×2, envelope.party", in the order they were made.
std::string told(const std::vector<Observation>& observations) {
    std::vector<std::pair<std::string, int>> counts;
    for (const auto& observation : observations) {
        const auto same = [&](const auto& count) { return count.first == observation.code; };
        const auto at = std::find_if(counts.begin(), counts.end(), same);
        if (at == counts.end())
            counts.emplace_back(observation.code, 1);
        else
            ++at->second;
    }
    std::string out;
    for (const auto& [code, count] : counts)
        out += (out.empty() ? "" : ", ") + code + (count > 1 ? " ×" + std::to_string(count) : "");
    return out.empty() ? "none" : out;
}

// Line and column are what the detail begins with.
std::string refusal(const Error& error) {
    return test::name_of(error.code) + " " + error.detail.substr(0, error.detail.find(' '));
}

std::string ours(const Checked& checked, const std::vector<std::string>& texts) {
    const auto out = std::visit([](const auto& content) { return write(content); }, checked.read.content);
    REQUIRE(out.has_value());
    return test::joined(out->skeleton, out->hole_offsets, texts);
}

void is_the_same(const std::string& ours, const std::string& theirs) {
    const auto [a, b] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
    CHECK(std::string(a, std::min(a + 80, ours.end())) == std::string(b, std::min(b + 80, theirs.end())));
}

}  // namespace

TEST_CASE("every public sample has its expected outcome") {
    if (!test::shared_is_there()) return;
    for (const auto& row : rows()) {
        CAPTURE(row.path);
        const auto checked = test::check(read_file(row.path).value());
        if (!checked) {
            CHECK(refusal(checked.error()) == row.outcome);
            continue;
        }
        const bool document = std::holds_alternative<model::Document>(checked->read.content);
        CHECK((document ? "document" : "status") == row.outcome);
        CHECK(told(checked->observations) == row.observations);
    }
}

TEST_CASE("no public sample is forgotten, and none is listed twice") {
    if (!test::shared_is_there()) return;
    std::multiset<fs::path> listed;
    for (const auto& row : rows()) listed.insert(row.path);
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{test::shared_dir / "samples/edxml"}) {
        if (!entry.is_regular_file() || entry.path().filename() == "MANIFEST.md") continue;
        CAPTURE(entry.path());
        CHECK(listed.count(entry.path()) == 1);
        ++count;
    }
    CHECK(count == listed.size());
}

TEST_CASE("a sample that is read is written again as it was, but for the differences listed for it") {
    if (!test::shared_is_there()) return;
    for (const auto& row : rows()) {
        const auto bytes = read_file(row.path).value();
        const auto checked = test::check(bytes);
        if (!checked) continue;
        CAPTURE(row.path);
        const auto written = ours(*checked, test::scan({bytes}).texts);
        is_the_same(written, test::rewritten(bytes, row.differences));
        for (const auto& name : row.differences) {
            CAPTURE(name);
            auto others = row.differences;
            others.erase(name);
            CHECK(test::rewritten(bytes, others) != written);
        }
        CHECK(ours(test::check(written).value(), test::scan({written}).texts) == written);
    }
}

TEST_CASE("the page explains each difference that it names") {
    std::vector<std::string> explained;
    for (const auto& cells : table("Name")) explained.push_back(cells.at(0));
    CHECK(explained == test::rewriting_names());
    std::set<std::string> used;
    for (const auto& cells : table("Sample"))
        for (const auto& name : split(cells.at(4), ",")) used.insert(name);
    for (const auto& name : explained) CHECK(used.contains(name));
}

TEST_SUITE_END();
