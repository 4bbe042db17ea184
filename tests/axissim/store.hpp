// What the axis holds: every message as it came, one copy per recipient, and how far each copy got.
//
//   copy:  initial --fetched--> processing --updateStatus--> done | fail
//
// STATE/messages.jsonl tells who sent what to whom, STATE/blobs/<docId>.edxml are the bytes as received;
// facts are read again from the blobs on open. Survives kill -9 (journal.hpp). Thread: io; open() also blocks
// on the blobs.
#pragma once

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "tests/axissim/facts.hpp"
#include "tests/axissim/journal.hpp"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

struct Copy {
    std::string id;      // receiverDocId, 24 hex digits
    std::string code;    // the recipient
    std::string system;  // who may fetch it
    std::string transport = "initial";
    std::string note;  // what updateStatus said beside it
    Time updated{};
    int partner_steps = 0;  // statuses a simulated partner has answered to it
    bool poisoned = false;  // fault: its bytes are replaced by something that is not edXML; not kept

    bool acknowledged() const { return transport == "done" || transport == "fail"; }
};

struct Message {
    std::string id;      // docId, 24 hex digits
    std::string system;  // who sent it
    Facts facts;
    std::uint64_t bytes = 0;
    Time at{};
    std::deque<Copy> copies;
};

struct Recipient {
    std::string code;
    std::string system;
};

// A file being received. Removed again unless Store::add takes it.
class StagedFile {
public:
    StagedFile(std::filesystem::path path, Fd fd) : path_{std::move(path)}, fd_{std::move(fd)} {}
    StagedFile(StagedFile&&) noexcept = default;
    StagedFile& operator=(StagedFile&&) = delete;
    ~StagedFile();
    Result<> append(std::string_view bytes);
    Result<> truncate(std::uint64_t bytes);
    const std::filesystem::path& path() const { return path_; }
    std::uint64_t size() const { return size_; }
    void keep() { path_.clear(); }

private:
    std::filesystem::path path_;
    Fd fd_;
    std::uint64_t size_ = 0;
};

struct Found {
    const Message* message = nullptr;
    Copy* copy = nullptr;  // null when the sender asked for what it sent
};

class Store {
public:
    static Result<std::unique_ptr<Store>> open(std::filesystem::path dir, const Clock& clock, Random& random);

    Result<StagedFile> stage();
    Result<const Message*> add(
        StagedFile file, Facts facts, std::string system, const std::vector<Recipient>& to
    );
    void set_transport(Copy& copy, std::string_view transport, std::string_view note = {});
    void set_partner_steps(Copy& copy, int steps);
    void clear();  // forgets every message and its file; pointers into the store end here

    const std::deque<Message>& messages() const { return messages_; }
    // Copies of one kind that `system` has not acknowledged, oldest first; with acknowledged ones on demand.
    std::vector<Found> listed(std::string_view system, bool statuses, bool with_acknowledged = false);
    // What `system` may read: a copy addressed to it, or a message it sent.
    Found find(std::string_view doc_id, std::string_view system);
    Copy* copy(std::string_view id, const Message** message = nullptr);
    const Message* message(std::string_view id) const;

    std::filesystem::path blob(const Message& message) const {
        return dir_ / "blobs" / (message.id + ".edxml");
    }
    std::filesystem::path scratch();  // a fresh name for a temporary file

private:
    Store(std::filesystem::path dir, const Clock& clock, Random& random)
        : dir_{std::move(dir)}, clock_{clock}, random_{random} {}
    void apply(const boost::json::object& line);
    void index(Message& message);
    std::string new_id();

    std::filesystem::path dir_;
    const Clock& clock_;
    Random& random_;
    std::unique_ptr<Journal> journal_;
    std::deque<Message> messages_;
    std::map<std::string, std::pair<Message*, Copy*>, std::less<>> ids_;  // docIds and receiverDocIds
};

}  // namespace axis::sim
