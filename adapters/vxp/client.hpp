// The calls of the axis' protocol, one member each (axis-api.md §1.3). Every call is signed anew with the
// time of the moment; nothing is repeated here. What came back, the wire's failures included, is in Answer;
// replies.hpp judges it. Memory: a few hundred KiB per call whatever the size of the document; lists keep at
// most list_entries_max rows. Thread: io.
#pragma once

#include "adapters/vxp/exchanges.hpp"
#include "adapters/vxp/replies.hpp"
#include "adapters/vxp/settings.hpp"
#include "adapters/vxp/signing.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace axis::vxp {

struct ClientLimits {
    http::ClientLimits http;
    std::uint64_t reply_bytes_max = 1024 * 1024;
    std::uint64_t list_bytes_max = 64ull * 1024 * 1024;
    std::uint64_t envelope_bytes_max = 2ull * 1024 * 1024 * 1024;
};

enum class TransportStatus { done, fail, processing };

struct SendRequest {
    model::MessageKind kind = model::MessageKind::document;
    std::string from;
    Sha256 sha256;
};

// Rows of one sending, or of all in a span of time (a form nothing attests: an axis may refuse it).
struct SentQuery {
    model::MessageKind kind = model::MessageKind::document;
    std::string doc_id;
    Time since{};
    Time until{};
};

struct Fetched {
    enum class How {
        whole,
        not_an_envelope,  // downloadEdoc answered something else: ask getEdoc
        failed            // nothing is said about the document
    } how = How::failed;
    Answer answer;
};

class Client {
public:
    // What http::Client::open refuses.
    static Result<std::unique_ptr<Client>> open(
        asio::io_context& io, const Clock& clock, Settings settings, ClientLimits limits = {}
    );

    // Recipients stand in the envelope; the `to` header is left out (R26).
    Task<Answer> send_edoc(SendRequest request, ports::ByteStream& envelope);
    Task<List<ReceivedItem>> received_list(model::MessageKind kind);
    Task<List<SentItem>> sent_list(SentQuery query);
    Task<Fetched> download(std::string doc_id, Taker taker);
    Task<Fetched> get_edoc(std::string doc_id, Taker taker);
    Task<Answer> update_status(std::string doc_id, TransportStatus status);
    Time now() const { return clock_.now(); }
    // Name, TCP and TLS alone.
    Task<boost::system::result<std::chrono::milliseconds, http::Failure>> connect();

private:
    struct Operation {
        std::string method;
        std::string path;
        Signable signable;
        http::Headers more;  // unsigned, behind the signed ones
        std::string body;
        http::BodySource* source = nullptr;
    };
    Client(const Clock& clock, Settings settings, ClientLimits limits, std::unique_ptr<http::Client> http);
    Task<Answer> run(Operation operation, http::BodySink& sink);
    Task<Answer> run_json(Operation operation, JsonSink& sink);

    const Clock& clock_;
    Settings settings_;
    ClientLimits limits_;
    std::unique_ptr<http::Client> http_;
};

}  // namespace axis::vxp
