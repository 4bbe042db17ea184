#include "gateway/signature/trust_files.hpp"

#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <sstream>

namespace axis::signature {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> read_extensions{".pem", ".crt", ".cer", ".der", ".crl", ".ocsp"};
constexpr std::array<std::string_view, 4> purposes{"cong_vu", "public", "partner", "tsa"};

RevokedList list_of(CrlHandle crl) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &bytes);
    std::string der{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(std::max(size, 0))};
    OPENSSL_free(bytes);
    return {std::move(crl), material(Material::Kind::crl, std::move(der))};
}

std::vector<RevokedList> lists_of(const std::string& text) {
    std::vector<RevokedList> out;
    const BioHandle bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    while (CrlHandle crl{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)})
        out.push_back(list_of(std::move(crl)));
    if (out.empty()) {
        const auto* at = reinterpret_cast<const unsigned char*>(text.data());
        if (CrlHandle crl{d2i_X509_CRL(nullptr, &at, static_cast<long>(text.size()))})
            out.push_back(list_of(std::move(crl)));
    }
    ERR_clear_error();
    return out;
}

std::optional<Time> time_in(const toml::node& node) {
    std::ostringstream text;
    if (const auto* date = node.as_date())
        text << date->get();
    else if (const auto* moment = node.as_date_time())
        text << moment->get();
    else
        text << node.value_or(std::string{});
    Time at{};
    return parse_time(text.str(), at) ? std::optional{at} : std::nullopt;
}

class Reader {
public:
    Reader(const fs::path& folder, const TrustLimits& limits) : folder_{folder}, limits_{limits} {}

    Result<TrustFiles> read() {
        read_certificates();
        using Row = const toml::table&;
        using Place = const std::string&;
        read_toml(
            "trust.toml",
            {{"anchor", [this](Row t, Place at) { anchor(t, at); }},
             {"ocsp", [this](Row t, Place at) { responder(t, at); }}}
        );
        read_toml("bindings.toml", {{"binding", [this](Row t, Place at) { binding(t, at); }}});
        if (!faults_.empty())
            return Error{
                errc::config_invalid, faults_.front().pointer + ": " + faults_.front().detail, faults_};
        return std::move(files_);
    }

private:
    void fault(std::string where, std::string why) {
        faults_.push_back({std::move(where), errc::config_invalid, std::move(why)});
    }

    void read_certificates() {
        std::vector<fs::path> paths;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator{folder_, error}) {
            const auto extension = lower_ascii(entry.path().extension().string());
            if (std::find(read_extensions.begin(), read_extensions.end(), extension) != read_extensions.end())
                paths.push_back(entry.path());
        }
        if (error) return fault(folder_.string(), error.message());
        if (paths.size() > limits_.file_count_max) return fault(folder_.string(), "too many files");
        std::sort(paths.begin(), paths.end());  // the same folder gives the same order
        for (const auto& path : paths)
            lower_ascii(path.extension().string()) == ".ocsp" ? read_answer(path) : read_certificates(path);
    }

    void read_answer(const fs::path& path) {
        const auto der = read_file(path, limits_.ocsp.answer_bytes_max);
        if (!der) return fault(path.string(), der.error().detail);
        if (ocsp_serials(*der).empty()) return fault(path.string(), "holds no OCSP answer");
        files_.answers.push_back({path.filename().string(), *der});
    }

    void read_certificates(const fs::path& path) {
        const auto text = read_file(path, limits_.file_bytes_max);
        if (!text) return fault(path.string(), text.error().detail);
        auto certificates = Certificate::all_of(*text);
        auto lists = lists_of(*text);
        if (certificates.empty() && lists.empty())
            return fault(path.string(), "holds neither certificate nor list of revoked ones");
        for (auto& certificate : certificates) {
            if (certificate.is_authority() && certificate.self_signed())
                files_.anchors.push_back({certificate, certificate.facts().name, "", {}, {}});
            else
                files_.intermediates.push_back(std::move(certificate));
        }
        for (auto& list : lists) files_.revoked.push_back(std::move(list));
    }

    using ReadRow = std::function<void(const toml::table&, const std::string& at)>;
    using Tables = std::map<std::string_view, ReadRow>;

    void read_toml(const char* file, const Tables& tables) {
        const auto path = folder_ / file;
        std::error_code error;
        if (!fs::exists(path, error)) return;
        const auto text = read_file(path, limits_.file_bytes_max);
        if (!text) return fault(path.string(), text.error().detail);
        toml::table parsed;
        try {
            parsed = toml::parse(*text, path.string());
        } catch (const toml::parse_error& e) {
            const auto line = std::to_string(e.source().begin.line);
            return fault(path.string() + ":" + line, std::string{e.description()});
        }
        for (const auto& [key, value] : parsed) {
            const auto* rows = value.as_array();
            const auto table = tables.find(key.str());
            if (table == tables.end() || rows == nullptr) {
                std::string names;
                for (const auto& [name, unused] : tables)
                    names += (names.empty() ? "[[" : " and [[") + std::string{name} + "]]";
                fault(path.string(), "only " + names + " may stand here");
                continue;
            }
            for (const auto& row : *rows) {
                const auto where = path.string() + ":" + std::to_string(row.source().begin.line);
                if (const auto* fields = row.as_table()) table->second(*fields, where);
            }
        }
    }

    bool known_keys(
        const toml::table& t, std::initializer_list<std::string_view> keys, const std::string& at
    ) {
        bool known = true;
        for (const auto& [key, value] : t) {
            if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
            fault(at, "no such key: " + std::string{key.str()});
            known = false;
        }
        return known;
    }

    static std::string text(const toml::table& t, std::string_view key) {
        return t[key].value_or(std::string{});
    }

    void moment(const toml::table& t, std::string_view key, std::optional<Time>& out, const std::string& at) {
        const auto* node = t.get(key);
        if (node == nullptr) return;
        out = time_in(*node);
        if (!out) fault(at, std::string{key} + ": not a date");
    }

    // Names what the folder holds, or pins a certificate that is no authority of its own.
    void anchor(const toml::table& t, const std::string& at) {
        if (!known_keys(t, {"file", "name", "purpose", "from", "until"}, at)) return;
        const auto content = read_file(folder_ / text(t, "file"), limits_.file_bytes_max);
        const auto certificates = content ? Certificate::all_of(*content) : std::vector<Certificate>{};
        if (certificates.size() != 1) return fault(at, "file: must hold one certificate: " + text(t, "file"));
        Anchor named{certificates.front(), text(t, "name"), text(t, "purpose"), {}, {}};
        if (named.name.empty()) named.name = named.certificate.facts().name;
        if (!named.purpose.empty() &&
            std::find(purposes.begin(), purposes.end(), named.purpose) == purposes.end())
            fault(at, "purpose: cong_vu, public, partner or tsa");
        moment(t, "from", named.from, at);
        moment(t, "until", named.until, at);
        const auto same = std::find_if(files_.anchors.begin(), files_.anchors.end(), [&](const Anchor& a) {
            return a.certificate.der() == named.certificate.der();
        });
        if (same != files_.anchors.end())
            *same = std::move(named);
        else
            files_.anchors.push_back(std::move(named));
    }

    // Which authority, by a certificate of it that the folder holds; where its responder is.
    void responder(const toml::table& t, const std::string& at) {
        if (!known_keys(t, {"issuer", "url"}, at)) return;
        Responder out{{}, text(t, "url")};
        const auto issuer = text(t, "issuer");
        const auto add = [&](const Certificate& c) {
            if (!issuer.empty() && c.is_authority() && c.facts().name == issuer) out.issuers.push_back(c);
        };
        for (const auto& anchor : files_.anchors) add(anchor.certificate);
        for (const auto& certificate : files_.intermediates) add(certificate);
        if (out.issuers.empty())
            return fault(at, "issuer: no authority of this name in the folder: " + issuer);
        if (!out.url.starts_with("http://") && !out.url.starts_with("https://"))
            return fault(at, "url: http://… or https://…");
        files_.responders.push_back(std::move(out));
    }

    void binding(const toml::table& t, const std::string& at) {
        if (!known_keys(t, {"agency", "certificate_sha256", "issuer", "subject", "unit"}, at)) return;
        Binding b{text(t, "agency"), {}, text(t, "issuer"), text(t, "subject"), text(t, "unit")};
        const auto hash = text(t, "certificate_sha256");
        if (!hash.empty()) {
            b.certificate = Sha256::from_hex(hash);
            if (!b.certificate) return fault(at, "certificate_sha256: 64 hexadecimal digits");
        }
        if (b.agency.empty()) return fault(at, "agency is missing");
        const bool by_name = !b.issuer.empty() && (!b.subject.empty() || !b.unit.empty());
        if (!b.certificate && !by_name)
            return fault(at, "write certificate_sha256, or issuer with subject or unit");
        files_.bindings.push_back(std::move(b));
    }

    fs::path folder_;
    const TrustLimits& limits_;
    TrustFiles files_;
    std::vector<Fault> faults_;
};

}  // namespace

Result<TrustFiles> read_trust_folder(const fs::path& folder, const TrustLimits& limits) {
    return Reader{folder, limits}.read();
}

}  // namespace axis::signature
