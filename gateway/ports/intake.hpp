// Intake and Lookup: what an adapter that is called by document software asks of the core.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/base/task.hpp"
#include "gateway/model/delivery.hpp"
#include "gateway/model/ids.hpp"
#include "gateway/ports/outlet.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::ports {

// Who calls: an endpoint whose token was checked.
struct Caller {
    model::EndpointName endpoint;
    std::string request_id;
};

// One package while it comes in. Blocking: each member runs on the files pool, one call at a time; refusals
// come as soon as they are certain (unknown recipients and forbidden classes before a byte of a file is
// taken).
class PackageUpload {
public:
    virtual ~PackageUpload() = default;
    virtual Result<> package(std::string_view json) = 0;  // first, once
    virtual Result<> begin_file(std::string_view name) = 0;
    virtual Result<> file(std::string_view bytes) = 0;
    virtual Result<> end_file() = 0;
};

// What the edXML of a ready envelope cannot say and policy asks for.
struct Declared {
    std::string security_class;  // thuong | mat | toi_mat | tuyet_mat
    bool restricted_publication = false;
    bool denunciation = false;
};

// One ready envelope while it comes in; blocking, like PackageUpload.
class EnvelopeUpload {
public:
    virtual ~EnvelopeUpload() = default;
    virtual Result<> feed(std::string_view bytes) = 0;
};

struct RecipientReceipt {
    std::string code;
    std::string delivery;               // state name
    std::optional<std::string> status;  // business status
    std::string label;
};
struct Receipt {
    std::string id;  // empty for a dry run
    std::string external_id;
    std::string document_id;
    std::vector<RecipientReceipt> recipients;
    std::vector<std::string> warnings;
    bool replayed = false;
};
struct StatusReceipt {
    std::string id;
    std::string to;
};

class Intake {
public:
    virtual ~Intake() = default;

    // overloaded when the endpoint has too many uploads or the disk is at its reserve; stopping.
    virtual Result<std::unique_ptr<PackageUpload>> open_upload(
        Caller caller, std::optional<std::string> idempotency_key
    ) = 0;
    // Completes it: every file there, envelope and renditions made, committed. With dry_run all is checked,
    // nothing kept.
    virtual Task<Result<Receipt>> submit(std::unique_ptr<PackageUpload> upload, bool dry_run) = 0;

    // The same for software that writes edXML itself: forbidden_class before a byte is taken, then whatever
    // the reader refuses, and the checks of a package. A document is answered like a package; a status like
    // report(), as a receipt whose recipients are its addressees.
    virtual Result<std::unique_ptr<EnvelopeUpload>> open_envelope(
        Caller caller, std::optional<std::string> idempotency_key, Declared declared
    ) = 0;
    virtual Task<Result<Receipt>> submit(std::unique_ptr<EnvelopeUpload> upload, bool dry_run) = 0;

    // A status the caller's agency reports about a message it received (13: sent), as the JSON body of POST
    // …/statuses. One message per addressee. not_found, agency_not_yours, status_not_yours, status_invalid,
    // message_not_document.
    virtual Task<Result<std::vector<StatusReceipt>>> report(
        Caller caller, model::MessageId about, std::string json
    ) = 0;

    // Acknowledges events; what is handed over by that sends status 01 in the same commit.
    virtual Task<Result<>> acknowledge_events(Caller caller, std::int64_t through) = 0;
};

// One event in the form of every surface: {"seq","id","type","time","message_id","data"}.
struct Events {
    std::vector<std::string> json;
    std::int64_t last = 0;  // seq of the last one, or what was asked after
};

// A file of a message, decoded and unwrapped while it streams.
struct FileStream {
    std::string name;
    std::string content_type;
    std::uint64_t bytes = 0;
    Sha256 sha256;
    std::unique_ptr<ByteStream> stream;
};

struct Search {
    std::string number;
    std::string external_id;
    std::string state;
    std::string from;
    std::string to;
    std::size_t limit = 100;
};

// Questions. A message the caller neither sent nor received is not_found; a sender sees all recipients, a
// recipient only itself. Answers are JSON texts, the same for REST and the admin socket.
class Lookup {
public:
    virtual ~Lookup() = default;
    virtual Task<Result<std::string>> message(Caller caller, model::MessageId id) = 0;
    virtual Task<Result<std::string>> find(
        Caller caller, Search search
    ) = 0;  // {"messages":[…]}; http_parameter
    virtual Task<Result<std::unique_ptr<ByteStream>>> envelope(Caller caller, model::MessageId id) = 0;
    virtual Task<Result<FileStream>> attachment(
        Caller caller, model::MessageId id, std::size_t ordinal
    ) = 0;  // from 1
    // Waits up to `wait` for the first one after `after`; fewer or none when the time is over.
    virtual Task<Result<Events>> events(
        Caller caller, std::int64_t after, std::size_t limit, Duration wait
    ) = 0;
    virtual Task<Result<std::int64_t>> acknowledged(Caller caller) = 0;  // events through this one; 0: none
};

}  // namespace axis::ports
