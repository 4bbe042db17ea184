// Ber: the bare encoding of a signed message, before OpenSSL reads it. OpenSSL lets pass what nothing covers:
// version numbers, sets that are not marked as sets. Here each byte has to have its one meaning. Internal to
// signature/. Any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace axis::signature::cms {

struct MessageHead {
    int version = 0;
    std::vector<std::string_view> digests;  // object identifiers, as encoded
    int signer_version = 0;                 // of the first signer
};

// Of the message that begins here; nothing when its encoding is irregular.
std::optional<MessageHead> head_of(std::string_view message);

}  // namespace axis::signature::cms
