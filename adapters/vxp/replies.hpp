// What a reply of the axis means (architecture D6, axis-api.md §1.4 R1 R2). No I/O; any thread.
//
//   success      HTTP 2xx and well-formed and status=OK and ErrorCode=0; nothing else
//   unauthorised ErrorCode 15, 19, or HTTP 401, 403 with JSON
//   rejected     ErrorCode 10, 18, 22, 23
//   deferred     ErrorCode 20, 21 and every other one with status FAIL; the wire failed before the first body
//   byte unknown      HTML, empty, cut, silence, and JSON that contradicts itself
#pragma once

#include "adapters/vxp/reply_reader.hpp"
#include "gateway/http/client.hpp"
#include "gateway/model/delivery.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::vxp {

inline constexpr std::size_t list_entries_max = 100'000;
inline constexpr std::size_t doc_id_bytes_max = 64;

// One call and what came back.
struct Answer {
    Error ours;  // our own side failed (a header value, the disk): nothing else counts
    std::optional<http::Failure> failure;  // the wire failed: only this counts
    unsigned http_status = 0;
    bool is_json = false;     // one complete JSON object
    std::string status;       // "OK", "FAIL"
    std::string code;         // ErrorCode as text
    std::string description;  // ErrorDesc
    std::string doc_id;       // DocId when it is one: 1 … 64 printable ASCII characters, not "0"
    std::string excerpt;      // the first 500 bytes, printable UTF-8
    Duration connect{0};
    Duration transfer{0};
};

// Takes the envelope out of a reader that was fed to its end.
void read_envelope(ReplyReader& reader, Answer& answer);

model::Verdict judge(const Answer& answer);  // `unknown` also when it was the wire, after the first body byte
bool succeeded(const Answer& answer);
// Why it is no success, with the axis' own words; peer_* or the code of what failed here.
Error why(const Answer& answer);
// sendEdoc: a success needs a DocId as well; without it, it is unknown what the axis did.
model::Outcome send_outcome(const Answer& answer);

struct ReceivedItem {
    std::string doc_id;
    std::string from;
    std::string status;  // lower case
    std::string created_time{};
};

struct SentItem {
    std::string sender_doc_id;  // may be empty
    std::string from;
    std::string to;
    std::string title;
    std::string notation;
    std::string sent_time;
    std::string send_status{};     // lower case
    std::string receive_status{};  // of this recipient, lower case
};

template <class Item>
struct List {
    Answer answer;
    std::vector<Item> items;
    std::size_t unusable_count = 0;  // rows without a usable docId
    bool cut = false;                // more than list_entries_max rows
    bool had_data = false;           // the reply had a list at all
};

// Nothing for a row without a usable id.
std::optional<ReceivedItem> received_item(const Fields& row);
SentItem sent_item(const Fields& row);

// A docId we can send back in a header.
bool is_doc_id(std::string_view text);
// Printable, valid UTF-8 of at most `bytes_max` bytes: what is neither becomes a blank or U+FFFD.
std::string printable(std::string_view raw, std::size_t bytes_max);

}  // namespace axis::vxp
