// Lookup: the questions an adapter asks for its caller; implements ports::Lookup over the ledger. Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/intake/content.hpp"
#include "gateway/ledger/ledger.hpp"
#include "gateway/ports/intake.hpp"

#include <list>
#include <map>

namespace axis::intake {

class Lookup final : public ports::Lookup {
public:
    Lookup(asio::io_context& io, ledger::Ledger& ledger, Content& content, Clock& clock)
        : io_{io}, ledger_{ledger}, content_{content}, clock_{clock} {}

    Task<Result<std::string>> message(ports::Caller caller, model::MessageId id) override;
    Task<Result<std::string>> find(ports::Caller caller, ports::Search search) override;
    Task<Result<std::unique_ptr<ports::ByteStream>>> envelope(ports::Caller caller, model::MessageId id)
        override;
    Task<Result<ports::FileStream>> attachment(ports::Caller caller, model::MessageId id, std::size_t ordinal)
        override;
    Task<Result<ports::Events>> events(
        ports::Caller caller, std::int64_t after, std::size_t limit, Duration wait
    ) override;
    Task<Result<std::int64_t>> acknowledged(ports::Caller caller) override;

    // New events of this endpoint were committed: whoever waits looks again.
    void wake(const model::EndpointName& endpoint);
    void stop();  // waiting callers get what is there

private:
    Task<Result<ledger::MessageView>> visible(const ports::Caller& caller, model::MessageId id);

    asio::io_context& io_;
    ledger::Ledger& ledger_;
    Content& content_;
    Clock& clock_;
    std::map<model::EndpointName, std::list<Wakeup*>> waiting_;
    bool stopping_ = false;
};

}  // namespace axis::intake
