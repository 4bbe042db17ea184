// OcspAnswers: what responders have said, from files of the trust folder and from asking; and what came of
// asking where they said nothing. Bounded; the newest answer of a certificate counts. Any thread.
#pragma once

#include "gateway/signature/ocsp.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace axis::signature {

struct StoredAnswer {
    std::string file;
    std::string der;
};

class OcspAnswers {
public:
    OcspAnswers(OcspLimits limits, const std::vector<StoredAnswer>& stored);

    struct Known {
        std::optional<OcspAnswer> answer;
        bool current = false;  // it is not out of date then
        std::string source;    // the file or the address it came from
        std::string failure;   // what came of asking last, when that was no answer
    };
    Known of(const Certificate& certificate, const Certificate& issuer, Time at);

    // Keeps the answer for its time; or keeps, and gives, why it is none.
    std::optional<std::string> learn(
        const OcspQuery& query, std::string_view request, std::string_view answer, Time now
    );
    void unanswered(const OcspQuery& query, std::string why);

private:
    struct Entry {
        std::optional<OcspAnswer> answer;
        Time until{};
        std::string source, failure;
    };
    Entry& entry(const Sha256& id);
    void look_into_files(const Certificate& certificate, const Certificate& issuer, const Sha256& id);

    const OcspLimits limits_;
    std::multimap<std::string, StoredAnswer> stored_;  // by serial number
    std::mutex mutex_;
    std::unordered_map<Sha256, Entry> entries_;  // by certificate and issuer
};

}  // namespace axis::signature
