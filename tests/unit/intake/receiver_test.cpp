// Goal: what is stored of an envelope is what will be sent on. Method: receivers fed with invented envelopes,
// cut anywhere.
#include "gateway/base/file.hpp"
#include "gateway/intake/envelope_receiver.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace axis;

TEST_SUITE_BEGIN("intake");

namespace {

intake::Received receive(spool::Spool& spool, std::string_view bytes, std::size_t piece) {
    SeededRandom random{7};
    intake::EnvelopeReceiver receiver{spool, random, {}};
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        REQUIRE(receiver.feed(bytes.substr(0, piece)).has_value());
    return receiver.finish().value();
}

std::string stored_bytes(const intake::Received& received) {
    std::string out;
    std::size_t markup = 0;
    for (std::size_t i = 0; i < received.texts.size(); ++i) {
        const auto until = received.envelope.holes[i].offset;
        out.append(received.envelope.skeleton, markup, until - markup);
        out += received.texts[i].inline_text();
        markup = until;
    }
    return out.append(received.envelope.skeleton, markup);
}

}  // namespace

TEST_CASE(
    "an envelope's digest and size are those of its stored bytes, which are the input without BOM and junk"
) {
    const test::TempDir dir;
    const auto spool = spool::Spool::open(dir / "spool", {}, spool::posix_disk()).value();
    const auto document =
        read_file(std::filesystem::path{AXIS_SOURCE_DIR} / "tests/data/envelope/document.edxml").value();
    const std::string mime =
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\nContent-Type: "
        "text/xml\r\n\r\n"
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' "
        "xmlns='http://www.e-doc.vn/Schema/'><e:Header>"
        "<MessageHeader><From><OrganId>G98</OrganId></From></MessageHeader></e:Header></e:Envelope>\r\n"
        "--B\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/pdf; "
        "name=a.pdf\r\n\r\nJVBE\r\nRi0x\r\n--B--\r\n";

    for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, std::size_t{100'000}}) {
        CAPTURE(piece);
        for (const auto& [sent, kept] :
             {std::pair{document, document},
              std::pair{
                  "\xEF\xBB\xBF"
                  "12" +
                      document,
                  document},
              std::pair{mime, mime}}) {
            const auto received = receive(*spool, sent, piece);
            CHECK_MESSAGE(received.read.has_value(), to_string(received.refused));
            CHECK(stored_bytes(received) == kept);
            CHECK(received.envelope.sha256 == sha256(kept));
            CHECK(received.envelope.bytes == kept.size());
        }
    }
}

TEST_SUITE_END();
