// What only several keys together, or the files they name, can show.
#include "gateway/settings/faults.hpp"
#include "gateway/settings/keys.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace axis::settings {

namespace {

namespace fs = std::filesystem;

// Codes as the directory sees them: an alias counts as the agency it belongs to.
class Names {
public:
    void add(const model::AgencyCode& alias, const model::AgencyCode& code) { of_[alias] = code; }
    bool knows(const model::AgencyCode& code) const { return of_.contains(code); }
    model::AgencyCode resolve(const model::AgencyCode& code) const {
        const auto it = of_.find(code);
        return it == of_.end() ? code : it->second;
    }

private:
    std::map<model::AgencyCode, model::AgencyCode> of_;
};

void readable(const fs::path& file, const std::string& pointer, Faults& faults) {
    if (file.empty() || ::access(file.c_str(), R_OK) == 0) return;
    faults.add(
        pointer,
        errc::config_file,
        "không đọc được tệp này; kiểm tra đường dẫn và quyền đọc của người dùng chạy axisd",
        "the file cannot be read; check the path and that the user who runs axisd may read it"
    );
}

// The secret in the file; a fault, without the path (it may be the secret itself, pasted), when it is not
// kept well.
Secret secret_of(const fs::path& file, const std::string& pointer, Faults& faults) {
    auto secret = Secret::from_file(file);
    if (secret) return std::move(*secret);
    switch (secret.error().code) {
        case errc::config_secret_mode:
            faults.add(
                pointer,
                errc::config_secret_mode,
                "tệp đang cho người khác đọc; hãy chạy chmod 600 cho tệp đó",
                "others may read the file; run chmod 600 on it"
            );
            break;
        case errc::config_value:
            faults.add(
                pointer,
                errc::config_value,
                "tệp rỗng; hãy ghi khoá vào dòng đầu",
                "the file is empty; put the secret on its first line"
            );
            break;
        default:
            faults.add(
                pointer,
                errc::config_file,
                "không đọc được tệp ghi ở đây; hãy ghi đường dẫn tới tệp chứa khoá, quyền 0600",
                "the file named here cannot be read; write the path of a file that holds the secret, mode "
                "0600"
            );
    }
    return {};
}

void check_api(const Api& api, const Origin& at, Faults& faults) {
    const bool tls = !api.tls_cert.empty() && !api.tls_key.empty();
    if (!api.listen.empty() && !is_loopback(api.listen) && !tls) {
        faults.add(
            at.pointer("listen"),
            errc::config_unsafe,
            "đọc được " + in_quotes(api.listen) +
                " mà chưa có TLS; hãy ghi tls_cert và tls_key, hoặc listen = \"127.0.0.1:8080\"",
            "read " + in_quotes(api.listen) +
                " without TLS; write tls_cert and tls_key, or listen = \"127.0.0.1:8080\""
        );
    }
    if (api.tls_cert.empty() != api.tls_key.empty()) {
        const auto* other = api.tls_cert.empty() ? "tls_cert" : "tls_key";
        faults.add(
            at.pointer(other),
            errc::config_missing,
            "tls_cert và tls_key phải đi cùng nhau; hãy ghi cả hai",
            "tls_cert and tls_key belong together; write both"
        );
    }
    readable(api.tls_cert, at.pointer("tls_cert"), faults);
    if (!api.tls_key.empty()) secret_of(api.tls_key, at.pointer("tls_key"), faults);
}

void complete_admin(Settings& s, const Origin& at, Faults& faults) {
    auto& admin = s.admin;
    if (!admin.listen.empty() && !is_loopback(admin.listen)) {
        faults.add(
            at.pointer("listen"),
            errc::config_unsafe,
            "đọc được " + in_quotes(admin.listen) +
                "; trang quản trị chỉ mở trên máy này, hãy ghi \"127.0.0.1:9090\"",
            "read " + in_quotes(admin.listen) +
                "; operator pages open on this machine only, write \"127.0.0.1:9090\""
        );
    }
    if (admin.socket.empty() && !s.gateway.state_dir.empty())
        admin.socket = s.gateway.state_dir / "admin.sock";
    constexpr std::size_t path_bytes_max = 107;  // sockaddr_un
    if (admin.socket.native().size() > path_bytes_max) {
        faults.add(
            at.pointer("socket"),
            errc::config_value,
            "đường dẫn dài hơn 107 byte; hãy ghi đường dẫn ngắn hơn, ví dụ \"/run/axisd/admin.sock\"",
            "the path is longer than 107 bytes; write a shorter one, such as \"/run/axisd/admin.sock\""
        );
    }
}

void check_limits(const Limits& limits, const Origin& at, Faults& faults) {
    if (limits.envelope_bytes_max / 4 * 3 >= limits.file_bytes_max) return;
    faults.add(
        at.pointer("envelope_mb"),
        errc::config_value,
        "nhỏ hơn 4/3 của file_mb: tệp được nhận sẽ không gửi đi được; hãy tăng envelope_mb hoặc giảm file_mb",
        "less than 4/3 of file_mb: a file could be accepted but never sent; raise envelope_mb or lower "
        "file_mb"
    );
}

Names check_agencies(const std::vector<Agency>& agencies, const Origins& origins, Faults& faults) {
    Names names;
    const auto enter = [&](const model::AgencyCode& code, const Agency& agency, std::size_t i, const char* key
                       ) {
        if (code.empty()) return;
        if (names.knows(code)) {
            faults.add(
                origins.agencies[i].pointer(key),
                errc::config_value,
                "mã " + code.text() + " đã có ở một mục [[agency]]; mỗi mã chỉ ghi một lần",
                code.text() + " already stands in an [[agency]]; each code stands once"
            );
        }
        names.add(code, agency.code);
    };
    for (std::size_t i = 0; i < agencies.size(); ++i) {
        enter(agencies[i].code, agencies[i], i, "code");
        for (const auto& alias : agencies[i].aliases) enter(alias, agencies[i], i, "aliases");
    }
    return names;
}

void check_gateway(const Settings& s, const Origin& at, Faults& faults) {
    const auto& own = s.gateway.agency;
    if (own.empty() ||
        std::any_of(s.agencies.begin(), s.agencies.end(), [&](const Agency& a) { return a.code == own; }))
        return;
    faults.add(
        at.pointer("agency"),
        errc::config_missing,
        "đọc được " + in_quotes(own.text()) + "; hãy thêm mục [[agency]] với code = " + in_quotes(own.text()),
        "read " + in_quotes(own.text()) + "; add an [[agency]] with code = " + in_quotes(own.text())
    );
}

// What may belong to one endpoint only: codes, the rest "*", access tokens. Each remembers the file it was
// seen in.
struct Claims {
    std::map<model::AgencyCode, std::string> codes;
    std::map<Sha256, std::string> tokens;
    std::string rest;
};

void check_claims(
    const Endpoint& endpoint, const Origin& at, const Names& names, Claims& claims, Faults& faults
) {
    for (const auto& code : endpoint.codes) {
        if (code.empty()) continue;
        const auto [it, fresh] = claims.codes.emplace(names.resolve(code), at.file);
        if (fresh) continue;
        faults.add(
            at.pointer("codes"),
            errc::config_value,
            "mã " + code.text() + " đã thuộc " + it->second + "; mỗi mã chỉ đi qua một điểm kết nối",
            code.text() + " already belongs to " + it->second + "; a code goes through one endpoint"
        );
    }
    if (endpoint.any_code && endpoint.adapter == Adapter::rest) {
        faults.add(
            at.pointer("codes"),
            errc::config_value,
            "\"*\" chỉ dùng với adapter = \"vxp\"; hãy ghi từng mã",
            "\"*\" is for adapter = \"vxp\" only; write the codes"
        );
    } else if (endpoint.any_code && !claims.rest.empty()) {
        faults.add(
            at.pointer("codes"),
            errc::config_value,
            "\"*\" đã có ở " + claims.rest + "; chỉ một điểm kết nối được nhận các mã còn lại",
            "\"*\" already stands in " + claims.rest + "; only one endpoint takes the remaining codes"
        );
    } else if (endpoint.any_code) {
        claims.rest = at.file;
    }
    for (const auto& token : endpoint.token_sha256) {
        const auto [it, fresh] = claims.tokens.emplace(token, at.file);
        if (fresh) continue;
        faults.add(
            at.pointer("token_sha256"),
            errc::config_value,
            "mã truy cập này đã dùng ở " + it->second + "; cấp mã riêng cho từng điểm kết nối",
            "this token is already used in " + it->second + "; give each endpoint its own"
        );
    }
}

void complete_vxp(Vxp& vxp, const Endpoint& endpoint, const Settings& s, const Origin& at, Faults& faults) {
    if (!vxp.allow_plain_http && is_plain_remote(vxp.base_url)) {
        faults.add(
            at.pointer("base_url"),
            errc::config_unsafe,
            "đọc được " + in_quotes(vxp.base_url) +
                "; hãy dùng https://, hoặc ghi allow_plain_http = true nếu đường truyền đã được bảo vệ",
            "read " + in_quotes(vxp.base_url) +
                "; use https://, or write allow_plain_http = true when the line is protected otherwise"
        );
    }
    while (vxp.base_url.ends_with('/')) vxp.base_url.pop_back();
    if (vxp.agency.empty()) vxp.agency = s.gateway.agency;
    if (endpoint.mode == Mode::off) return;  // what is switched off may be half prepared
    readable(vxp.ca_file, at.pointer("ca_file"), faults);
    if (!vxp.secret_file.empty()) vxp.secret = secret_of(vxp.secret_file, at.pointer("secret_file"), faults);
}

bool inside(const fs::path& path, const fs::path& folder) {
    const auto real = fs::weakly_canonical(path), above = fs::weakly_canonical(folder);
    return std::mismatch(above.begin(), above.end(), real.begin(), real.end()).first == above.end();
}

// axisd takes from itself the right to read this folder, and what is put anew beside it along its way
// (signature/key_fence.hpp).
void check_keys_dir(const Settings& s, const Origin& at, Faults& faults) {
    const auto& keys = s.signature.keys_dir;
    const auto& state = s.gateway.state_dir;
    if (keys.empty()) return;
    if (inside(keys, "/etc") || (!state.empty() && (inside(keys, state) || inside(state, keys))))
        faults.add(
            at.pointer("keys_dir"),
            errc::config_unsafe,
            "đọc được " + in_quotes(keys.string()) +
                "; thư mục khoá không được nằm trong /etc hay state_dir, hãy dùng ví dụ "
                "\"/var/lib/axisd-keys\"",
            "read " + in_quotes(keys.string()) +
                "; the folder of keys must not lie in /etc or state_dir, use \"/var/lib/axisd-keys\" for "
                "example"
        );
}

// The broker is told from a look-alike by its certificate, and gets our password only then.
void complete_hosts(Queue& queue, const Origin& at, Faults& faults) {
    constexpr std::uint16_t tls_port = 5671, plain_port = 5672;
    for (auto& host : queue.hosts) {
        if (host.port == 0) host.port = queue.tls ? tls_port : plain_port;
        if (!queue.tls && !is_loopback_host(host.name))
            faults.add(
                at.pointer("tls"),
                errc::config_unsafe,
                "đọc được false mà " + in_quotes(host.name) + " là máy khác; hãy bỏ dòng này và ghi ca_file",
                "read false, and " + in_quotes(host.name) +
                    " is another machine; remove the line and write ca_file"
            );
        if (queue.tls && is_address(host.name))
            faults.add(
                at.pointer("hosts"),
                errc::config_value,
                "đọc được địa chỉ " + in_quotes(host.name) +
                    "; với TLS hãy ghi tên máy (DNS) mà chứng thư mang",
                "read the address " + in_quotes(host.name) +
                    "; with TLS write the DNS name that its certificate bears"
            );
    }
}

// For lanes, or for document software that speaks through queues.
bool wants_broker(const Settings& s) {
    const auto speaks = [](const Endpoint& endpoint) {
        return endpoint.queues && endpoint.mode != Mode::off;
    };
    return s.queue.driver == QueueDriver::rabbitmq ||
           std::any_of(s.endpoints.begin(), s.endpoints.end(), speaks);
}

void check_queue(Queue& queue, const Origin& at, Faults& faults) {
    complete_hosts(queue, at, faults);
    const auto missing = [&](const char* key) {
        faults.add(
            at.pointer(key),
            errc::config_missing,
            "RabbitMQ (driver = \"rabbitmq\", hoặc queues = true của một điểm kết nối) cần khoá này; hãy ghi "
            "vào",
            "RabbitMQ (driver = \"rabbitmq\", or an endpoint's queues = true) takes this key; write it"
        );
    };
    if (queue.hosts.empty()) missing("hosts");
    if (queue.user.empty()) missing("user");
    if (queue.tls && queue.ca_file.empty()) missing("ca_file");
    readable(queue.ca_file, at.pointer("ca_file"), faults);
    readable(queue.cert, at.pointer("cert"), faults);
    if (queue.cert.empty() != queue.key.empty()) missing(queue.cert.empty() ? "cert" : "key");
    if (!queue.key.empty()) secret_of(queue.key, at.pointer("key"), faults);
    if (queue.password_file.empty())
        missing("password_file");
    else
        queue.password = secret_of(queue.password_file, at.pointer("password_file"), faults);
}

// The line to workers on other machines: whoever is at its end may take every document out of the house.
void check_worker(const Worker& worker, QueueDriver driver, const Origin& at, Faults& faults) {
    const bool used =
        !worker.socket.empty() || !worker.listen.empty() || !worker.owner.empty() || !worker.here;
    if (used && driver == QueueDriver::embedded)
        faults.add(
            at.pointer("here"),
            errc::config_value,
            "tiến trình gửi chỉ dùng với [queue] driver = \"rabbitmq\"; hãy ghi driver, hoặc bỏ mục [worker]",
            "workers take [queue] driver = \"rabbitmq\"; write the driver, or remove [worker]"
        );
    if (!worker.here && worker.socket.empty() && worker.listen.empty() && worker.owner.empty())
        faults.add(
            at.pointer("here"),
            errc::config_value,
            "không ai gửi: hãy ghi socket hoặc listen, hoặc here = true",
            "nobody would send: write socket or listen, or here = true"
        );
    if (!worker.owner.empty() && !worker.owner.starts_with("https://"))
        faults.add(
            at.pointer("owner"),
            errc::config_unsafe,
            "hãy ghi địa chỉ https://, hoặc để trống để đi qua socket",
            "write an https:// address, or leave it empty to go through the socket"
        );
    if (worker.listen.empty() && worker.owner.empty()) return;
    const std::pair<const char*, const fs::path*> files[]{
        {"cert", &worker.cert}, {"key", &worker.key}, {"ca_file", &worker.ca_file}};
    for (const auto& [key, file] : files) {
        if (file->empty())
            faults.add(
                at.pointer(key),
                errc::config_missing,
                "đường TLS hai chiều cần khoá này; hãy ghi vào",
                "the line with certificates of both sides takes this key; write it"
            );
        readable(*file, at.pointer(key), faults);
    }
    if (!worker.key.empty()) secret_of(worker.key, at.pointer("key"), faults);
}

// A token is looked at before it is used.
void check_time_stamps(const Signature& signature, const Origin& at, Faults& faults) {
    if (!signature.tsa_url.empty() && signature.trust_dir.empty())
        faults.add(
            at.pointer("tsa_url"),
            errc::config_missing,
            "muốn xin dấu thời gian thì phải có chứng thư tin cậy; hãy ghi trust_dir",
            "time stamps take trusted certificates; write trust_dir"
        );
    if (signature.tsa_required && signature.tsa_url.empty())
        faults.add(
            at.pointer("tsa_required"),
            errc::config_missing,
            "muốn bắt buộc dấu thời gian thì phải có máy chủ; hãy ghi tsa_url",
            "to require time stamps takes an authority; write tsa_url"
        );
}

// What an endpoint asks of signatures needs a folder to do it with.
void check_signature(const Endpoint& endpoint, const Signature& signature, const Origin& at, Faults& faults) {
    if (endpoint.mode == Mode::off) return;
    if (endpoint.signature != SignatureProfile::none && signature.keys_dir.empty())
        faults.add(
            at.pointer("signature"),
            errc::config_missing,
            "muốn ký thì phải có khoá; hãy ghi keys_dir trong mục [signature] của axisd.toml",
            "signing needs a key; write keys_dir into [signature] of axisd.toml"
        );
    if (endpoint.verify == Verify::require && signature.trust_dir.empty())
        faults.add(
            at.pointer("verify"),
            errc::config_missing,
            "muốn bắt buộc chữ ký thì phải có chứng thư tin cậy; hãy ghi trust_dir trong mục [signature] của "
            "axisd.toml",
            "to require signatures takes trusted certificates; write trust_dir into [signature] of axisd.toml"
        );
}

}  // namespace

void complete(Settings& s, const Origins& origins, Faults& faults) {
    const auto section = [&](std::string_view name) {
        const auto it = origins.main.find(name);
        return it == origins.main.end() ? nullptr : &it->second;
    };
    const auto names = check_agencies(s.agencies, origins, faults);
    if (const auto* at = section("gateway")) check_gateway(s, *at, faults);
    if (const auto* at = section("api")) check_api(s.api, *at, faults);
    if (const auto* at = section("admin")) complete_admin(s, *at, faults);
    if (const auto* at = section("limits")) check_limits(s.limits, *at, faults);
    if (const auto* at = section("queue"); at && wants_broker(s)) check_queue(s.queue, *at, faults);
    if (const auto* at = section("worker")) check_worker(s.worker, s.queue.driver, *at, faults);
    if (const auto* at = section("signature")) check_keys_dir(s, *at, faults);
    if (const auto* at = section("signature")) check_time_stamps(s.signature, *at, faults);

    Claims claims;
    for (std::size_t i = 0; i < s.endpoints.size(); ++i) {
        auto& endpoint = s.endpoints[i];
        if (endpoint.max_concurrent == 0) endpoint.max_concurrent = s.limits.attempts_per_endpoint;
        check_claims(endpoint, origins.endpoints[i], names, claims, faults);
        check_signature(endpoint, s.signature, origins.endpoints[i], faults);
        if (endpoint.vxp) complete_vxp(*endpoint.vxp, endpoint, s, origins.wires[i], faults);
    }
}

}  // namespace axis::settings
