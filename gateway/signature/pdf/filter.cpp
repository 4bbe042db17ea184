#include "gateway/signature/pdf/filter.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>

namespace axis::signature::pdf {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::uint64_t columns_max = 4096;

struct Parameters {
    bool flate = false;
    bool predicted = false;
    std::size_t columns = 1;  // bytes of a row
};

// One filter by its name, or an array of that one.
const Value& only_one(const Value& value) {
    const auto* array = value.as<Array>();
    return array != nullptr && array->size() == 1 ? array->front() : value;
}

bool read_parameters(const Dict& dict, Parameters& out) {
    const auto& filter = only_one(dict["Filter"]);
    if (filter.is_null()) return true;
    if (!filter.is_name("FlateDecode")) return false;
    out.flate = true;
    const auto& given = only_one(dict["DecodeParms"]);
    if (given.is_null()) return true;
    const auto* parameters = given.as<Dict>();
    if (parameters == nullptr) return false;
    const auto number = [&](std::string_view key, std::int64_t otherwise) {
        const auto& value = (*parameters)[key];
        const auto* n = value.as<std::int64_t>();
        return value.is_null() ? otherwise : n == nullptr ? -1 : *n;
    };
    const auto predictor = number("Predictor", 1);
    if (predictor == 1) return true;
    if (predictor < 10 || predictor > 15 || number("Colors", 1) != 1 || number("BitsPerComponent", 8) != 8)
        return false;
    const auto columns = number("Columns", 1);
    if (columns < 1 || columns > static_cast<std::int64_t>(columns_max)) return false;
    out.predicted = true;
    out.columns = static_cast<std::size_t>(columns);
    return true;
}

class Inflater {
public:
    explicit Inflater(std::size_t bytes_max) : bytes_max_{bytes_max} { ready_ = inflateInit(&z_) == Z_OK; }
    ~Inflater() {
        if (ready_) inflateEnd(&z_);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    enum class State { more, end, bad, too_long };
    State feed(std::string& piece, std::string& out) {
        if (!ready_) return State::bad;
        z_.next_in = reinterpret_cast<Bytef*>(piece.data());
        z_.avail_in = static_cast<uInt>(piece.size());
        char buffer[16 * 1024];
        while (true) {
            z_.next_out = reinterpret_cast<Bytef*>(buffer);
            z_.avail_out = sizeof buffer;
            const int result = inflate(&z_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return State::bad;
            out.append(buffer, sizeof buffer - z_.avail_out);
            if (out.size() > bytes_max_) return State::too_long;
            if (result == Z_STREAM_END) return State::end;
            if (z_.avail_out > 0) return State::more;
        }
    }

private:
    z_stream z_{};
    bool ready_ = false;
    std::size_t bytes_max_;
};

int paeth(int left, int up, int up_left) {
    const int guess = left + up - up_left;
    const int a = std::abs(guess - left), b = std::abs(guess - up), c = std::abs(guess - up_left);
    if (a <= b && a <= c) return left;
    return b <= c ? up : up_left;
}

// Rows of one type byte and `columns` bytes, one byte a pixel, in place. False: not whole rows.
bool undo_prediction(std::string& data, std::size_t columns) {
    const auto rows = data.size() / (columns + 1);
    if (rows * (columns + 1) != data.size()) return false;
    const auto at = [&](std::size_t i) -> int { return static_cast<unsigned char>(data[i]); };
    for (std::size_t row = 0; row < rows; ++row) {
        const auto from = row * (columns + 1), to = row * columns;
        const int type = at(from);
        if (type > 4) return false;
        for (std::size_t i = 0; i < columns; ++i) {
            const int left = i > 0 ? at(to + i - 1) : 0;
            const int up = row > 0 ? at(to - columns + i) : 0;
            const int up_left = row > 0 && i > 0 ? at(to - columns + i - 1) : 0;
            const int guesses[] = {0, left, up, (left + up) / 2, paeth(left, up, up_left)};
            data[to + i] = static_cast<char>((at(from + 1 + i) + guesses[type]) & 0xff);
        }
    }
    data.resize(rows * columns);
    return true;
}

}  // namespace

Read<std::string> decoded(const Stream& stream, std::uint64_t end, Reader& reader) {
    Parameters parameters;
    if (!read_parameters(stream.dict, parameters))
        return damaged("a stream with a filter that is not read", stream.begin);
    const auto bytes_max = reader.limits().decoded_bytes_max;
    if (!parameters.flate && stream.length > bytes_max) return beyond("decoded_bytes_max");

    std::string out;
    Inflater inflater{bytes_max};
    auto state = Inflater::State::more;
    for (std::uint64_t read = 0; read < stream.length && state == Inflater::State::more;) {
        const auto want = std::min<std::uint64_t>(stream.length - read, piece_bytes);
        auto piece = reader.window(stream.begin + read, end, static_cast<std::size_t>(want));
        if (!piece) return piece.error();
        if (piece->size() != want) return damaged("a stream that ends too early", stream.begin);
        read += want;
        if (parameters.flate)
            state = inflater.feed(*piece, out);
        else
            out += *piece;
    }
    if (state == Inflater::State::too_long) return beyond("decoded_bytes_max");
    if (parameters.flate && state != Inflater::State::end)
        return damaged("a stream that cannot be decompressed", stream.begin);
    auto charged = reader.charge(out.size());
    if (!charged) return charged.error();
    if (parameters.predicted && !undo_prediction(out, parameters.columns))
        return damaged("a stream with rows of another length", stream.begin);
    return out;
}

}  // namespace axis::signature::pdf
