#include "gateway/signature/attached/comparison.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace axis::signature {

namespace {

constexpr std::size_t places_named_max = 10;

std::vector<Fact> sorted(std::vector<Fact> facts) {
    std::ranges::sort(facts);
    return facts;
}

// Kinds of which one side says what the other does not, in the order of the table.
std::set<std::size_t> kinds_at_odds(const Statement& stated, const Statement& found) {
    std::vector<Fact> odd;
    std::ranges::set_symmetric_difference(sorted(stated.facts), sorted(found.facts), std::back_inserter(odd));
    std::set<std::size_t> kinds;
    for (const auto& fact : odd) kinds.insert(fact.kind);
    return kinds;
}

// Files with their places, so that an equal one of the other side takes each away once.
using Places = std::multimap<SignedFile, std::size_t>;

Places places_of(const std::vector<SignedFile>& files) {
    Places out;
    for (std::size_t i = 0; i < files.size(); ++i) out.emplace(files[i], i + 1);
    return out;
}

std::string list_of(std::string_view what, std::string_view whose, const std::vector<std::size_t>& places) {
    if (places.empty()) return {};
    std::string out;
    for (std::size_t i = 0; i < std::min(places.size(), places_named_max); ++i)
        out += (i > 0 ? ", " : "") + std::to_string(places[i]);
    if (places.size() > places_named_max) out += ", …";
    return std::string{what} + ": " + std::string{whose} + " " + out;
}

struct FileDifferences {
    std::vector<std::size_t> changed, added, missing;

    std::string text() const {
        std::string out;
        for (const auto& part :
             {list_of("changed", "file", changed),
              list_of("added", "file", added),
              list_of("missing", "signed file", missing)})
            if (!part.empty()) out += (out.empty() ? "" : "; ") + part;
        return out;
    }
};

// What has no equal counterpart is changed where a counterpart of its name is left, else added or missing.
FileDifferences differences_of_files(const Statement& stated, const Statement& found) {
    auto signed_files = places_of(stated.files);
    std::map<std::string, std::vector<std::size_t>> left;  // of the document, by name
    for (std::size_t i = 0; i < found.files.size(); ++i) {
        const auto equal = signed_files.find(found.files[i]);
        if (equal == signed_files.end())
            left[found.files[i].name].push_back(i + 1);
        else
            signed_files.erase(equal);
    }
    FileDifferences out;
    for (const auto& [file, place] : signed_files) {
        const auto same_name = left.find(file.name);
        if (same_name == left.end() || same_name->second.empty()) {
            out.missing.push_back(place);
            continue;
        }
        out.changed.push_back(same_name->second.front());
        same_name->second.erase(same_name->second.begin());
    }
    for (const auto& [name, places] : left) out.added.insert(out.added.end(), places.begin(), places.end());
    for (auto* places : {&out.changed, &out.added, &out.missing}) std::ranges::sort(*places);
    return out;
}

}  // namespace

Differences differences_of(const Statement& stated, const Statement& found) {
    Differences out;
    bool other = false;
    for (const auto kind : kinds_at_odds(stated, found)) {
        const auto name = fact_kinds()[kind].name;
        other = other || name == "DocumentId";
        out.facts.append(out.facts.empty() ? "" : ", ").append(name);
    }
    const auto files = differences_of_files(stated, found);
    out.files = files.text();
    if (other)
        out.reason = Reason::attached_other_document;
    else if (!files.changed.empty())
        out.reason = Reason::attached_file_changed;
    else if (!files.missing.empty())
        out.reason = Reason::attached_file_missing;
    else if (!files.added.empty())
        out.reason = Reason::attached_file_added;
    else if (!out.facts.empty())
        out.reason = Reason::attached_fact;
    return out;
}

}  // namespace axis::signature
