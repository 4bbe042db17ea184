// What a text becomes between two tags, so that it reads back as it was. Internal to envelope/. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace axis::envelope {

inline void escape_text(std::string_view text, std::string& out) {
    for (const char c : text) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '\r':  // a line end for who reads
                out += "&#13;";
                break;
            default:
                out += c;
        }
}

}  // namespace axis::envelope
