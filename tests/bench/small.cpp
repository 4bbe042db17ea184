// A small document against libxml2 alone on the same markup.
#include "gateway/base/base64.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/reader.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/envelope/writer.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/rows.hpp"
#include "tests/bench/sample.hpp"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <optional>
#include <stdexcept>

namespace axis::bench {

namespace {

constexpr std::size_t markup_bytes = 12 * 1024;
constexpr std::size_t attachment_bytes = 8 * 1024;
constexpr int rounds = 40;
constexpr int repeats = 50;

class Decode final : public envelope::HoleSink {
public:
    Result<> begin(std::size_t) override {
        decoder.emplace(envelope::AttachmentDecoder::Mode::by_label);
        return {};
    }
    Result<> text(std::string_view piece) override { return decoder->update(piece); }
    Result<> end() override { return decoder->finish(); }
    std::optional<envelope::AttachmentDecoder> decoder;
};

std::uint64_t read_whole(const std::string& bytes, Random& random) {
    Decode sink;
    envelope::Scanner scanner{{}, sink};
    if (!scanner.feed(bytes) || !scanner.finish()) throw std::runtime_error("not scanned");
    const auto read = envelope::read(scanner.skeleton(), scanner.holes(), random);
    if (!read) throw std::runtime_error(to_string(read.error()));
    const auto& file = std::get<model::Document>(read->content).attachments.at(0);
    return sink.decoder->decide(file.name, file.content_type).value().bytes;
}

std::size_t write_whole(const model::Document& document, const std::string& file, Random& random) {
    envelope::AttachmentEncoder encoder{document.attachments.at(0).name, random};
    std::string text;
    encoder.update(file, text);
    encoder.finish(text);
    return envelope::write(document).value().skeleton.size() + text.size();
}

struct FreeDoc {
    void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};
using Doc = std::unique_ptr<xmlDoc, FreeDoc>;

Doc parse(const std::string& skeleton) {
    Doc doc{xmlReadMemory(
        skeleton.data(),
        static_cast<int>(skeleton.size()),
        nullptr,
        nullptr,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
    )};
    if (!doc) throw std::runtime_error("libxml2 does not parse it");
    return doc;
}

int dump(xmlDoc* doc) {
    xmlChar* text = nullptr;
    int size = 0;
    xmlDocDumpMemory(doc, &text, &size);
    xmlFree(text);
    return size;
}

}  // namespace

Rows small() {
    SystemRandom random;
    const auto document = bench::document(markup_bytes);
    const auto written = envelope::write(document).value();
    const auto file = file_bytes(attachment_bytes);
    const auto whole = spliced(written, base64_encode(file));
    if (read_whole(whole, random) != file.size()) throw std::runtime_error("the file has another size");
    const auto tree = parse(written.skeleton);
    Best parsing{repeats}, reading{repeats}, dumping{repeats}, writing{repeats}, markup{repeats};
    for (int i = 0; i < rounds; ++i) {
        parsing.take([&] { parse(written.skeleton); });
        reading.take([&] { read_whole(whole, random); });
        dumping.take([&] { dump(tree.get()); });
        writing.take([&] { write_whole(document, file, random); });
        markup.take([&] { static_cast<void>(envelope::write(document)); });
    }
    Rows rows;
    rows.add("markup_bytes", static_cast<double>(written.skeleton.size()));
    rows.add("parse_us", parsing.cpu_us());
    rows.add("read_us", reading.cpu_us());
    rows.add("dump_us", dumping.cpu_us());
    rows.add("write_us", writing.cpu_us());
    rows.add("write_markup_us", markup.cpu_us());
    return rows;
}

}  // namespace axis::bench
