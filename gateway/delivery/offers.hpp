// Offers: the attempts whose references are with the broker, and what became of each.
//
//   offered --begin--> begun --settle--> answered --its outcome is on disk--> settled
//      |                 '---- its worker is lost: unknown ----^
//      '--withdrawn, or the ledger refuses--> over: nothing was sent
//
// Promises: an attempt is begun once, however often its reference comes; what is not on offer is stale.
// Thread: io.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/delivery/reference.hpp"
#include "gateway/ledger/ledger.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace axis::delivery {

class Offer {
public:
    enum class State { offered, beginning, begun, answered, settled, over };

    explicit Offer(asio::io_context& io) : changed{io}, settled{io} {}

    State state = State::offered;
    std::string worker;
    std::optional<ledger::Attempt> attempt;  // from begun on
    model::Outcome outcome;                  // from answered on
    Error why;                               // over
    bool published = false;                  // by this life of the connection
    Wakeup changed;                          // for the driver
    Wakeup settled;                          // for the worker

    void move(State to) {
        state = to;
        changed.notify();
        settled.notify();
    }
};

class Offers {
public:
    Offers(asio::io_context& io, Clock& clock, ledger::Ledger& ledger)
        : io_{io}, clock_{clock}, ledger_{ledger} {}

    // On offer until it is dropped by its maker.
    std::shared_ptr<Offer> make(Reference reference);
    void drop(const Reference& reference);
    void withdraw(const Reference& reference);
    void publish_again();  // what is offered: the broker may have forgotten it

    // See Owner. `worker` is who asks.
    Task<Result<ledger::Attempt>> begin(std::string worker, Reference reference);
    // Of an attempt this worker has begun.
    std::optional<ledger::StoredEnvelope> envelope_of(const std::string& worker, const Reference& reference)
        const;
    Task<Result<>> settle(std::string worker, Reference reference, model::Outcome outcome);
    // Whatever it had begun may have arrived or not; what lies with it is published for somebody else.
    void lost(const std::string& worker, const std::string& why);
    // Its reference came back again and again: no worker survives it. It is answered as rejected.
    Task<> give_up(Reference reference);

    bool waits(const Reference& reference) const;  // on offer, and not begun
    std::size_t offered() const;                   // those that do
    std::size_t begun() const;

private:
    std::shared_ptr<Offer> find(const Reference& reference) const;

    asio::io_context& io_;
    Clock& clock_;
    ledger::Ledger& ledger_;
    std::map<Reference, std::shared_ptr<Offer>> offers_;
};

}  // namespace axis::delivery
