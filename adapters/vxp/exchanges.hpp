// The bodies of the axis' calls as they pass: the envelope going out, replies coming in. Private to vxp.
// Thread: io.
#pragma once

#include "adapters/vxp/reply_reader.hpp"
#include "gateway/http/client.hpp"
#include "gateway/ports/outlet.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace axis::vxp {

// Takes an envelope in pieces; the view holds during the call. An error is ours, not the axis'.
using Taker = std::function<Task<Result<>>(std::string_view)>;

// The envelope and, as the SDK has it, CR LF behind it.
class EnvelopeSource final : public http::BodySource {
public:
    EnvelopeSource(ports::ByteStream& envelope, bool crlf) : envelope_{envelope}, crlf_{crlf} {}
    std::uint64_t length() const override { return envelope_.length() + (crlf_ ? 2 : 0); }
    Task<Result<std::string_view>> next() override;
    const Error& ours() const { return ours_; }  // the envelope could not be read

private:
    ports::ByteStream& envelope_;
    bool crlf_;
    bool ended_ = false;
    std::uint64_t given_ = 0;
    Error ours_;
};

// A JSON reply; with a taker, its base64 `data` is decoded and passed on while it comes in.
class JsonSink final : public http::BodySink {
public:
    JsonSink(std::uint64_t bytes_max, ReplyReader::OnRow on_row, Taker taker = {})
        : reader{std::move(on_row)}, bytes_max_{bytes_max}, taker_{std::move(taker)} {}
    bool wants(unsigned, const http::Headers&) override { return true; }
    Task<Result<>> take(std::string_view piece) override;
    const Error& ours() const { return ours_; }

    ReplyReader reader;

private:
    std::uint64_t bytes_max_;
    Taker taker_;
    std::uint64_t bytes_ = 0;
    Error ours_;
};

// The reply of downloadEdoc, which says only by its bytes whether it is an envelope, an error page or JSON.
// Nothing is passed on before that is certain.
class DownloadSink final : public http::BodySink {
public:
    enum class What { undecided, envelope, page, other };

    DownloadSink(std::uint64_t bytes_max, Taker taker) : bytes_max_{bytes_max}, taker_{std::move(taker)} {}
    bool wants(unsigned status, const http::Headers& headers) override;
    Task<Result<>> take(std::string_view piece) override;
    Task<Result<>> finish();  // after the whole reply: decides on what is shorter than a guess needs

    What what() const { return what_; }
    bool may_be_cut() const;  // no length was announced and the end is not the root's end tag
    std::string_view excerpt() const { return excerpt_; }
    const Error& ours() const { return ours_; }

private:
    void decide(bool all_is_there);
    Task<Result<>> pass(std::string_view piece);

    std::uint64_t bytes_max_;
    Taker taker_;
    What what_ = What::undecided;
    bool good_status_ = false;
    bool length_known_ = false;
    std::uint64_t bytes_ = 0;
    std::string held_;
    std::string excerpt_;
    std::string tail_;
    Error ours_;
};

}  // namespace axis::vxp
