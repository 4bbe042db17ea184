// Goal: what a valid configuration becomes. Method: small folders of files, loaded as the daemon loads them.
#include "gateway/settings/settings.hpp"

#include "gateway/settings/text.hpp"
#include "tests/unit/settings/folder.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::settings;
using test::Folder;

TEST_SUITE_BEGIN("settings");

TEST_CASE("what is left out takes its default") {
    Folder folder;
    folder.write("endpoints.d/unit.toml", folder.unit);
    folder.write("endpoints.d/national.toml", folder.national);

    const auto loaded = folder.load();

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    const auto& s = loaded.value();
    CHECK(s.gateway.language == Language::vi);
    CHECK(s.gateway.state_dir == folder.dir / "state");
    CHECK(s.api.listen == "127.0.0.1:8080");
    CHECK(s.admin.listen.empty());
    CHECK(s.admin.socket == folder.dir / "state/admin.sock");
    CHECK(s.limits.waiting_deliveries_max == 200'000);
    CHECK(s.limits.waiting_per_endpoint_max == 100'000);
    CHECK(s.limits.package_bytes_max == 1024 * 1024);
    CHECK(s.limits.file_bytes_max == 2048ULL * 1024 * 1024);
    CHECK(s.limits.delivery_life == std::chrono::hours{72});
    CHECK(s.limits.delivery_warning == std::chrono::hours{4});
    CHECK(s.log_level == log::Level::info);

    REQUIRE(s.endpoints.size() == 2);
    const auto& national = s.endpoints[0];
    CHECK(national.name.text == "national");
    CHECK(national.any_code);
    CHECK(national.codes.empty());
    CHECK(national.mode == Mode::trial);
    CHECK(national.max_concurrent == s.limits.attempts_per_endpoint);
    REQUIRE(national.vxp.has_value());
    CHECK(national.vxp->poll == std::chrono::seconds{60});
    CHECK(national.vxp->on_unknown == OnUnknown::hold);
    CHECK(national.vxp->hash_padding == HashPadding::sdk);
    CHECK(national.vxp->send_crlf);
    CHECK(national.vxp->agency == s.gateway.agency);
    CHECK(national.vxp->secret.reveal() == "bi-mat-khong-duoc-hien");
    const auto& unit = s.endpoints[1];
    CHECK(unit.adapter == Adapter::rest);
    CHECK_FALSE(unit.vxp.has_value());
    CHECK(unit.codes.front().text() == "G98.11");
    CHECK(unit.token_sha256.front().hex() == test::token_a);
}

TEST_CASE("what is written is what comes out") {
    Folder folder;
    folder.gateway += "language = \"en\"\n";
    folder.agency += "address = \"Số 1\"\naliases = [\"000.00.00.G98\"]\n";
    folder.write("tls.key", "-----BEGIN PRIVATE KEY-----\n", 0600);
    folder.write("tls.pem", "-----BEGIN CERTIFICATE-----\n");
    folder.write(
        "endpoints.d/national.toml",
        "mode = \"live\"\nstatus_01 = \"on_store\"\ntrace = \"never\"\nto_scope = \"all\"\nmax_concurrent = "
        "2\n" +
            folder.national +
            "poll_seconds = 5\non_unknown = \"resend\"\nhash_padding = \"padded\"\nsend_crlf = false\nfetch "
            "= \"get\"\nagency = \"000.00.00.G98\"\n"
    );

    const auto loaded = folder.load(
        "[api]\nlisten = \"0.0.0.0:443\"\ntls_cert = \"tls.pem\"\ntls_key = \"tls.key\"\n"
        "[limits]\nfile_mb = 10\nenvelope_mb = 14\n[log]\nlevel = \"debug\"\n"
    );

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    const auto& s = loaded.value();
    CHECK(s.gateway.language == Language::en);
    CHECK(s.agencies.front().aliases.front().text() == "000.00.00.G98");
    CHECK(s.agencies.front().address == "Số 1");
    CHECK(s.api.tls_key == folder.dir / "tls.key");
    CHECK(s.limits.envelope_bytes_max == 14ULL * 1024 * 1024);
    CHECK(s.log_level == log::Level::debug);
    const auto& e = s.endpoints.front();
    CHECK(e.mode == Mode::live);
    CHECK(e.status_01 == Status01::on_store);
    CHECK(e.trace == Trace::never);
    CHECK(e.to_scope == ToScope::all);
    CHECK(e.max_concurrent == 2);
    CHECK(e.vxp->poll == std::chrono::seconds{5});
    CHECK(e.vxp->on_unknown == OnUnknown::resend);
    CHECK(e.vxp->hash_padding == HashPadding::padded);
    CHECK_FALSE(e.vxp->send_crlf);
    CHECK(e.vxp->fetch == Fetch::get);
    CHECK(e.vxp->agency.text() == "000.00.00.G98");
}

TEST_CASE("an absolute path stays as it is") {
    Folder folder;
    folder.gateway = "[gateway]\nagency = \"G98\"\nstate_dir = \"/var/lib/axisd\"\n";

    const auto loaded = folder.load("[admin]\nsocket = \"/run/axisd/admin.sock\"\n");

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    CHECK(loaded.value().gateway.state_dir == "/var/lib/axisd");
    CHECK(loaded.value().admin.socket == "/run/axisd/admin.sock");
}

TEST_CASE("hosts of RabbitMQ keep their order; a port that is not written is that of TLS, or of its absence"
) {
    const Folder folder;
    folder.write("mq.password", "bi-mat\n", 0600);
    folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    const auto hosts = [&](const std::string& more) {
        const auto loaded = folder.load(
            "[queue]\ndriver = \"rabbitmq\"\nuser = \"a\"\npassword_file = \"mq.password\"\n" + more
        );
        REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
        std::string text;
        for (const auto& host : loaded.value().queue.hosts)
            text += host.name + ":" + std::to_string(host.port) + " ";
        return text;
    };
    CHECK(
        hosts("ca_file = \"ca.pem\"\nhosts = [\"mq2.example\", \"mq1.example:6000\", \"mq-3\"]\n") ==
        "mq2.example:5671 mq1.example:6000 mq-3:5671 "
    );
    CHECK(
        hosts("tls = false\nhosts = [\"localhost\", \"127.0.0.1:65535\"]\n") ==
        "localhost:5672 127.0.0.1:65535 "
    );
}

TEST_CASE("only files that end in .toml are endpoints") {
    Folder folder;
    folder.write("endpoints.d/unit.toml.sample", "khong phai TOML");
    folder.write("endpoints.d/unit.toml~", "khong phai TOML");

    const auto loaded = folder.load();

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    CHECK(loaded.value().endpoints.empty());
}

TEST_CASE("an endpoint that is off may be half prepared") {
    Folder folder;
    folder.national.insert(0, "mode = \"off\"\n");
    folder.write("endpoints.d/national.toml", folder.national + "ca_file = \"chua-co.pem\"\n");
    std::filesystem::remove(folder.dir / "national.key");

    const auto loaded = folder.load();

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    CHECK(loaded.value().endpoints.front().vxp->secret.empty());
}

TEST_CASE("plain http is allowed on this machine and where the operator says so") {
    Folder folder;
    const std::string head =
        "adapter = \"vxp\"\n[vxp]\nsystem_id = \"vxp.g98\"\nsecret_file = \"../national.key\"\n";
    folder.write(
        "endpoints.d/a.toml", "codes = [\"G97\"]\n" + head + "base_url = \"http://127.0.0.1:9000/adapter/\"\n"
    );
    folder.write(
        "endpoints.d/b.toml",
        "codes = [\"G99\"]\n" + head + "base_url = \"http://truc.example\"\nallow_plain_http = true\n"
    );

    const auto loaded = folder.load();

    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    CHECK(loaded.value().endpoints[0].vxp->base_url == "http://127.0.0.1:9000/adapter");
    CHECK(loaded.value().endpoints[1].vxp->base_url == "http://truc.example");
}

TEST_CASE("a key is explained by its full name or its last part, and a near one is proposed") {
    const auto full = explain("limits.files_max", Language::en);
    REQUIRE(full.has_value());
    CHECK(
        full.value() ==
        "limits.files_max\n    Files of one document at most.\n    Value: an integer 1..1000\n    Default: "
        "200\n"
    );
    const auto both = explain("listen", Language::vi);
    REQUIRE(both.has_value());
    CHECK(test::contains(both.value(), "api.listen\n"));
    CHECK(test::contains(both.value(), "admin.listen\n"));
    const auto wrong = explain("limits.file_max", Language::vi);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == errc::config_key);
    CHECK(test::contains(wrong.error().detail, "có phải files_max?"));
}

TEST_SUITE_END();
