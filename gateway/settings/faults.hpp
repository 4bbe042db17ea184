// Where each read table stands, and the faults gathered while reading. Inside settings only.
#pragma once

#include "gateway/settings/keys.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::settings {

// One table of one file: makes "file:line key", or the line of the table for a key that is not there.
struct Origin {
    std::string file;
    std::string prefix;  // "gateway.", "agency[2].", "" at the top of an endpoint's file
    int line = 1;
    std::map<std::string, int, std::less<>> lines;

    std::string pointer(std::string_view key) const {
        const auto it = lines.find(key);
        return file + ":" + std::to_string(it == lines.end() ? line : it->second) + " " + prefix +
               std::string{key};
    }
};

struct Origins {
    std::map<std::string, Origin, std::less<>> main;  // by section of axisd.toml
    std::vector<Origin> agencies;                     // as Settings::agencies
    std::vector<Origin> endpoints;                    // as Settings::endpoints
    std::vector<Origin> wires;                        // their [vxp]
};

class Faults {
public:
    explicit Faults(Language language) : language_{language} {}

    void add(std::string pointer, errc code, std::string vi, std::string en) {
        list_.push_back({std::move(pointer), code, language_ == Language::vi ? std::move(vi) : std::move(en)}
        );
    }
    Language language() const { return language_; }
    std::vector<Fault> take() { return std::move(list_); }

private:
    Language language_;
    std::vector<Fault> list_;
};

// check.cpp: what only several keys together, or the files they name, can show. Resolves the defaults that
// depend on other keys and reads the secrets.
void complete(Settings& settings, const Origins& origins, Faults& faults);

}  // namespace axis::settings
