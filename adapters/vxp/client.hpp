// Client: the calls of the axis' protocol over HTTP. Every call is signed anew with the time of the moment;
// nothing is repeated here. Memory: a few hundred KiB per call whatever the size of the document; lists keep
// at most list_entries_max rows. Thread: io.
#pragma once

#include "adapters/vxp/calls.hpp"
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

class Client final : public Calls {
public:
    // What http::Client::open refuses.
    static Result<std::unique_ptr<Client>> open(
        asio::io_context& io, const Clock& clock, Settings settings, ClientLimits limits = {}
    );

    Task<Answer> send_edoc(SendRequest request, ports::ByteStream& envelope) override;
    Task<List<ReceivedItem>> received_list(model::MessageKind kind) override;
    Task<List<SentItem>> sent_list(SentQuery query) override;
    Task<Fetched> download(std::string doc_id, Taker taker) override;
    Task<Fetched> get_edoc(std::string doc_id, Taker taker) override;
    Task<Answer> update_status(std::string doc_id, TransportStatus status) override;
    Time now() const override { return clock_.now(); }
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
