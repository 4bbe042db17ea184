// The agencies at the other end of the axis, simulated: they fetch what is addressed to them and answer by
// statuses.
//
//   document -> [delay] -> 01 -> [delay] -> 03            accept      01            arrive
//            -> 02 with a reason                          refuse      01, 03, 06    finish
//   recall (status 13, BussinessDocType 1 or 2)  -> 15 (accept, finish) or 16 (refuse)
//
// They act on the store through the post office, never over HTTP, and under the same rules as a real sender.
// What is still to answer is found again after a restart. Thread: io; attachments are written on the files
// pool.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/pool.hpp"
#include "tests/axissim/post_office.hpp"
#include "tests/axissim/writer.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace axis::sim {

enum class Behaviour { none, arrive, accept, refuse, finish };
std::optional<Behaviour> behaviour_named(std::string_view name);

struct Partner {
    std::string code;
    std::string name;
    Behaviour behaviour = Behaviour::accept;
    std::string system() const { return "sim." + code; }
};

// The status codes a partner answers with, in order; empty: it only takes the message.
std::vector<std::string> answers_to(const Facts& facts, Behaviour behaviour);

class Partners {
public:
    Partners(
        asio::io_context& io,
        Store& store,
        const Directory& directory,
        PostOffice& office,
        Clock& clock,
        Random& random,
        Pool& files,
        Duration delay
    )
        : store_{store},
          directory_{directory},
          office_{office},
          clock_{clock},
          random_{random},
          files_{files},
          delay_{delay},
          wakeup_{io} {}

    void add(Partner partner);
    void notice(const Message& message);  // a message was accepted: plan the answers of those it went to
    void resume();                        // the same for all that was kept from before a restart
    Task<> run();                         // answers what is due; until cancelled

    // A document of one partner, on command. The verdict is the axis'; `doc_id` is set when it is ok.
    struct Sent {
        Verdict verdict;
        std::string doc_id;
    };
    Task<Result<Sent>> send(DocumentText document);

private:
    const Partner* find(std::string_view code) const;
    void answer(const std::string& copy_id);
    void send_status(const Partner& partner, const Facts& about, const std::string& code);
    Verdict post(std::string_view text, const Partner& partner);

    Store& store_;
    const Directory& directory_;
    PostOffice& office_;
    Clock& clock_;
    Random& random_;
    Pool& files_;
    Duration delay_;
    Wakeup wakeup_;
    std::map<std::string, Partner, std::less<>> partners_;
    std::multimap<Time, std::string> due_;  // copies with an answer to give
};

}  // namespace axis::sim
