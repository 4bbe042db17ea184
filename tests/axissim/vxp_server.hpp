// The axis as its clients see it: the operations of axis-api.md §1.3 over HTTP.
//
//   request -> signature -> fault? -> operation -> JSON (or the document itself)
//
// The last path segment names the operation, so that any base path works. The body of sendEdoc goes to disk
// as it comes; memory does not grow with documents. Thread: io; documents are parsed and rewritten on the
// files pool.
#pragma once

#include "gateway/base/pool.hpp"
#include "gateway/http/server.hpp"
#include "tests/axissim/auth.hpp"
#include "tests/axissim/download.hpp"
#include "tests/axissim/faults.hpp"
#include "tests/axissim/post_office.hpp"

#include <map>
#include <string>
#include <string_view>

namespace axis::sim {

struct VxpSettings {
    bool attest_no_docid = true;         // getSentEdocList without docId lists everything that was sent
    unsigned auth_failure_status = 200;  // 200 or 401
    std::uint64_t body_bytes_max = 1024 * 1024 * 1024;
};

class VxpServer {
public:
    struct Parts {
        Store& store;
        Directory& directory;
        PostOffice& office;
        Faults& faults;
        Clock& clock;
        Random& random;  // used from the files pool too
        Pool& files;
    };
    VxpServer(Parts parts, VxpSettings settings) : p_{parts}, settings_{settings} {}

    static bool knows(std::string_view operation);
    Task<> serve(http::Exchange& exchange);
    // When each call began that is not answered: by operation, sendEdoc by what it carries ("edoc",
    // "status"). The call of a caller that died is open until its answer would have gone.
    using Open = std::multimap<std::string, Time>;
    const Open& open() const { return open_; }

private:
    class Underway;
    struct Answer {
        std::string body;
        unsigned status = 200;
        std::string content_type = "application/json;charset=UTF-8";
    };

    Task<> operate(http::Exchange& exchange, std::string operation, SignedCall call);
    Task<Answer> send_edoc(http::Exchange& exchange, SignedCall call);
    Task<Result<StagedFile>> receive(http::Exchange& exchange, std::string claimed_hash);
    Task<> hand_out(http::Exchange& exchange, SignedCall call, std::string operation);
    Task<Result<Download>> prepare(Found found, std::string operation);
    Task<> be_slow(std::string_view kind, std::string operation);
    Task<> respond(http::Exchange& exchange, std::string operation, Answer answer);

    std::optional<Answer> early_fault(const std::string& operation);
    std::optional<Verdict> refuse_sender(const SignedCall& call);
    Answer send_answer(const Verdict& verdict, std::string_view doc_id);
    Answer refused_signature() const;
    Answer simple(const std::string& operation, const SignedCall& call, const std::string& body);
    Answer received_list(const SignedCall& call);
    Answer sent_list(const SignedCall& call);
    Answer update_status(const SignedCall& call);
    Answer register_agency(const SignedCall& call, const std::string& body);
    Answer delete_agency(const SignedCall& call);

    Parts p_;
    VxpSettings settings_;
    Open open_;
};

}  // namespace axis::sim
