// Goal: config/ and the generated files tell the truth. Method: config/ equals what the table generates, and
// a file with every default written out loads to the same settings as one with none.
#include "gateway/settings/keys.hpp"
#include "gateway/settings/text.hpp"
#include "tests/unit/settings/folder.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace axis;
using namespace axis::settings;
using test::contains;
using test::Folder;

TEST_SUITE_BEGIN("settings samples");

namespace {

const NewGateway sample_gateway{"G98", "Bộ Thử nghiệm", "/var/lib/axisd"};
const NewEndpoint sample_national{
    .adapter = Adapter::vxp,
    .codes = {"*"},
    .base_url = "https://truc.example/XrdAdapter/adapter",
    .system_id = "vxp.g98",
    .secret_file = "/etc/axisd/national.key"};
const NewEndpoint sample_unit{
    .adapter = Adapter::rest, .codes = {"G98.11"}, .token_sha256 = {std::string(64, '0')}};

// AXIS_UPDATE=1 in the environment writes the samples anew instead of comparing them.
void same_as_file(const std::string& name, const std::string& generated) {
    const auto file = std::filesystem::path{AXIS_SOURCE_DIR} / "config" / name;
    if (std::getenv("AXIS_UPDATE") != nullptr) write_file(file, generated).value();
    const auto text = read_file(file);
    REQUIRE(text.has_value());
    CHECK_MESSAGE(
        text.value() == generated,
        "config/",
        name,
        " is not what the table of keys gives; AXIS_UPDATE=1 writes it anew"
    );
}

// "# key = value": a default. Sentences begin with a capital letter or hold no " = ".
bool is_default(const std::string& line) {
    const auto equals = line.find(" = ");
    return line.starts_with("# ") && equals != std::string::npos &&
           line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", 2) == equals;
}

// Takes the # off every default.
std::string spelled_out(const std::string& text) {
    std::string out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        out += (is_default(line) ? line.substr(2) : line) + "\n";
    return out;
}

std::vector<std::string> keys_in(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream lines{spelled_out(text)};
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find(" = ");
        if (!line.starts_with('#') && equals != std::string::npos) names.push_back(line.substr(0, equals));
    }
    return names;
}

std::size_t count_of(std::initializer_list<std::string_view> sections) {
    std::size_t count = 0;
    for (const auto& key : keys())
        count += static_cast<std::size_t>(std::count(sections.begin(), sections.end(), key.section));
    return count;
}

}  // namespace

TEST_CASE("the samples in config/ are what the table of keys gives") {
    same_as_file("axisd.toml", init_text(sample_gateway));
    same_as_file("endpoints.d/national.toml.sample", endpoint_text(sample_national));
    same_as_file("endpoints.d/unit.toml.sample", endpoint_text(sample_unit));
}

TEST_CASE("a generated file shows every key once") {
    CHECK(
        keys_in(init_text(sample_gateway)).size() == count_of(
                                                         {"gateway",
                                                          "api",
                                                          "admin",
                                                          "limits",
                                                          "queue",
                                                          "worker",
                                                          "signature",
                                                          "audit",
                                                          "retention",
                                                          "log",
                                                          "agency"}
                                                     )
    );
    CHECK(keys_in(endpoint_text(sample_national)).size() == count_of({"endpoint", "vxp"}));
    CHECK(keys_in(endpoint_text(sample_unit)).size() == count_of({"endpoint", "rest"}));
}

TEST_CASE("generated files load, and the defaults they show are the defaults that are used") {
    for (const auto language : {Language::vi, Language::en}) {
        const Folder folder;
        auto national = sample_national;
        national.secret_file = folder.file("national.key");
        const auto main = init_text(sample_gateway, language);
        const auto load_as = [&](auto form) {
            folder.write("axisd.toml", form(main));
            folder.write("endpoints.d/national.toml", form(endpoint_text(national, language)));
            folder.write("endpoints.d/unit.toml", form(endpoint_text(sample_unit, language)));
            return load(folder.dir / "axisd.toml");
        };

        const auto silent = load_as([](const std::string& text) { return text; });
        const auto spelled = load_as(spelled_out);

        REQUIRE_MESSAGE(silent.has_value(), to_string(silent.error()));
        REQUIRE_MESSAGE(spelled.has_value(), to_string(spelled.error()));
        const auto& a = silent.value();
        const auto& b = spelled.value();
        CHECK(a.api.listen == b.api.listen);
        CHECK(a.admin.socket == b.admin.socket);
        CHECK(a.limits.envelope_bytes_max == b.limits.envelope_bytes_max);
        CHECK(a.limits.delivery_life == b.limits.delivery_life);
        CHECK(a.limits.delivery_warning == b.limits.delivery_warning);
        CHECK(a.log_level == b.log_level);
        CHECK(a.endpoints[0].max_concurrent == b.endpoints[0].max_concurrent);
        CHECK(a.endpoints[0].vxp->poll == b.endpoints[0].vxp->poll);
        CHECK(a.endpoints[0].vxp->send_crlf == b.endpoints[0].vxp->send_crlf);
        CHECK(a.endpoints[1].codes == b.endpoints[1].codes);
    }
}

TEST_CASE("values written into a generated file cannot break out of their quotes") {
    NewGateway facts{"G98", "Bộ \"Thử\" \\ nghiệm\n[x]", "/var/lib/axisd"};
    const auto text = init_text(facts);
    CHECK(contains(text, "name = \"Bộ \\\"Thử\\\" \\\\ nghiệm\\u000A[x]\"\n"));
}

TEST_CASE("every row of the table has a default that suits it and sentences in both languages") {
    for (const auto& key : keys()) {
        CAPTURE(key.section);
        CAPTURE(key.name);
        CHECK_FALSE(key.vi.empty());
        CHECK_FALSE(key.en.empty());
        CHECK(key.vi.ends_with('.'));
        CHECK(key.en.ends_with('.'));
        CHECK_FALSE(wanted(key, Language::vi).empty());
        if (key.presence == Presence::optional) {
            auto value = standard_value(key);
            CHECK(fits(key, value));
        }
        CHECK(find(key.section, key.name) == &key);
    }
}

TEST_CASE("the reference names every key with its default") {
    for (const auto language : {Language::vi, Language::en}) {
        const auto text = print_reference(language);
        for (const auto& key : keys()) {
            const auto name = std::string{key.section} + "." + std::string{key.name} + "\n";
            CAPTURE(name);
            const auto at = text.find(name);
            REQUIRE(at != std::string::npos);
            if (key.presence == Presence::optional)
                CHECK(contains(text.substr(at, 600), ": " + standard_text(key) + "\n"));
        }
    }
}

TEST_SUITE_END();
