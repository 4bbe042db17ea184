// --security-class, --restricted-publication, --denunciation: what no envelope and no foreign shape says. All
// three or none of them; nothing is assumed.
#pragma once

#include "gateway/package/package.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace axis::ctl {

struct StatedClasses {
    std::string security_class, restricted_publication, denunciation;

    void add_to(CLI::App& command) {
        auto* first =
            command.add_option("--security-class", security_class, "thuong, mat, toi_mat, tuyet_mat")
                ->check(CLI::IsMember({"thuong", "mat", "toi_mat", "tuyet_mat"}));
        auto* second = command.add_option("--restricted-publication", restricted_publication, "yes or no")
                           ->check(CLI::IsMember({"yes", "no"}));
        auto* third = command.add_option("--denunciation", denunciation, "yes or no")
                          ->check(CLI::IsMember({"yes", "no"}));
        first->needs(second)->needs(third);
        second->needs(first);
        third->needs(first);
    }
    std::optional<package::Classes> stated() const {
        const auto secrecy = package::security_class_named(security_class);
        if (!secrecy) return std::nullopt;
        return package::Classes{*secrecy, restricted_publication == "yes", denunciation == "yes"};
    }
};

}  // namespace axis::ctl
