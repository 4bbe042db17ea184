// The parts of a multipart package, handed on as they come: first `package`, then files. Memory: the package
// part. multipart_order, multipart_malformed, package_too_large, and whatever the upload says. Blocking:
// files pool.
#pragma once

#include "gateway/http/multipart.hpp"
#include "gateway/ports/intake.hpp"

#include <string>

namespace axis::rest {

class PackageParts final : public http::MultipartEvents {
public:
    PackageParts(ports::PackageUpload& upload, std::size_t package_bytes_max)
        : upload_{upload}, package_bytes_max_{package_bytes_max} {}

    Result<> begin(const http::Part& part) override;
    Result<> data(std::string_view bytes) override;
    Result<> end() override;
    bool empty() const { return at_ == At::nothing; }  // not even a package came

private:
    enum class At { nothing, package, files };

    ports::PackageUpload& upload_;
    std::size_t package_bytes_max_;
    At at_ = At::nothing;
    std::string json_;
};

}  // namespace axis::rest
