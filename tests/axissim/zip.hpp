// ZIP with one entry, as the reference SDK wraps attachments: deflate, flags 0x0808 (sizes behind the data,
// UTF-8). Both directions are streams over zlib. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace axis::sim {

class ZipWriter {
public:
    explicit ZipWriter(std::string entry_name);
    ~ZipWriter();
    void update(std::string_view bytes, std::string& out);  // appends
    void finish(std::string& out);                          // once

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The content of the first entry; what follows it is not looked at.
class ZipFirstEntry {
public:
    ZipFirstEntry();
    ~ZipFirstEntry();
    bool update(std::string_view bytes, std::string& out);  // appends; false: not a ZIP we can read
    bool finished() const;                                  // the entry came to its end

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::sim
