// The simulator in the test's own process, on a clock moved by hand, and a client that speaks raw bytes to
// it.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "tests/axissim/simulator.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace axis::sim::test {

inline constexpr std::string_view demo_secret = "demo-secret-key";

struct RawReply {
    unsigned status = 0;  // 0: the connection ended before a status line
    std::string headers;
    std::string body;
    bool whole = false;      // the body has the length that was announced
    bool continued = false;  // "100 Continue" came first
    boost::json::value json() const;
    std::string error_code() const;  // "ErrorCode" of the JSON, "" when there is none
};

// Header values by name, signed as the SDK does it.
struct Call {
    std::string method = "POST";
    std::string operation;
    std::map<std::string, std::string> parameters;
    std::string body;
    std::string system = "vxp.demo.01";
    std::string secret{demo_secret};
};
std::string request_of(const Call& call);
std::string signed_head(const Call& call, std::size_t body_bytes);

Call send_call(const std::string& edxml, const std::string& from = "G98", const std::string& type = "edoc");

struct DocumentSpec {
    std::string from = "G98";
    std::vector<std::string> to{"G99"};
    std::string number = "12";
    std::string file_text = "%PDF-1.4 thu nghiem";
};
std::string document_of(const DocumentSpec& spec);
std::string status_of(
    const std::string& from, const std::string& to, const std::string& code, const std::string& document_id
);

class World {
public:
    explicit World(VxpSettings vxp = {});
    ~World();
    void restart();  // as after kill -9: the state directory is all that remains

    RawReply talk(std::string bytes, std::string later = {});  // `later` is sent after 100 Continue
    RawReply call(const Call& call) { return talk(request_of(call)); }
    RawReply get(const std::string& path) { return talk("GET " + path + " HTTP/1.1\r\nHost: sim\r\n\r\n"); }
    RawReply post(const std::string& path, const std::string& json);
    boost::json::value state() { return get("/sim/state").json(); }
    boost::json::array list(const std::string& type = "edoc");
    std::string send(const DocumentSpec& spec);  // its docId
    void fault(const std::string& kind, std::int64_t value = 0);
    void pass(Duration time);  // moves the clock and lets everything that is due happen

    // The conversation as a task, for tests that look in between.
    std::shared_ptr<std::optional<RawReply>> start(std::string bytes, std::string later = {});
    void run_until(const std::function<bool()>& done);

    axis::test::TempDir dir;
    asio::io_context io;
    ManualClock clock{io, Time{std::chrono::hours{500'000}}};
    SystemRandom random;
    std::unique_ptr<Simulator> simulator;

private:
    void open();
    void close();
    VxpSettings vxp_;
    bool running_ = false;
};

}  // namespace axis::sim::test
