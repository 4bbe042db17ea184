// EnvelopeReceiver: one foreign envelope while its bytes come in: scanned, texts staged in the spool, then
// read.
//
//   bytes --Scanner--> skeleton                               --read()--> Document | Status
//             '------> text: spool, decoder, digests --decide by name and label--> facts
//
// Ours (disk, shutdown) and theirs (a bad envelope) are told apart: the first is returned by feed(), the
// second comes out of finish() in Received::refused together with what could be kept. Blocking: files pool.
#pragma once

#include "gateway/envelope/attachment.hpp"
#include "gateway/envelope/reader.hpp"
#include "gateway/envelope/scanner.hpp"
#include "gateway/ledger/records.hpp"
#include "gateway/spool/spool.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace axis::intake {

struct ReceiverLimits {
    envelope::ScanLimits scan;
    envelope::AttachmentLimits attachment;
    std::size_t raw_bytes_kept_max = 1024 * 1024;  // of an envelope that not even the scanner takes
};

struct Received {
    std::optional<envelope::Read> read;  // nothing: refused
    Error refused;
    ledger::StoredEnvelope envelope;  // complete unless the scanner refused
    bool scanned = false;
    std::vector<spool::Staged> texts;  // per hole
    std::string raw_head;              // when the scanner refused: the first bytes
};

class EnvelopeReceiver final : private envelope::HoleSink {
public:
    EnvelopeReceiver(spool::Spool& spool, Random& random, ReceiverLimits limits);
    ~EnvelopeReceiver() override;

    Result<> feed(std::string_view bytes);
    Result<Received> finish();

private:
    struct OpenText;
    Result<> begin(std::size_t ordinal) override;
    Result<> text(std::string_view piece) override;
    Result<> end() override;

    Result<> ours_or_theirs(Result<> result);
    void keep_head(std::string_view bytes);
    void hash_markup(std::string_view skeleton);
    Result<> attach_facts(envelope::Read& read);

    spool::Spool& spool_;
    Random& random_;
    ReceiverLimits limits_;
    envelope::Scanner scanner_;
    std::vector<spool::Staged> staged_;
    std::vector<envelope::AttachmentDecoder> decoders_;
    std::unique_ptr<OpenText> open_;
    std::string head_;
    Sha256Hasher hasher_;  // of the whole envelope
    std::size_t markup_hashed_ = 0;
    bool ours_ = false;
    std::optional<Error> refused_;
};

}  // namespace axis::intake
