// Reads one reply of the axis while it comes in, in memory that does not grow with it: the fields of the
// envelope are kept, rows of a list `data` are handed out one by one, a text `data` is decoded from base64 as
// it passes. Names are found without case, numbers and texts are alike (docId, ErrorCode), unknown members
// are skipped, broken UTF-8 is let pass here and made printable where it is shown. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axis::vxp {

struct ReaderLimits {
    std::size_t text_bytes_max = 4096;  // of one value; the rest is cut off
    std::size_t field_count_max = 64;   // of one row, and of the envelope
};

// Members of one flat object: name in lower case, value as text. Null members are absent.
class Fields {
public:
    std::string_view get(std::string_view lower_name) const;  // empty when absent; the last of that name
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    std::size_t size() const { return fields_.size(); }
    void clear() { fields_.clear(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

class ReplyReader {
public:
    enum class Data { absent, list, text, other };
    using OnRow = std::function<void(const Fields& row)>;

    explicit ReplyReader(OnRow on_row = {}, ReaderLimits limits = {});
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);  // after a syntax error: ignored
    bool finish();                      // true: all of it was one JSON object

    const Fields& envelope() const;
    Data data() const;
    bool data_is_base64() const;       // false as soon as a text `data` is not
    std::string take_data();           // what was decoded since the last call
    std::string_view excerpt() const;  // the first bytes, raw

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace axis::vxp
