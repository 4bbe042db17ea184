// Goal: the raw requests of the attack corpus end as its manifest says. Method: each file goes byte by byte
// to a real server whose handler reads the body and answers 200.
#include "gateway/base/file.hpp"
#include "tests/unit/http/live_server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace axis;
using namespace axis::http;

TEST_SUITE_BEGIN("http/attacks");

namespace {

const std::filesystem::path corpus = std::filesystem::path{AXIS_SOURCE_DIR} / "../shared/corpora/attacks";

struct Expected {
    std::set<unsigned> statuses;
    std::size_t replies = 1;
};

// "400 + close", "400/431", "2xx/4xx, one request", "ignore trailer or 400", …
Expected expected_of(const std::string& name, const std::string& text) {
    Expected out;
    static const std::regex number{"\\b[0-9]{3}\\b"};
    for (std::sregex_iterator i{text.begin(), text.end(), number}, end; i != end; ++i)
        out.statuses.insert(static_cast<unsigned>(std::stoul(i->str())));
    const bool harmless = std::regex_search(text, std::regex{"2xx|ignore|merge|replace|two separate"});
    // Content types are the handler's business; this one takes any.
    const bool content = name.rfind("h39", 0) == 0 || name.rfind("h40", 0) == 0;
    if (content) out.statuses.clear();
    if (harmless || content) out.statuses.insert(200);
    if (text.find("two separate") != std::string::npos) out.replies = 2;
    return out;
}

std::map<std::string, Expected> read_manifest() {
    std::map<std::string, Expected> out;
    const auto text = read_file(corpus / "manifest.tsv").value();
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("http/", 0) != 0) continue;
        const auto tab = line.find('\t');
        const auto name = line.substr(5, tab - 5);
        out[name] = expected_of(name, line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1));
    }
    return out;
}

// What the choices of the manifest are for us.
const std::map<std::string, unsigned> ours{
    {"h00-valid.http", 200},
    {"h09-cl-twice-same.http", 400},
    {"h20-chunk-trailer-content-length.http", 400},
    {"h23-obs-fold.http", 400},
    {"h27-uri-32k.http", 414},
    {"h30-absolute-uri-mismatch.http", 421},
    {"h38-gzip-bomb.http", 415},
    {"h45-xff-spoof.http", 200},
    {"h47-version-garbage.http", 505},
    {"h33-connect.http", 405},
    {"h18-chunk-ext-huge.http", 400}};

}  // namespace

TEST_CASE("every raw request of the corpus is answered as its manifest demands") {
    if (!std::filesystem::exists(corpus)) {
        MESSAGE("skipped: ", corpus.string(), " is absent");
        return;
    }
    std::atomic<std::size_t> answered = 0;
    std::atomic<bool> only_socket_counts = true;
    const auto handler = [&](Exchange& exchange) -> Task<> {
        if (exchange.request().peer.address != "127.0.0.1") only_socket_counts = false;
        auto body = co_await exchange.read_all(1024 * 1024);
        if (!body) {
            co_await exchange.problem(body.error());
            co_return;
        }
        ++answered;
        co_await exchange.reply(200, Headers(), std::move(*body));
    };
    test::LiveServer server{handler};
    std::size_t tried = 0;
    for (const auto& [name, expected] : read_manifest()) {
        CAPTURE(name);
        if (!std::filesystem::exists(corpus / "http" / name)) continue;
        ++tried;
        answered = 0;
        const auto bytes = read_file(corpus / "http" / name).value();

        const auto replies = test::talk(server, bytes);

        REQUIRE(replies.size() == expected.replies);
        CHECK(expected.statuses.count(replies[0].status) == 1);
        CHECK(answered == (replies[0].status == 200 ? expected.replies : 0));
        if (ours.count(name) == 1) CHECK(replies[0].status == ours.at(name));
        if (replies[0].status == 200) continue;
        CHECK(replies[0].has("Connection: close\r\n"));
        CHECK(replies[0].has("Content-Type: application/problem+json\r\n"));
        CHECK(replies[0].body.find("\"request_id\"") != std::string::npos);
    }
    CHECK(tried >= 25);
    CHECK(only_socket_counts);
}

TEST_SUITE_END();
