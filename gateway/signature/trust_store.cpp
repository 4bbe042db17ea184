#include "gateway/signature/trust_store.hpp"

#include "gateway/signature/openssl.hpp"
#include "gateway/signature/trust_files.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace axis::signature {

namespace {

using ListsHandle = std::unique_ptr<STACK_OF(X509_CRL), Freed<[](STACK_OF(X509_CRL) * stack) {
                                        sk_X509_CRL_pop_free(stack, X509_CRL_free);
                                    }>>;

constexpr int security_level = 2;  // RSA and DSA from 2048 bits, EC from 224, no SHA-1 below an anchor

struct Manner {
    bool proven = false;
    bool lenient = false;
    Use use = Use::documents;
};

// Faults of a certificate's form or strength, not of whose it is.
bool is_weakness(int error, int depth) {
    switch (error) {
        case X509_V_ERR_INVALID_CA:
            return depth == 0;  // of a signer: neither plainly an authority nor plainly none
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
        case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
        case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
        case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
        case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
        case X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3:
            return true;
        default:
            return false;
    }
}

// What the callback learns while OpenSSL walks the chain.
struct Walk {
    std::time_t at = 0;
    Manner manner{};
    std::vector<const X509_CRL*> consulted{};
    std::vector<Unlisted> unlisted{};
    std::string weakness{};

    static Walk& of(X509_STORE_CTX* context) {
        return *static_cast<Walk*>(X509_STORE_CTX_get_app_data(context));
    }

    // A list that is missing or late makes the answer unknown, which is told, and not an error.
    int revocation_unknown(X509_STORE_CTX* context, const char* why) {
        const auto depth = X509_STORE_CTX_get_error_depth(context);
        const bool anchor = depth + 1 == sk_X509_num(X509_STORE_CTX_get0_chain(context));
        if (anchor && depth > 0) return 1;  // of an authority nobody asks; a pinned signer may be on a list
        unlisted.push_back(
            {static_cast<std::size_t>(depth), std::string{why} + " (depth " + std::to_string(depth) + ")"}
        );
        return 1;
    }

    // By every list that names it. (OpenSSL has forgotten here which list it read.)
    bool revoked_later(X509_STORE_CTX* context) const {
        if (!manner.proven) return false;
        auto* certificate = X509_STORE_CTX_get_current_cert(context);
        const ListsHandle lists{X509_STORE_CTX_get1_crls(context, X509_get_issuer_name(certificate))};
        bool later = false;
        for (int i = 0; i < sk_X509_CRL_num(lists.get()); ++i) {
            X509_REVOKED* entry = nullptr;
            if (X509_CRL_get0_by_cert(sk_X509_CRL_value(lists.get(), i), &entry, certificate) != 1) continue;
            later = ASN1_TIME_cmp_time_t(X509_REVOKED_get0_revocationDate(entry), at) > 0;
            if (!later) return false;
        }
        return later;
    }

    // OpenSSL's own look into a list, which has passed its checks; noted, since it is forgotten afterwards.
    static int look_into(X509_STORE_CTX* context, X509_CRL* list, X509* certificate) {
        static const auto look = [] {
            const StoreHandle plain{X509_STORE_new()};
            const StoreContextHandle any{X509_STORE_CTX_new()};
            X509_STORE_CTX_init(any.get(), plain.get(), nullptr, nullptr);
            return X509_STORE_CTX_get_cert_crl(any.get());
        }();
        auto& all = of(context).consulted;
        if (std::find(all.begin(), all.end(), list) == all.end()) all.push_back(list);
        return look(context, list, certificate);
    }

    static int on_error(int ok, X509_STORE_CTX* context) {
        if (ok != 0) return 1;
        auto& walk = of(context);
        switch (X509_STORE_CTX_get_error(context)) {
            case X509_V_ERR_UNABLE_TO_GET_CRL:
            case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
            case X509_V_ERR_DIFFERENT_CRL_SCOPE:
                return walk.revocation_unknown(context, "no list of revoked certificates of this issuer");
            case X509_V_ERR_CRL_HAS_EXPIRED:
                return walk.revocation_unknown(context, "the list of revoked certificates is out of date");
            case X509_V_ERR_CRL_NOT_YET_VALID:
                return 1;  // a newer list than the time that is asked about
            case X509_V_ERR_CRL_SIGNATURE_FAILURE:
                return walk.revocation_unknown(
                    context, "the list of revoked certificates is not its issuer's"
                );
            case X509_V_ERR_CERT_REVOKED:
                return walk.revoked_later(context) ? 1 : 0;
            default:
                return walk.tolerated(context) ? 1 : 0;
        }
    }

    bool tolerated(X509_STORE_CTX* context) {
        const int error = X509_STORE_CTX_get_error(context);
        if (!manner.lenient || !is_weakness(error, X509_STORE_CTX_get_error_depth(context))) return false;
        if (weakness.empty()) weakness = described(context);
        // Or it would be raised once more, tolerated, in place of "nobody trusted has issued this".
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return true;
    }

    static std::string described(X509_STORE_CTX* context) {
        return std::string{X509_verify_cert_error_string(X509_STORE_CTX_get_error(context))} + " (depth " +
               std::to_string(X509_STORE_CTX_get_error_depth(context)) + ")";
    }
};

Reason reason_of(int error) {
    switch (error) {
        case X509_V_OK:
            return Reason::holds;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return Reason::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return Reason::not_yet;
        case X509_V_ERR_CERT_REVOKED:
            return Reason::revoked;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_CERT_UNTRUSTED:
            return Reason::no_issuer;
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return Reason::key_weak;
        default:
            return Reason::chain;
    }
}

std::vector<std::string> chain_of(X509_STORE_CTX* context) {
    std::vector<std::string> out;
    const auto* chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        unsigned char* bytes = nullptr;
        const int size = i2d_X509(sk_X509_value(chain, i), &bytes);
        out.emplace_back(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(std::max(size, 0)));
        OPENSSL_free(bytes);
    }
    return out;
}

// What a responder said of one certificate of a chain, and what follows from it.
struct Told {
    bool settled = false;  // not revoked, as far as the question goes
    bool revoked = false;
    bool counts = false;  // the answer is part of the verdict
    std::string words{};
};

Told told_by(const OcspAnswers::Known& known, Time at, bool proven, std::size_t place) {
    using Status = OcspAnswer::Status;
    const auto depth = " (depth " + std::to_string(place) + ")";
    const auto failure = known.failure.empty() ? "" : known.failure + depth;
    if (!known.answer) return {false, false, false, failure};
    const auto& answer = *known.answer;
    const auto source = known.source + depth;
    if (answer.status == Status::revoked) {  // and stays so, also when the answer is old
        const bool later = proven && answer.revoked_at > at;
        return {later, !later, true, "revoked " + to_local_text(answer.revoked_at) + " by " + source};
    }
    if (!known.current) return {false, false, false, failure.empty() ? "out of date: " + source : failure};
    if (answer.status == Status::unknown) return {false, false, true, "not known to " + source};
    return {true, false, true, "good " + to_local_text(answer.this_update) + " by " + source};
}

}  // namespace

struct TrustStore::Impl {
    TrustLimits limits;
    TrustFiles files;
    OcspAnswers answers;
    StoreHandle store{X509_STORE_new()};

    struct Cached {
        Standing standing;
        Time at{};
    };
    std::mutex mutex;
    std::unordered_map<Sha256, Cached> cache;  // by leaf and what was sent with it

    Impl(TrustLimits l, TrustFiles f) : limits{l}, files{std::move(f)}, answers{limits.ocsp, files.answers} {
        for (const auto& anchor : files.anchors)
            X509_STORE_add_cert(store.get(), anchor.certificate.handle());
        for (const auto& list : files.revoked) X509_STORE_add_crl(store.get(), list.handle.get());
        auto* parameters = X509_STORE_get0_param(store.get());
        X509_VERIFY_PARAM_set_flags(
            parameters,
            X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                X509_V_FLAG_PARTIAL_CHAIN  // a pinned certificate is an anchor of its own
        );
        X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(limits.depth_max));
        X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
        X509_STORE_set_verify_cb(store.get(), &Walk::on_error);
        X509_STORE_set_cert_crl(store.get(), &Walk::look_into);
    }

    Standing walk(const Certificate& leaf, const std::vector<Certificate>& sent, Time at, Manner manner)
        const {
        const StackHandle helpers{sk_X509_new_null()};
        for (const auto& certificate : sent) sk_X509_push(helpers.get(), certificate.handle());
        for (const auto& certificate : files.intermediates) sk_X509_push(helpers.get(), certificate.handle());
        const StoreContextHandle context{X509_STORE_CTX_new()};
        if (!context || X509_STORE_CTX_init(context.get(), store.get(), leaf.handle(), helpers.get()) != 1)
            return {Reason::chain, openssl_error(), "", Revocation::unknown, "", {}};
        Walk walk{seconds(at), manner};
        X509_STORE_CTX_set_app_data(context.get(), &walk);
        X509_STORE_CTX_set_time(context.get(), 0, walk.at);
        const bool good = X509_verify_cert(context.get()) == 1;
        const int error = X509_STORE_CTX_get_error(context.get());
        ERR_clear_error();

        Standing out;
        out.reason = good ? Reason::holds : reason_of(error);
        if (out.reason != Reason::holds) out.detail = Walk::described(context.get());
        out.weakness = walk.weakness;
        out.chain = chain_of(context.get());
        out.revocation = out.reason == Reason::revoked   ? Revocation::revoked
                         : good && walk.unlisted.empty() ? Revocation::good
                                                         : Revocation::unknown;
        if (!walk.unlisted.empty()) out.revocation_detail = walk.unlisted.front().why;
        out.unlisted = std::move(walk.unlisted);
        for (const auto& list : files.revoked)
            if (std::find(walk.consulted.begin(), walk.consulted.end(), list.handle.get()) !=
                walk.consulted.end())
                out.materials.push_back(list.material);
        if (good) end_at_anchor(out, at, manner.use);
        return out;
    }

    Standing remembered(
        const Certificate& leaf, const std::vector<Certificate>& sent, Time at, Manner manner
    );

    const Responder* responder_of(const Certificate& issuer) const {
        for (const auto& responder : files.responders)
            for (const auto& known : responder.issuers)
                if (known.der() == issuer.der()) return &responder;
        return nullptr;
    }
    bool is_anchor(const Certificate& certificate) const {
        return std::any_of(files.anchors.begin(), files.anchors.end(), [&](const Anchor& anchor) {
            return anchor.certificate.der() == certificate.der();
        });
    }
    void ask_answers(Standing& out, Time at, bool proven);

    // The name of the anchor; and whether it is trusted at that time, for this.
    void end_at_anchor(Standing& out, Time at, Use use) const {
        for (const auto& anchor : files.anchors) {
            if (anchor.certificate.der() != out.chain.back()) continue;
            out.anchor = anchor.name + (anchor.purpose.empty() ? "" : " (" + anchor.purpose + ")");
            const bool outside = (anchor.from && at < *anchor.from) || (anchor.until && at >= *anchor.until);
            const bool another = anchor.purpose == (use == Use::documents ? "tsa" : "partner");
            if (!outside && !another) return;
            out.reason = Reason::no_issuer;
            out.detail = outside                 ? "the anchor is not trusted at this time: "
                         : use == Use::documents ? "the anchor is trusted for time stamps only: "
                                                 : "the anchor is not trusted for time stamps: ";
            out.detail += anchor.name;
            return;
        }
        out.reason = Reason::no_issuer;
        out.detail = "the chain ends at no anchor";
    }
};

TrustStore::TrustStore(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
TrustStore::~TrustStore() = default;
TrustStore::TrustStore(TrustStore&&) noexcept = default;

Result<TrustStore> TrustStore::load(const std::filesystem::path& folder, TrustLimits limits) {
    auto files = read_trust_folder(folder, limits);
    if (!files) return files.error();
    return TrustStore{std::make_unique<Impl>(limits, std::move(*files))};
}

Standing TrustStore::Impl::remembered(
    const Certificate& leaf, const std::vector<Certificate>& sent, Time at, Manner manner
) {
    Sha256Hasher key;
    key.update(manner.proven ? "1" : manner.lenient ? "2" : "0");
    key.update(manner.use == Use::documents ? "d" : "t");
    key.update(leaf.der());
    for (const auto& certificate : sent) key.update(certificate.der());
    const auto id = key.finish();
    {
        const std::lock_guard lock{mutex};
        const auto hit = cache.find(id);
        // Only forwards: what held then holds until it is asked again, not before. What was too early is soon
        // not so any more.
        if (hit != cache.end() && at >= hit->second.at && at < hit->second.at + limits.cached_for &&
            (at < leaf.facts().not_after || hit->second.standing.reason != Reason::holds) &&
            hit->second.standing.reason != Reason::not_yet)
            return hit->second.standing;
    }
    auto standing = walk(leaf, sent, at, manner);
    const std::lock_guard lock{mutex};
    if (cache.size() >= limits.cached_leaves_max) cache.clear();
    cache[id] = {standing, at};
    return standing;
}

// Beside the lists: an answer settles what they leave open, and a revocation that one knows of counts.
void TrustStore::Impl::ask_answers(Standing& out, Time at, bool proven) {
    if (out.reason != Reason::holds || (files.answers.empty() && files.responders.empty())) return;
    std::vector<Certificate> chain;
    for (const auto& der : out.chain)
        if (auto certificate = Certificate::from_der(der)) chain.push_back(std::move(*certificate));
    std::string words;
    const auto add = [&words](const std::string& more) {
        if (!more.empty()) words += (words.empty() ? "" : "; ") + more;
    };
    bool all = true;
    for (std::size_t place = 0; place + 1 < chain.size(); ++place) {
        const auto& issuer = chain[place + 1];
        const auto known = answers.of(chain[place], issuer, at);
        const auto told = told_by(known, at, proven, place);
        if (told.counts) out.materials.push_back(known.answer->material);
        if (told.revoked) {
            out.reason = Reason::revoked;
            out.detail = told.words;
        }
        const auto unlisted = std::find_if(out.unlisted.begin(), out.unlisted.end(), [&](const Unlisted& u) {
            return u.place == place;
        });
        const bool open = unlisted != out.unlisted.end() && !told.settled;
        if (open) add(unlisted->why);
        add(told.words);
        if (!open) continue;
        all = false;
        const auto* responder = is_anchor(chain[place]) || known.current ? nullptr : responder_of(issuer);
        if (responder != nullptr) out.open.push_back({chain[place], issuer, responder->url});
    }
    out.revocation = out.reason == Reason::revoked ? Revocation::revoked
                     : all                         ? Revocation::good
                                                   : Revocation::unknown;
    out.revocation_detail = std::move(words);
}

Standing TrustStore::judge(
    const Certificate& leaf, const std::vector<Certificate>& sent, Time at, bool proven, Use use
) const {
    auto standing = impl_->remembered(leaf, sent, at, {proven, false, use});
    impl_->ask_answers(standing, at, proven);
    return standing;
}

Standing TrustStore::judge_leniently(const Certificate& leaf, const std::vector<Certificate>& sent, Time at)
    const {
    auto standing = impl_->remembered(leaf, sent, at, {false, true, Use::documents});
    impl_->ask_answers(standing, at, false);
    return standing;
}

std::vector<std::string> TrustStore::responders() const {
    std::vector<std::string> out;
    for (const auto& responder : impl_->files.responders)
        if (std::find(out.begin(), out.end(), responder.url) == out.end()) out.push_back(responder.url);
    return out;
}

std::optional<std::string> TrustStore::learn(
    const OcspQuery& query, std::string_view request, std::string_view answer, Time now
) const {
    return impl_->answers.learn(query, request, answer, now);
}

void TrustStore::unanswered(const OcspQuery& query, std::string why) const {
    impl_->answers.unanswered(query, std::move(why));
}

bool TrustStore::speaks_for(const Certificate& certificate, std::string_view agency) const {
    const auto& facts = certificate.facts();
    const auto has_unit = [&](std::string_view unit) {
        return std::find(facts.units.begin(), facts.units.end(), unit) != facts.units.end();
    };
    bool named = false;
    for (const auto& b : impl_->files.bindings) {
        if (b.agency != agency) continue;
        named = true;
        const bool holds = b.certificate
                               ? *b.certificate == facts.sha256
                               : b.issuer == facts.issuer && (b.subject.empty() || b.subject == facts.name) &&
                                     (b.unit.empty() || has_unit(b.unit));
        if (holds) return true;
    }
    return !named && !agency.empty() && has_unit(agency);
}

std::vector<Certificate> TrustStore::known() const {
    auto out = impl_->files.intermediates;
    for (const auto& anchor : impl_->files.anchors) out.push_back(anchor.certificate);
    return out;
}

std::size_t TrustStore::anchor_count() const {
    return impl_->files.anchors.size();
}

}  // namespace axis::signature
