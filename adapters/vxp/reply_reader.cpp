#include "adapters/vxp/reply_reader.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>

namespace axis::vxp {

namespace json = boost::json;

namespace {

using error_code = json::error_code;

constexpr std::size_t excerpt_bytes_max = 500;
constexpr std::string_view bom = "\xEF\xBB\xBF";

// Where we are: depth 1 is the envelope, 2 the array `data`, 3 a row of it. Deeper things are skipped.
struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    Handler(ReplyReader::OnRow callback, ReaderLimits l) : on_row{std::move(callback)}, limits{l} {}

    bool in_data_value() const { return depth == 1 && key == "data"; }
    bool in_row() const { return depth == 3 && rows; }
    bool wanted() const { return depth == 1 || in_row(); }
    Fields& place() { return depth == 1 ? envelope : row; }

    void keep(std::string_view piece) {
        value += piece.substr(0, limits.text_bytes_max - std::min(limits.text_bytes_max, value.size()));
    }
    void store() {
        if (wanted() && place().size() < limits.field_count_max) place().add(key, value);
        value.clear();
    }
    void scalar(std::string text) {
        if (in_data_value()) data = ReplyReader::Data::other;
        value = std::move(text);
        store();
    }
    void decode(std::string_view piece) {
        data = ReplyReader::Data::text;
        if (base64_ok) base64_ok = base64.update(piece, decoded);
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) {
        if (depth == 1) rows = in_data_value();
        if (in_data_value()) data = ReplyReader::Data::list;
        ++depth;
        return true;
    }
    bool on_array_end(std::size_t, error_code&) {
        if (--depth == 1) rows = false;
        return true;
    }
    bool on_object_begin(error_code&) {
        if (depth == 0) is_object = true;
        if (in_data_value()) data = ReplyReader::Data::other;
        ++depth;
        if (in_row()) row.clear();
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        if (in_row() && on_row) on_row(row);
        --depth;
        return true;
    }
    bool on_key_part(json::string_view piece, std::size_t, error_code&) {
        keep({piece.data(), piece.size()});
        return true;
    }
    bool on_key(json::string_view piece, std::size_t, error_code&) {
        keep({piece.data(), piece.size()});
        if (wanted()) key = lower_ascii(value);
        value.clear();
        return true;
    }
    bool on_string_part(json::string_view piece, std::size_t, error_code&) {
        const std::string_view text{piece.data(), piece.size()};
        if (in_data_value()) {
            decode(text);
        } else {
            keep(text);
        }
        return true;
    }
    bool on_string(json::string_view piece, std::size_t n, error_code& ec) {
        on_string_part(piece, n, ec);
        if (in_data_value()) {
            if (base64_ok) base64_ok = base64.finish(decoded);
        } else {
            store();
        }
        return true;
    }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error_code&) {
        scalar(std::to_string(number));
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
        scalar(std::to_string(number));
        return true;
    }
    bool on_double(double number, json::string_view, error_code&) {
        scalar(std::to_string(number));
        return true;
    }
    bool on_bool(bool flag, error_code&) {
        scalar(flag ? "true" : "false");
        return true;
    }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

    ReplyReader::OnRow on_row;
    ReaderLimits limits;
    int depth = 0;
    bool is_object = false;
    bool rows = false;  // the open array at depth 2 is `data`
    std::string key;
    std::string value;
    Fields envelope;
    Fields row;
    ReplyReader::Data data = ReplyReader::Data::absent;
    Base64Decoder base64;
    bool base64_ok = true;
    std::string decoded;
};

json::parse_options tolerant() {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    return options;
}

}  // namespace

std::string_view Fields::get(std::string_view lower_name) const {
    const auto named = [&](const auto& field) { return field.first == lower_name; };
    const auto found = std::find_if(fields_.rbegin(), fields_.rend(), named);
    return found == fields_.rend() ? std::string_view{} : trimmed(found->second);
}

struct ReplyReader::Impl {
    Impl(OnRow on_row, ReaderLimits limits) : parser{tolerant(), std::move(on_row), limits} {}

    std::string_view without_bom(std::string_view bytes) {
        while (bom_at < bom.size() && !bytes.empty()) {
            if (bytes.front() != bom[bom_at]) {
                bom_at = bom.size();
                break;
            }
            bytes.remove_prefix(1);
            ++bom_at;
        }
        return bytes;
    }

    json::basic_parser<Handler> parser;
    bool broken = false;
    bool began = false;
    std::size_t bom_at = 0;
    std::string excerpt;
};

ReplyReader::ReplyReader(OnRow on_row, ReaderLimits limits)
    : impl_{std::make_unique<Impl>(std::move(on_row), limits)} {}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
    impl_->excerpt += bytes.substr(0, excerpt_bytes_max - impl_->excerpt.size());
    bytes = impl_->without_bom(bytes);
    if (impl_->broken || bytes.empty()) return;
    impl_->began = true;
    error_code ec;
    const auto taken = impl_->parser.write_some(true, bytes.data(), bytes.size(), ec);
    impl_->broken = ec.failed() || taken < bytes.size();
}

bool ReplyReader::finish() {
    if (impl_->broken || !impl_->began) return false;
    if (!impl_->parser.done()) {
        error_code ec;
        impl_->parser.write_some(false, "", 0, ec);
        impl_->broken = ec.failed();
    }
    return !impl_->broken && impl_->parser.done() && impl_->parser.handler().is_object;
}

const Fields& ReplyReader::envelope() const {
    return impl_->parser.handler().envelope;
}

ReplyReader::Data ReplyReader::data() const {
    return impl_->parser.handler().data;
}

bool ReplyReader::data_is_base64() const {
    return impl_->parser.handler().base64_ok;
}

std::string ReplyReader::take_data() {
    return std::exchange(impl_->parser.handler().decoded, {});
}

std::string_view ReplyReader::excerpt() const {
    return impl_->excerpt;
}

}  // namespace axis::vxp
