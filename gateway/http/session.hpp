// One connection of a server, from its TLS handshake to its end. Private to http. Thread: io.
//
//   handshake --> idle --first byte--> head --> handler --> reply --keep-alive--> idle
//                   '--idle_wait, stop-->' closed     '--refused, slow, broken--> last reply, drained, closed
#pragma once

#include "gateway/http/live_exchange.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/wire.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace axis::http {

class Session;

// What the sessions of one server share; outlives each of them.
struct Shared {
    ServerLimits limits;
    Random& random;
    Handler handler;
    bool known_only = false;  // whoever connects must have a certificate
    bool stopping = false;
    std::set<Session*> sessions;
    std::map<std::string, std::size_t> per_address;
};

class Session {
public:
    Session(std::shared_ptr<Shared> shared, std::unique_ptr<Wire> wire, Peer peer);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    static Task<> serve(std::unique_ptr<Session> session);  // until the connection ends
    void stop();                                            // closes it when no request is under way
    void abort() { wire_->close(); }

private:
    Task<> run();
    Task<bool> next_request();  // false: the connection ends
    Task<Result<std::size_t>> receive_head();
    Result<Request> parse(std::size_t head_bytes);
    Request blank_request();
    Task<bool> answer(Request request);
    Task<bool> refuse(Error error);
    Task<> end_gently();

    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Wire> wire_;
    Peer peer_;
    beast::flat_buffer input_;
    std::optional<RequestParser> parser_;
    bool first_ = true;
    bool idle_ = true;
};

}  // namespace axis::http
