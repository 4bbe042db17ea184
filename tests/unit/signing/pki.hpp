// Keys and certificates made for one test run by the program openssl: a root, and agencies under it.
#pragma once

#include "gateway/base/file.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace axis::test {

inline void shell(const std::string& command) {
    const int status = std::system(("{ " + command + "; } >/dev/null 2>&1").c_str());
    REQUIRE_MESSAGE(status == 0, command);
}

struct OpensslPki {
    TempDir dir;

    OpensslPki() {
        shell(
            "cd " + path("") +
            " && umask 077 && mkdir trust && openssl req -x509 -newkey ec -pkeyopt "
            "ec_paramgen_curve:P-256 -nodes -keyout root.key -out trust/root.pem -days 3650 -subj '/CN=Test "
            "root' "
            "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign"
        );
    }
    std::string path(const std::string& name) const {
        return (std::filesystem::path{dir.path()} / name).string();
    }

    // NAME.key and NAME.pem for the agency; `algorithm`: rsa:2048, or ec with a curve.
    void agency(const std::string& name, const std::string& code, const std::string& algorithm) const {
        const bool rsa = algorithm.starts_with("rsa");
        const auto key = rsa ? "-newkey " + algorithm : "-newkey ec -pkeyopt ec_paramgen_curve:" + algorithm;
        shell(
            "cd " + path("") + " && umask 077 && openssl req -new " + key + " -nodes -keyout " + name +
            ".key -out r.csr "
            "-subj '/OU=" +
            code + "/CN=Agency " + code +
            "' && printf 'keyUsage=critical,digitalSignature\\n"
            "subjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid\\n' > e.cnf && openssl x509 -req -in "
            "r.csr -CA trust/root.pem "
            "-CAkey root.key -CAcreateserial -days 365 -extfile e.cnf -out " +
            name + ".pem"
        );
    }
};

}  // namespace axis::test
