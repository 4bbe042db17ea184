// The rules by which the axis takes a message in (axis-api.md §1.3): who may send, who is known, who gets a
// copy. Used for what comes over HTTP and for what the simulated partners send. Thread: io.
#pragma once

#include "tests/axissim/directory.hpp"
#include "tests/axissim/store.hpp"

#include <functional>
#include <string>

namespace axis::sim {

// The answer of the axis: "0", or an ErrorCode with its unaccented text.
struct Verdict {
    std::string code = "0";
    std::string text = "Thanh cong";
    bool ok() const { return code == "0"; }
};

// Unaccented texts, word for word where a real one is known.
Verdict not_registered(std::string_view code, std::string_view system);  // 19
Verdict refused(std::string_view code);     // "10", "15", "18", "20", "21", "22", "23"
Verdict refused_facts(const Error& error);  // why read_facts failed, as the axis would say it

class PostOffice {
public:
    PostOffice(Store& store, const Directory& directory) : store_{store}, directory_{directory} {}

    // Checks sender and every recipient first: all or nothing. `kept` is the message when the verdict is ok.
    Verdict accept(StagedFile file, Facts facts, const std::string& system, const Message*& kept);
    // Called once for each message accepted.
    void on_accepted(std::function<void(const Message&)> observer) { observer_ = std::move(observer); }

private:
    Verdict route(const Facts& facts, std::vector<Recipient>& to) const;

    Store& store_;
    const Directory& directory_;
    std::function<void(const Message&)> observer_;
};

}  // namespace axis::sim
