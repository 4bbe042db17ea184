// Package: gói văn bản, what document software hands over: metadata and the files it announces.
#pragma once

#include "gateway/model/document.hpp"

#include <optional>
#include <string>
#include <vector>

namespace axis::model {

enum class SecurityClass { ordinary, secret, top_secret, utmost_secret };  // thuong, mat, toi_mat, tuyet_mat

struct DeclaredFile {
    std::string name;
    std::string description;
    std::optional<Sha256> sha256;
};

struct Package {
    std::string external_id;  // the software's own id; also the idempotency key when no header gives one
    SecurityClass security_class = SecurityClass::ordinary;
    bool restricted_publication = false;
    bool denunciation = false;
    Document document;                // without attachments; those are made as the files arrive
    std::vector<DeclaredFile> files;  // in order
};

}  // namespace axis::model
