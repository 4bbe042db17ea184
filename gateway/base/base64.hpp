// Base64 (RFC 4648, standard alphabet) as a stream in both directions.
// The decoder takes white space anywhere and a missing padding at the end; padding inside, foreign characters
// and a lone last character are refused: decoders disagree about them. Any thread; no allocation but the
// output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace axis {

class Base64Encoder {
public:
    void update(std::string_view bytes, std::string& out);  // appends
    void finish(std::string& out);                          // appends the rest with padding; starts anew

private:
    std::uint8_t held_[3]{};
    std::size_t held_count_ = 0;
};

class Base64Decoder {
public:
    // Appends what can be decoded. False: not base64; the decoder is then spent.
    bool update(std::string_view text, std::string& out);
    // False: the text ends in the middle of a group. A missing padding is let pass.
    bool finish(std::string& out);
    bool had_cr() const { return had_cr_; }
    bool had_space() const { return had_space_; }
    bool padding_missing() const { return padding_missing_; }

private:
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;    // characters of the open group
    unsigned padding_ = 0;  // '=' seen
    bool had_cr_ = false;
    bool had_space_ = false;
    bool padding_missing_ = false;
};

std::string base64_encode(std::string_view bytes);
bool base64_decode(std::string_view text, std::string& out);

}  // namespace axis
