// What the operator wrote in axisd.toml and endpoints.d/NAME.toml, checked and ready to hand out piece by
// piece.
//
//   files --toml--> tables --keys.def--> values --check--> Settings, or every fault at once
//
// Nothing half-valid comes out: load() answers complete settings or config_invalid with one Fault per thing
// wrong (pointer = "file:line key"; detail = what was read and what to write instead, never a secret).
// Secrets are read from their files here. Settings do not change afterwards. Blocking; any thread.
#pragma once

#include "gateway/base/digest.hpp"
#include "gateway/base/error.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/secret.hpp"
#include "gateway/model/agency_code.hpp"
#include "gateway/model/ids.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace axis::settings {

// The enumerators stand in the order of the words in keys.def.
enum class Language { vi, en };
enum class Adapter { rest, vxp };
enum class Mode { off, trial, live };
enum class SignatureProfile { none, enveloped, attached };
enum class Verify { ignore, prefer, require };
enum class Status01 { on_handover, on_store, software };
enum class Trace { append, never };
enum class ToScope { routed, all };
enum class OnUnknown { hold, resend };
enum class HashPadding { sdk, padded };
enum class Fetch { download, get };
enum class QueueDriver { embedded, rabbitmq };

struct Gateway {
    model::AgencyCode agency;         // one of Settings::agencies
    std::filesystem::path state_dir;  // absolute when axisd.toml was named by an absolute path
    Language language = Language::vi;
    bool validate_outgoing = false;
};

struct Api {
    std::string listen;  // "127.0.0.1:8080"; empty: no REST. Not loopback only with both TLS files
    std::filesystem::path tls_cert;
    std::filesystem::path tls_key;
};

struct Admin {
    std::string listen;            // pages and metrics, loopback only; empty: off
    std::filesystem::path socket;  // for axisctl
};

struct Limits {
    std::size_t waiting_deliveries_max = 0;
    std::size_t waiting_per_endpoint_max = 0;
    std::size_t uploads_per_endpoint = 0;
    std::uint64_t disk_reserve_bytes = 0;
    std::uint64_t package_bytes_max = 0;
    std::uint64_t file_bytes_max = 0;
    std::uint64_t envelope_bytes_max = 0;
    std::size_t files_max = 0;
    std::size_t recipients_max = 0;
    std::size_t http_connections_max = 0;
    std::size_t header_bytes_max = 0;
    std::size_t attempts_per_endpoint = 0;
    std::chrono::hours delivery_life{0};
    std::chrono::hours delivery_warning{0};
};

struct Host {
    std::string name;  // DNS; an IPv4 address only without TLS
    std::uint16_t port = 0;
};

// How attempts are handed out (delivery/driver.hpp).
struct Queue {
    QueueDriver driver = QueueDriver::embedded;
    std::vector<Host> hosts;  // in the order they are tried; with their ports after load()
    std::string vhost;
    std::string user;
    std::filesystem::path password_file;
    Secret password;  // the content of password_file; empty with the embedded driver
    bool tls = true;
    std::filesystem::path ca_file;
    std::filesystem::path cert;
    std::filesystem::path key;
    std::string prefix;
};

// Processes that send for the gateway (delivery/desk.hpp): what it offers them, and how they reach it.
struct Worker {
    bool here = true;              // the gateway sends too
    std::filesystem::path socket;  // empty: none
    std::string listen;            // empty: none
    std::string owner;             // of a worker on another machine; empty: by the socket
    std::filesystem::path cert;
    std::filesystem::path key;
    std::filesystem::path ca_file;  // whom the other side must have its certificate from
};

struct Signature {
    std::filesystem::path trust_dir;      // whom we believe; empty: no signature is verified
    std::filesystem::path keys_dir;       // our own keys; empty: nothing is signed
    std::filesystem::path pkcs11_module;  // of the token, when a key is in one
    std::string tsa_url;                  // of a time-stamp authority; empty: nobody is asked
    bool tsa_required = false;
};

struct Audit {
    std::chrono::minutes checkpoint_every{0};
};

// How long what is over is kept; 0: for ever.
struct Retention {
    std::chrono::days documents{0};
    std::chrono::days statuses{0};
    std::chrono::days events{0};
    std::chrono::days set_aside{0};
};

struct Agency {
    model::AgencyCode code;
    std::string name;
    std::string address;
    std::vector<model::AgencyCode> aliases;
};

struct Vxp {
    std::string base_url;
    std::string system_id;
    std::filesystem::path secret_file;
    Secret secret;  // the content of secret_file; empty while the endpoint is off
    std::filesystem::path ca_file;
    std::chrono::seconds poll{0};
    OnUnknown on_unknown = OnUnknown::hold;
    int reconcile_hour = 0;  // local; 24: never
    bool allow_plain_http = false;
    HashPadding hash_padding = HashPadding::sdk;
    bool send_crlf = true;
    Fetch fetch = Fetch::download;
    model::AgencyCode agency;  // whom the system_id is registered for; gateway.agency when not given
};

struct Endpoint {
    model::EndpointName name;  // of the file, without .toml
    Adapter adapter = Adapter::rest;
    std::vector<model::AgencyCode> codes;
    bool any_code = false;  // "*": every code no other endpoint serves
    Mode mode = Mode::trial;
    SignatureProfile signature = SignatureProfile::none;  // of what is sent
    Verify verify = Verify::prefer;                       // of what comes in
    std::string weak_until;                               // a day; SHA-1 counts as valid before it
    Status01 status_01 = Status01::on_handover;
    Trace trace = Trace::append;
    ToScope to_scope = ToScope::routed;
    std::size_t max_concurrent = 0;    // never 0 after load()
    std::vector<Sha256> token_sha256;  // rest
    bool queues = false;               // rest: through RabbitMQ too
    std::optional<Vxp> vxp;            // vxp
};

struct Settings {
    Gateway gateway;
    Api api;
    Admin admin;
    Limits limits;
    Queue queue;
    Worker worker;
    Signature signature;
    Audit audit;
    Retention retention;
    log::Level log_level = log::Level::info;
    std::vector<Agency> agencies;
    std::vector<Endpoint> endpoints;  // by name
};

// Reads `file` and endpoints.d/*.toml beside it. Relative paths inside are relative to the file that names
// them. Fault texts are in `language`. config_invalid: see above.
Result<Settings> load(const std::filesystem::path& file, Language language = Language::vi);

}  // namespace axis::settings
