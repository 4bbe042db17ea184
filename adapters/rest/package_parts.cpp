#include "adapters/rest/package_parts.hpp"

namespace axis::rest {

Result<> PackageParts::begin(const http::Part& part) {
    if (at_ == At::nothing) {
        at_ = At::package;
        if (part.name != "package") return Error{errc::multipart_order, "the first part is named otherwise"};
        return {};
    }
    at_ = At::files;
    if (!part.file_name) return Error{errc::multipart_malformed, "a part after package has no file name"};
    return upload_.begin_file(*part.file_name);
}

Result<> PackageParts::data(std::string_view bytes) {
    if (at_ == At::files) return upload_.file(bytes);
    if (bytes.size() > package_bytes_max_ - json_.size()) return Error{errc::package_too_large};
    json_ += bytes;
    return {};
}

Result<> PackageParts::end() {
    if (at_ == At::files) return upload_.end_file();
    const std::string json = std::exchange(json_, {});
    return upload_.package(json);
}

}  // namespace axis::rest
