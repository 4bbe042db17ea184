// What the scanner asks of single bytes. Internal to envelope/. Any thread.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/envelope/scanner.hpp"

#include <cstddef>
#include <string_view>

namespace axis::envelope {

// Where in the input the scanner stands.
class Place {
public:
    void pass(std::string_view bytes);
    // Bytes whose line feeds were counted already; `last_line` are those behind the last of them.
    void pass(std::uint64_t bytes, std::uint64_t line_feeds, std::uint64_t last_line);
    std::uint64_t bytes() const { return bytes_; }
    Position position() const { return {line_, bytes_ - line_start_ + 1}; }

private:
    std::uint64_t bytes_ = 0;
    std::uint64_t line_ = 1;
    std::uint64_t line_start_ = 0;
};

// Bytes of markup: UTF-8 (RFC 3629) without NUL and other control characters, whatever the pieces they come
// in.
class MarkupCheck {
public:
    // How many bytes are good; `fault` says what is wrong with the next one, errc::none when all are good.
    std::size_t pass(std::string_view bytes, errc& fault);
    bool complete() const { return pending_ == 0; }  // no character is open

private:
    bool continues(unsigned char c);
    bool starts(unsigned char c);
    unsigned pending_ = 0;                    // continuation bytes still to come
    unsigned char low_ = 0x80, high_ = 0xBF;  // of the next one
    unsigned char lead_ = 0;
};

// The leading run of base64 characters and white space, and whether there is white space in it.
struct Base64Run {
    std::size_t bytes = 0;
    bool white = false;
};
Base64Run base64_run(std::string_view text);
std::size_t white_run(std::string_view text);
// Up to a quote, '=', '<' or '>'.
std::size_t tag_run(std::string_view text);
// The beginning of a hostile name, for an error's detail; never half a character.
std::string_view shown(std::string_view name);

}  // namespace axis::envelope
