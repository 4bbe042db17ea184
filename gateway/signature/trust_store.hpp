// TrustStore: which certificates are believed, and for which agency they speak. One folder:
//
//   *.pem *.crt *.cer *.der   self-signed authorities are anchors, everything else an intermediate
//   *.crl, or in a PEM file   lists of revoked certificates
//   *.ocsp                    answers of OCSP responders, DER
//   trust.toml                optional: names, purposes and trusted times of anchors; single certificates
//                             that are trusted by themselves (pinned for a partner); the OCSP responders that
//                             may be asked about an authority's certificates
//   bindings.toml             optional: certificates that speak for an agency though no OU says so
//
// Never the system's own bundle: a web server's authority must not vouch for a ministry (security.md §0.1).
// Loaded whole or not at all; what is trusted does not change afterwards, a new one replaces it. What OCSP
// responders answer is remembered beside it. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/signature/certificate.hpp"
#include "gateway/signature/judgement.hpp"
#include "gateway/signature/ocsp.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::signature {

struct TrustLimits {
    std::size_t file_bytes_max = 32 * 1024 * 1024;  // a list of revoked certificates may be long
    std::size_t file_count_max = 1000;
    std::size_t depth_max = 3;             // intermediates of a chain
    std::size_t cached_leaves_max = 1024;  // verdicts on chains that are remembered
    Duration cached_for{std::chrono::minutes{10}};
    OcspLimits ocsp;
};

// A place in a chain of which no list of revoked certificates tells.
struct Unlisted {
    std::size_t place;
    std::string why;
};

// What the store says of a certificate at a time.
struct Standing {
    Reason reason = Reason::no_issuer;  // holds: the chain ends at a trusted anchor
    std::string detail;
    std::string anchor;
    Revocation revocation = Revocation::unknown;
    std::string revocation_detail;
    std::vector<std::string> chain;     // DER, leaf first
    std::vector<Material> materials{};  // the lists and answers that were looked into
    std::vector<Unlisted> unlisted{};
    std::vector<OcspQuery> open{};  // what a responder of trust.toml could tell
    std::string weakness{};         // of judge_leniently: what it let pass
};

// What for: an anchor of purpose `tsa` vouches for time stamps only, one of purpose `partner` never for them.
enum class Use { documents, time_stamps };

class TrustStore {
public:
    // config_invalid with every fault: a file that holds nothing, an unknown key, a name that is not there.
    static Result<TrustStore> load(const std::filesystem::path& folder, TrustLimits limits = {});
    ~TrustStore();
    TrustStore(TrustStore&&) noexcept;

    // `sent` may help to build the chain and is not trusted. `proven`: that it was signed at `at` is beyond
    // doubt, so that a later revocation does not matter.
    Standing judge(
        const Certificate& leaf,
        const std::vector<Certificate>& sent,
        Time at,
        bool proven = false,
        Use use = Use::documents
    ) const;

    // For signatures of the world outside, never for mail: a key that is too short, a certificate under a
    // weak digest, extensions that RFC 5280 wants otherwise are told as a weakness and do not refuse.
    Standing judge_leniently(const Certificate& leaf, const std::vector<Certificate>& sent, Time at) const;

    // Whether this certificate speaks for the agency: an OU is its code, or bindings.toml says so; when that
    // names the agency, only what stands there counts.
    bool speaks_for(const Certificate& certificate, std::string_view agency) const;

    // The addresses of trust.toml's responders, each once: nobody else is asked.
    std::vector<std::string> responders() const;
    // What came of asking what stood in Standing::open: an answer, which counts from now on when nothing is
    // given back, or why there is none; the check "revocation" tells it.
    std::optional<std::string> learn(
        const OcspQuery& query, std::string_view request, std::string_view answer, Time now
    ) const;
    void unanswered(const OcspQuery& query, std::string why) const;

    std::size_t anchor_count() const;
    std::vector<Certificate> known() const;  // anchors and intermediates

private:
    struct Impl;
    explicit TrustStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::signature
