// multipart: the first line of the input is the Content-Type, the rest the body. The events are the same
// however the body is cut; a part's bytes stand in the body, in order, and end at a delimiter.
#include "gateway/http/multipart.hpp"

#include "gateway/base/text.hpp"
#include "tests/fuzz/harness.hpp"

using namespace axis;
using namespace axis::fuzz;
using namespace axis::http;

namespace {

struct Heard {
    Part part;
    std::string bytes;
    bool ended = false;
};

bool operator==(const Heard& a, const Heard& b) {
    return a.part.name == b.part.name && a.part.file_name == b.part.file_name &&
           a.part.content_type == b.part.content_type && a.bytes == b.bytes && a.ended == b.ended;
}

class Listener final : public MultipartEvents {
public:
    Result<> begin(const Part& part) override {
        require(parts.empty() || parts.back().ended, "a part begins when the one before has ended");
        parts.push_back({part, {}, false});
        return {};
    }
    Result<> data(std::string_view bytes) override {
        require(!parts.empty() && !parts.back().ended, "bytes belong to an open part");
        require(!bytes.empty(), "no event without bytes");
        parts.back().bytes += bytes;
        return {};
    }
    Result<> end() override {
        require(!parts.empty() && !parts.back().ended, "an open part ends");
        parts.back().ended = true;
        return {};
    }
    std::vector<Heard> parts;
};

struct Outcome {
    std::string said;
    std::vector<Heard> parts;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse(std::string_view content_type, const MultipartLimits& limits, const Cut& cut) {
    Listener listener;
    auto parser = MultipartParser::open(content_type, limits, listener);
    if (!parser) return {said(parser), {}};
    auto result = cut.feed([&](std::string_view piece) { return parser->feed(piece); });
    if (result) result = parser->finish();
    require(parser->finish().has_value() == result.has_value(), "a verdict stays");
    return {said(result), listener.parts};
}

void check(std::string_view content_type, std::string_view body, const MultipartLimits& limits) {
    const auto outcome =
        same_however_cut(body, "a body says the same however it is cut", [&](const Cut& cut) {
            return parse(content_type, limits, cut);
        });
    require(outcome.parts.size() <= limits.part_count_max, "no more parts than the limit");
    std::size_t at = 0;
    for (const auto& [part, bytes, ended] : outcome.parts) {
        require(is_utf8(part.name) && is_utf8(part.file_name.value_or("")), "names are UTF-8");
        require(outcome.said != "ok" || ended, "an accepted body has ended its parts");
        if (!ended) break;
        at = body.find(bytes + "\r\n--", at);
        require(at != std::string_view::npos, "a part's bytes stand in the body and end at a delimiter");
        at += bytes.size();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = text_of(data, size);
    const auto line = std::min(input.find('\n'), input.size());
    const auto body = input.substr(std::min(line + 1, input.size()));
    check(input.substr(0, line), body, {});
    check(input.substr(0, line), body, {.part_header_bytes_max = 80, .part_count_max = 2});
    return 0;
}
