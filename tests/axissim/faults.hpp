// Faults on demand: each one happens `count` times and is then used up (POST /sim/faults).
//
//   any call                html_502 empty_body error_500_json code_20 accented_error auth_401
//                           slow_reply_ms (value = ms between what is done and its answer)
//   sendEdoc                lost_reply_after_storing no_docid_in_reply wrong_from
//                           slow_store_ms (value = ms from the last byte until the message is there)
//   getReceivedEdocList     relist_done poison
//   getEdoc, downloadEdoc   reserialise reshape zip_wrap cut_body (value = bytes)
//
// With "operation" a fault waits for that operation alone. Not kept over a restart. Thread: io.
#pragma once

#include <boost/json/array.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axis::sim {

class Faults {
public:
    static bool known(std::string_view kind);

    // count 0 takes back what is left of that kind (and operation).
    void add(std::string kind, int count, std::int64_t value = 0, std::string operation = {});
    // Uses the fault up once, if it is armed for this operation; gives its value.
    std::optional<std::int64_t> take(std::string_view kind, std::string_view operation);
    void clear() { armed_.clear(); }
    boost::json::array list() const;

private:
    struct Armed {
        std::string kind;
        int count = 0;
        std::int64_t value = 0;
        std::string operation;
    };
    std::vector<Armed> armed_;
};

}  // namespace axis::sim
