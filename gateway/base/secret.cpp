#include "gateway/base/secret.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"

#include <openssl/crypto.h>
#include <sys/stat.h>

namespace axis {

Secret::~Secret() {
    OPENSSL_cleanse(value_.data(), value_.size());
}

Secret::Secret(Secret&& other) noexcept : value_{std::move(other.value_)} {
    OPENSSL_cleanse(other.value_.data(), other.value_.size());
    other.value_.clear();
}

Secret& Secret::operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
}

Result<Secret> Secret::from_file(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return Error{errc::config_file, path.string()};
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) return Error{errc::config_secret_mode, path.string()};
    auto text = read_file(path, 64 * 1024);
    if (!text) return Error{errc::config_file, path.string()};
    const auto line = trimmed(std::string_view{*text}.substr(0, text->find('\n')));
    Secret secret{std::string{line}};
    OPENSSL_cleanse(text->data(), text->size());
    if (secret.empty()) return Error{errc::config_value, path.string() + " is empty"};
    return secret;
}

}  // namespace axis
