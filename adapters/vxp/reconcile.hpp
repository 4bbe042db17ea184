// Finds an attempt of ours among what the axis says was sent (architecture D6). No I/O; any thread.
//
// Rows of one senderDocId belong together. They are our attempt when sender, title, notation (whole or its
// part behind the slash) and time agree and their recipients cover ours. Something that could be it but for
// one missing, cut or differently written field, or an earlier time, is doubtful: then nobody may say
// "certainly not there".
#pragma once

#include "adapters/vxp/replies.hpp"
#include "gateway/ports/outlet.hpp"

#include <string>
#include <vector>

namespace axis::vxp {

struct Match {
    enum class How { found, doubtful, none } how = How::none;
    std::string doc_id;  // found: the one nearest in time
    std::string detail;
};

Match find_attempt(const ports::Dispatch& dispatch, const std::vector<SentItem>& rows);

}  // namespace axis::vxp
