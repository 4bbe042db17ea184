#include "gateway/envelope/media_type.hpp"

#include <magic.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace axis::envelope {

namespace {

using namespace std::string_view_literals;

struct Beginning {
    std::string_view extension;
    std::string_view bytes;
};

constexpr auto ole2 = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv;
constexpr auto zip = "PK\3\4"sv;

// An extension may stand in several rows. Word and Excel write RTF, HTML and XML under .doc and .xls too.
constexpr std::array beginnings{
    Beginning{"pdf", "%PDF-"},
    Beginning{"doc", ole2},
    Beginning{"doc", "{\\rt"},
    Beginning{"xls", ole2},
    Beginning{"ppt", ole2},
    Beginning{"docx", zip},
    Beginning{"xlsx", zip},
    Beginning{"pptx", zip},
    Beginning{"odt", zip},
    Beginning{"ods", zip},
    Beginning{"odp", zip},
    Beginning{"zip", zip},
    Beginning{"zip", "PK\5\6"},
    Beginning{"rtf", "{\\rt"},
    Beginning{"png", "\x89PNG\r\n\x1A\n"},
    Beginning{"jpg", "\xFF\xD8\xFF"},
    Beginning{"jpeg", "\xFF\xD8\xFF"},
    Beginning{"gif", "GIF8"},
    Beginning{"tif", "II*\0"sv},
    Beginning{"tif", "MM\0*"sv},
    Beginning{"tiff", "II*\0"sv},
    Beginning{"tiff", "MM\0*"sv},
    Beginning{"bmp", "BM"},
    Beginning{"rar", "Rar!\x1A\x07"},
    Beginning{"7z", "7z\xBC\xAF\x27\x1C"},
    Beginning{"gz", "\x1F\x8B"},
};

constexpr std::array<std::string_view, 16> office_archives{
    "docx",
    "docm",
    "dotx",
    "dotm",
    "xlsx",
    "xlsm",
    "xlsb",
    "xltx",
    "pptx",
    "pptm",
    "ppsx",
    "potx",
    "odt",
    "ods",
    "odp",
    "odg"};

// Reads no other files, starts no programs, unpacks nothing.
constexpr int magic_flags =
    MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_ELF;

struct Close {
    void operator()(magic_set* magic) const { magic_close(magic); }
};

}  // namespace

bool begins_as_named(std::string_view extension, std::string_view head) {
    bool known = false;
    for (const auto& row : beginnings) {
        if (row.extension != extension) continue;
        if (head.starts_with(row.bytes)) return true;
        known = true;
    }
    return !known;
}

bool is_office_archive(std::string_view extension) {
    return std::find(office_archives.begin(), office_archives.end(), extension) != office_archives.end();
}

std::string media_type(std::string_view head) {
    // One for the process: its rules take megabytes, and questions are rare.
    static std::mutex mutex;
    static std::unique_ptr<magic_set, Close> magic;
    const std::lock_guard lock{mutex};
    if (!magic) {
        magic.reset(magic_open(magic_flags));
        if (magic && magic_load(magic.get(), nullptr) != 0) magic.reset();
        if (!magic) return {};
    }
    const char* type = magic_buffer(magic.get(), head.data(), std::min(head.size(), head_bytes));
    return type == nullptr ? "" : type;
}

}  // namespace axis::envelope
