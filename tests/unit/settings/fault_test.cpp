// Goal: every way a configuration can be wrong is named with file, line, key and what to write instead; all
// at once. Method: break one thing in a folder that loads, and look for exactly that fault.
#include "gateway/settings/settings.hpp"
#include "tests/unit/settings/folder.hpp"

#include <doctest/doctest.h>

using namespace axis;
using namespace axis::settings;
using test::contains;
using test::detail_at;
using test::Folder;

TEST_SUITE_BEGIN("settings faults");

namespace {

// One wrong line put into the main file: where it is found, with which code and which words.
struct Wrong {
    std::string more;
    std::string place;  // "7 api.listen"
    errc code;
    std::string says;
};

// One wrong endpoint file.
std::string with(std::string text, const std::string& old, const std::string& fresh) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), fresh);
}

}  // namespace

TEST_CASE("a fault of the main file is named with its line, its key, what was read and what to write") {
    const Wrong all[] = {
        {"[signature]\nkeys_dir = \"/etc/axisd/keys\"\n",
         "8 signature.keys_dir",
         errc::config_unsafe,
         "/var/lib/axisd-keys"},
        {"[limits]\nfile_max = 3\n", "8 limits.file_max", errc::config_key, "có phải files_max?"},
        {"[limits]\nfiles = 3\n", "8 limits.files", errc::config_key, "có phải files_max?"},
        {"[limits]\nxyzzyx = 3\n", "8 limits.xyzzyx", errc::config_key, "không có khoá này"},
        {"[limit]\nfiles_max = 3\n", "7 [limit]", errc::config_key, "không có mục này"},
        {"[[log]]\nlevel = \"info\"\n[[log]]\nlevel = \"warn\"\n", "9 [log]", errc::config_key, "một lần"},
        {"[limits]\nfiles_max = \"3\"\n",
         "8 limits.files_max",
         errc::config_value,
         "đọc được \"3\"; hãy ghi số nguyên 1..1000"},
        {"[limits]\nfiles_max = 0\n",
         "8 limits.files_max",
         errc::config_value,
         "đọc được 0; hãy ghi số nguyên 1..1000"},
        {"[limits]\nfiles_max = 1001\n", "8 limits.files_max", errc::config_value, "đọc được 1001"},
        {"[limits]\nfiles_max = 1.5\n", "8 limits.files_max", errc::config_value, "kiểu khác"},
        {"[limits]\nfile_mb = 100\nenvelope_mb = 120\n", "9 limits.envelope_mb", errc::config_value, "4/3"},
        {"[log]\nlevel = \"loud\"\n",
         "8 log.level",
         errc::config_value,
         "\"debug\" hoặc \"info\" hoặc \"warn\" hoặc \"error\""},
        {"[log]\nlevel = true\n", "8 log.level", errc::config_value, "đọc được true"},
        {"[api]\nlisten = \"localhost\"\n", "8 api.listen", errc::config_value, "127.0.0.1:8080"},
        {"[api]\nlisten = \"127.0.0.1:99999\"\n", "8 api.listen", errc::config_value, "99999"},
        {"[api]\nlisten = \"0.0.0.0:8080\"\n", "8 api.listen", errc::config_unsafe, "chưa có TLS"},
        {"[api]\nlisten = \"[::]:8080\"\n", "8 api.listen", errc::config_unsafe, "chưa có TLS"},
        {"[api]\ntls_cert = \"axisd.toml\"\n", "7 api.tls_key", errc::config_missing, "đi cùng nhau"},
        {"[api]\ntls_cert = \"none.pem\"\ntls_key = \"national.key\"\n",
         "8 api.tls_cert",
         errc::config_file,
         "không đọc được"},
        {"[api]\ntls_cert = \"axisd.toml\"\ntls_key = \"axisd.toml\"\n",
         "9 api.tls_key",
         errc::config_secret_mode,
         "chmod 600"},
        {"[admin]\nlisten = \"10.0.0.1:9090\"\n", "8 admin.listen", errc::config_unsafe, "127.0.0.1:9090"},
        {"[admin]\nsocket = \"" + std::string(120, 's') + "\"\n",
         "8 admin.socket",
         errc::config_value,
         "107"},
        {"[[agency]]\nname = \"Bộ Khác\"\n", "7 agency[2].code", errc::config_missing, "thiếu"},
        {"[[agency]]\ncode = \"G 97\"\nname = \"Bộ Khác\"\n",
         "8 agency[2].code",
         errc::config_value,
         "đọc được \"G 97\""},
        {"[[agency]]\ncode = \"G97\"\nname = \"  \"\n",
         "9 agency[2].name",
         errc::config_value,
         "không để trống"},
        {"[[agency]]\ncode = \"G97\"\nname = \"a\\u202eb\"\n",
         "9 agency[2].name",
         errc::config_value,
         "hãy ghi"},
        {"[[agency]]\ncode = \"g98\"\nname = \"Bộ Khác\"\n",
         "8 agency[2].code",
         errc::config_value,
         "mã g98 đã có"},
        {"[[agency]]\ncode = \"G97\"\nname = \"Bộ Khác\"\naliases = [\"G98\"]\n",
         "10 agency[2].aliases",
         errc::config_value,
         "mã G98 đã có"},
        {"[[agency]]\ncode = \"G97\"\nname = \"Bộ Khác\"\naliases = \"G96\"\n",
         "10 agency[2].aliases",
         errc::config_value,
         "danh sách"},
        {"[signature]\ntsa_url = \"ftp://tsa.example\"\ntrust_dir = \"/tmp\"\n",
         "8 signature.tsa_url",
         errc::config_value,
         "https://"},
        {"[signature]\ntsa_url = \"http://tsa.example\"\n",
         "8 signature.tsa_url",
         errc::config_missing,
         "trust_dir"},
        {"[signature]\ntsa_required = true\n", "8 signature.tsa_required", errc::config_missing, "tsa_url"},
    };
    for (const auto& wrong : all) {
        CAPTURE(wrong.more);
        const Folder folder;
        const auto loaded = folder.load(wrong.more);
        CHECK(test::faults_of(loaded).size() == 1);
        const auto detail = detail_at(loaded, folder.file("axisd.toml") + ":" + wrong.place, wrong.code);
        CHECK_MESSAGE(contains(detail, wrong.says), detail);
    }
}

TEST_CASE("a broker and workers want what makes them safe, and each thing missing is named") {
    const Wrong all[] = {
        {"[queue]\ndriver = \"rabbitmq\"\n", "7 queue.user", errc::config_missing, "rabbitmq"},
        {"[queue]\ndriver = \"rabbitmq\"\nuser = \"a\"\n",
         "7 queue.password_file",
         errc::config_missing,
         "rabbitmq"},
        {"[queue]\ndriver = \"rabbitmq\"\nuser = \"a\"\n",
         "7 queue.ca_file",
         errc::config_missing,
         "rabbitmq"},
        {"[queue]\ndriver = \"rabbitmq\"\nuser = \"a\"\n", "7 queue.hosts", errc::config_missing, "rabbitmq"},
        {"[queue]\ndriver = \"rabbitmq\"\nhosts = []\n", "9 queue.hosts", errc::config_missing, "rabbitmq"},
        {"[queue]\ndriver = \"rabbitmq\"\nhosts = [\"localhost\", \"mq2.example\"]\ntls = false\n",
         "10 queue.tls",
         errc::config_unsafe,
         "\"mq2.example\" là máy khác"},
        {"[queue]\ndriver = \"rabbitmq\"\nhosts = [\"localhost\", \"10.0.0.1:5671\"]\n",
         "9 queue.hosts",
         errc::config_value,
         "\"10.0.0.1\"; với TLS hãy ghi tên máy"},
        {"[worker]\nhere = false\n", "8 worker.here", errc::config_value, "rabbitmq"},
        {"[worker]\nowner = \"http://10.0.0.1:8443\"\n", "8 worker.owner", errc::config_unsafe, "https://"},
        {"[worker]\nlisten = \"10.0.0.1:8443\"\n", "7 worker.cert", errc::config_missing, "hai chiều"},
        {"[worker]\nlisten = \"10.0.0.1:8443\"\n", "7 worker.ca_file", errc::config_missing, "hai chiều"},
    };
    for (const auto& wrong : all) {
        CAPTURE(wrong.more);
        Folder folder;
        const auto loaded = folder.load(wrong.more);
        CHECK(
            contains(detail_at(loaded, folder.file("axisd.toml") + ":" + wrong.place, wrong.code), wrong.says)
        );
    }
}

TEST_CASE("a list of hosts holds one to nine names, each with a port or without") {
    const std::string bad[] = {
        "\"localhost\"",
        "[\"\"]",
        "[\"mq1.example\", \"mq 2.example\"]",
        "[\"mq_1.example\"]",
        "[\"-mq.example\"]",
        "[\"mq.-example\"]",
        "[\"mq..example\"]",
        "[\"mq.example.\"]",
        "[\"máy.example\"]",
        "[\"amqps://mq.example\"]",
        "[\"user:word@mq.example\"]",
        "[\"mq.example:\"]",
        "[\"mq.example:0\"]",
        "[\"mq.example:65536\"]",
        "[\"mq.example:-1\"]",
        "[\"mq.example:5671x\"]",
        "[\"mq.example:5671:5671\"]",
        "[\"[::1]:5672\"]",
        "[\"" + std::string(64, 'm') + ".example\"]",
        "[\"m0\", \"m1\", \"m2\", \"m3\", \"m4\", \"m5\", \"m6\", \"m7\", \"m8\", \"m9\"]",
        "[5671]"};
    const Folder folder;
    for (const auto& hosts : bad) {
        CAPTURE(hosts);
        const auto loaded = folder.load("[queue]\nhosts = " + hosts + "\n");
        CHECK(test::faults_of(loaded).size() == 1);
        const auto detail =
            detail_at(loaded, folder.file("axisd.toml") + ":8 queue.hosts", errc::config_value);
        CHECK_MESSAGE(contains(detail, "danh sách 1 đến 9 tên máy"), detail);
    }
}

TEST_CASE("document software that speaks through queues wants a broker, unless it is off") {
    Folder folder;
    folder.write("endpoints.d/unit.toml", "queues = true\n" + folder.unit);
    const auto loaded = folder.load("[queue]\n");
    folder.write("endpoints.d/unit.toml", "mode = \"off\"\nqueues = true\n" + folder.unit);
    const auto off = folder.load("[queue]\n");

    const auto detail = detail_at(loaded, folder.file("axisd.toml") + ":7 queue.user", errc::config_missing);
    CHECK_MESSAGE(contains(detail, "queues = true"), detail);
    CHECK(off.has_value());
}

TEST_CASE("a fault of an endpoint's file names that file") {
    const Folder sound;
    struct Case {
        std::string text;
        std::string place;
        errc code;
        std::string says;
    };
    const Case all[] = {
        {with(sound.unit, "adapter = \"rest\"", "adapter = \"amqp\""),
         "1 adapter",
         errc::config_value,
         "\"rest\" hoặc \"vxp\""},
        {with(sound.unit, "adapter = \"rest\"\n", ""), "1 adapter", errc::config_missing, "thiếu"},
        {with(sound.unit, "[\"G98.11\"]", "[]"), "2 codes", errc::config_value, "đọc được []"},
        {with(sound.unit, "[\"G98.11\"]", "[\"G98.11\", \"*\"]"),
         "2 codes",
         errc::config_value,
         "hoặc [\"*\"]"},
        {with(sound.unit, "[\"G98.11\"]", "[\"*\"]"), "2 codes", errc::config_value, "adapter = \"vxp\""},
        {with(sound.unit, "[\"G98.11\"]", "[1, 2]"), "2 codes", errc::config_value, "kiểu khác"},
        {with(sound.unit, test::token_a, "not-a-hash"),
         "3 token_sha256",
         errc::config_value,
         "64 chữ số hex"},
        {"mode = \"on\"\n" + sound.unit,
         "1 mode",
         errc::config_value,
         "\"off\" hoặc \"trial\" hoặc \"live\""},
        {"signature = \"xades\"\n" + sound.unit, "1 signature", errc::config_value, "\"none\""},
        {"signature = \"enveloped\"\n" + sound.unit, "1 signature", errc::config_missing, "keys_dir"},
        {"verify = \"require\"\n" + sound.unit, "1 verify", errc::config_missing, "trust_dir"},
        {"weak_until = \"30/6/2027\"\n" + sound.unit, "1 weak_until", errc::config_value, "2027-06-30"},
        {"max_concurrent = 33\n" + sound.unit, "1 max_concurrent", errc::config_value, "0..32"},
        {sound.unit + "[vxp]\nsystem_id = \"x\"\n", "4 [vxp]", errc::config_key, "không dùng ở đây"},
        {"token_sha256 = [\"" + test::token_a + "\"]\n" + sound.national,
         "1 token_sha256",
         errc::config_key,
         "adapter = \"rest\""},
        {"queues = true\n" + sound.national, "1 queues", errc::config_key, "adapter = \"rest\""},
        {with(sound.national, "https://truc.example/adapter", "truc.example"),
         "4 vxp.base_url",
         errc::config_value,
         "https://"},
        {with(sound.national, "https://truc.example", "https://u:p@truc.example"),
         "4 vxp.base_url",
         errc::config_value,
         "không kèm mật khẩu"},
        {with(sound.national, "https://truc.example", "http://truc.example"),
         "4 vxp.base_url",
         errc::config_unsafe,
         "allow_plain_http = true"},
        {with(sound.national, "https://truc.example", "http://127.0.0.1.example"),
         "4 vxp.base_url",
         errc::config_value,
         "https://"},
        {with(sound.national, "vxp.g98", "hệ thống"), "5 vxp.system_id", errc::config_value, "ASCII"},
        {with(sound.national, "../national.key", "../none.key"),
         "6 vxp.secret_file",
         errc::config_file,
         "0600"},
        {sound.national + "poll_seconds = 0\n", "7 vxp.poll_seconds", errc::config_value, "1..3600"},
        {sound.national + "send_crlf = \"yes\"\n", "7 vxp.send_crlf", errc::config_value, "true hoặc false"},
        {sound.national + "ca_file = \"none.pem\"\n", "7 vxp.ca_file", errc::config_file, "không đọc được"},
        {sound.national + "pol_seconds = 60\n",
         "7 vxp.pol_seconds",
         errc::config_key,
         "có phải poll_seconds?"},
        {"adapter = \"vxp\"\ncodes = [\"*\"]\n", "1 vxp.base_url", errc::config_missing, "thiếu"},
    };
    for (const auto& wrong : all) {
        CAPTURE(wrong.text);
        const Folder folder;
        folder.write("endpoints.d/x.toml", wrong.text);
        const auto loaded = folder.load();
        const auto detail =
            detail_at(loaded, folder.file("endpoints.d/x.toml") + ":" + wrong.place, wrong.code);
        CHECK_MESSAGE(contains(detail, wrong.says), detail);
        if (wrong.code != errc::config_missing) CHECK(test::faults_of(loaded).size() == 1);
    }
}

TEST_CASE("a required key that is missing is asked for with its meaning") {
    Folder folder;
    folder.gateway = "[gateway]\nagency = \"G98\"\n";
    const auto loaded = folder.load();
    const auto detail =
        detail_at(loaded, folder.file("axisd.toml") + ":1 gateway.state_dir", errc::config_missing);
    CHECK_MESSAGE(contains(detail, "Thư mục giữ sổ giao dịch"), detail);

    folder.gateway = "";
    const auto nothing = folder.load();
    CHECK(contains(
        detail_at(nothing, folder.file("axisd.toml") + ":1 gateway.agency", errc::config_missing), "thiếu"
    ));
}

TEST_CASE("the gateway's own agency must be known by name and of a regular form") {
    Folder folder;
    folder.gateway = "[gateway]\nagency = \"G97\"\nstate_dir = \"state\"\n";
    const auto loaded = folder.load();
    const auto detail =
        detail_at(loaded, folder.file("axisd.toml") + ":2 gateway.agency", errc::config_missing);
    CHECK_MESSAGE(contains(detail, "[[agency]] với code = \"G97\""), detail);

    folder.gateway = "[gateway]\nagency = \"bo-thu\"\nstate_dir = \"state\"\n";
    const auto form =
        detail_at(folder.load(), folder.file("axisd.toml") + ":2 gateway.agency", errc::config_value);
    CHECK_MESSAGE(contains(form, "QĐ 20/2020"), form);
}

TEST_CASE("two endpoints never serve the same code, the same rest or the same token") {
    Folder folder;
    folder.agency += "aliases = [\"000.00.00.G98\"]\n";
    folder.write("endpoints.d/a.toml", with(folder.unit, "G98.11", "G98"));
    folder.write("endpoints.d/b.toml", with(folder.unit, "G98.11", "000.00.00.G98"));
    folder.write("endpoints.d/n.toml", folder.national);
    folder.write("endpoints.d/o.toml", folder.national);

    const auto loaded = folder.load();

    CHECK(test::faults_of(loaded).size() == 3);
    CHECK(contains(
        detail_at(loaded, folder.file("endpoints.d/b.toml") + ":2 codes", errc::config_value),
        "đã thuộc " + folder.file("endpoints.d/a.toml")
    ));
    CHECK(contains(
        detail_at(loaded, folder.file("endpoints.d/b.toml") + ":3 token_sha256", errc::config_value),
        "đã dùng ở"
    ));
    CHECK(contains(
        detail_at(loaded, folder.file("endpoints.d/o.toml") + ":2 codes", errc::config_value),
        folder.file("endpoints.d/n.toml")
    ));
}

TEST_CASE("a secret file that others may read, or that is empty, is refused") {
    Folder folder;
    folder.write("endpoints.d/n.toml", folder.national);
    const auto place = folder.file("endpoints.d/n.toml") + ":6 vxp.secret_file";

    folder.write("national.key", "bi-mat\n", 0640);
    CHECK(contains(detail_at(folder.load(), place, errc::config_secret_mode), "chmod 600"));
    folder.write("national.key", "\n", 0600);
    CHECK(contains(detail_at(folder.load(), place, errc::config_value), "rỗng"));
}

TEST_CASE("a file that is not TOML is named with its line, and the other files are read all the same") {
    Folder folder;
    folder.write("endpoints.d/a.toml", "adapter = rest\n");
    folder.write("endpoints.d/b.toml", "codes = [\"G98.12\"]\ncodes = [\"G98.13\"]\n");
    folder.write("endpoints.d/c.toml", "mode = \"on\"\n" + folder.unit);
    folder.write("endpoints.d/D E.toml", folder.national);

    const auto loaded = folder.load("[limits]\nfiles_max = 0\n");

    CHECK(contains(detail_at(loaded, folder.file("endpoints.d/a.toml") + ":1", errc::config_syntax), "TOML"));
    CHECK(contains(detail_at(loaded, folder.file("endpoints.d/b.toml") + ":2", errc::config_syntax), "TOML"));
    CHECK(
        contains(detail_at(loaded, folder.file("endpoints.d/c.toml") + ":1 mode", errc::config_value), "live")
    );
    CHECK(
        contains(detail_at(loaded, folder.file("endpoints.d/D E.toml") + ":1", errc::config_value), "tên tệp")
    );
    CHECK(contains(
        detail_at(loaded, folder.file("axisd.toml") + ":8 limits.files_max", errc::config_value), "1..1000"
    ));
    CHECK(test::faults_of(loaded).size() == 5);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == errc::config_invalid);
    CHECK(loaded.error().detail == "5 lỗi trong cấu hình");
}

TEST_CASE("a configuration that is not there is one plain fault") {
    const test::TempDir dir;
    const auto loaded = load(dir / "axisd.toml");
    CHECK(test::faults_of(loaded).size() == 1);
    CHECK(detail_at(loaded, (dir / "axisd.toml").string() + ":1", errc::config_file) != "");
}

TEST_CASE("faults speak English when asked to") {
    const Folder folder;
    const auto loaded = folder.load("[limits]\nfiles_max = 0\n", Language::en);
    CHECK(
        detail_at(loaded, folder.file("axisd.toml") + ":8 limits.files_max", errc::config_value) ==
        "read 0; write an integer 1..1000"
    );
}

TEST_CASE("no message ever carries a secret, wherever somebody pasted it") {
    const std::string secret = "S3CR3T-PASTED-HERE";
    Folder folder;
    folder.write("endpoints.d/a.toml", with(folder.national, "../national.key", secret));
    folder.write("endpoints.d/b.toml", with(folder.unit, test::token_a, secret));
    folder.write(
        "endpoints.d/c.toml", with(folder.unit, "[\"" + test::token_a + "\"]", "\"" + secret + "\"")
    );
    folder.write(
        "endpoints.d/d.toml",
        with(folder.national, "secret_file = \"../national.key\"", "secret = \"" + secret + "\"")
    );
    folder.write("endpoints.d/e.toml", with(folder.national, "\"../national.key\"", secret));
    folder.write("endpoints.d/f.toml", with(folder.national, "\"../national.key\"", "'" + secret));
    folder.write("endpoints.d/g.toml", with(folder.national, "\"../national.key\"", "[" + secret + "]"));
    folder.write("endpoints.d/h.toml", with(folder.national, "[\"*\"]", "[\"*\"] " + secret));
    folder.write(
        "endpoints.d/i.toml", with(folder.national, "secret_file = \"../national.key\"", secret + "\n")
    );
    folder.write(
        "endpoints.d/j.toml",
        with(folder.national, "https://truc.example", "https://user:" + secret + "@truc.example")
    );
    folder.write("national.key", secret + "\n", 0644);

    const auto loaded = folder.load("[api]\ntls_key = \"" + secret + "\"\n");

    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().faults.size() > 10);
    const auto text = to_string(loaded.error());
    CHECK_MESSAGE(!contains(text, secret), text);
}

TEST_SUITE_END();
