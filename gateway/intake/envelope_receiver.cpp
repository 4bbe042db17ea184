#include "gateway/intake/envelope_receiver.hpp"

namespace axis::intake {

struct EnvelopeReceiver::OpenText {
    spool::Writer writer;
    envelope::AttachmentDecoder decoder;
};

EnvelopeReceiver::EnvelopeReceiver(spool::Spool& spool, Random& random, ReceiverLimits limits)
    : spool_{spool}, random_{random}, limits_{limits}, scanner_{limits.scan, *this} {}
EnvelopeReceiver::~EnvelopeReceiver() = default;

Result<> EnvelopeReceiver::begin(std::size_t) {
    hash_markup(scanner_.skeleton());
    open_ = std::make_unique<OpenText>(OpenText{
        spool_.writer(),
        envelope::AttachmentDecoder{envelope::AttachmentDecoder::Mode::by_label, limits_.attachment}});
    return {};
}

Result<> EnvelopeReceiver::text(std::string_view piece) {
    hasher_.update(piece);
    auto written = open_->writer.write(piece);
    ours_ = !written.has_value();
    if (!written) return written;
    return open_->decoder.update(piece);
}

Result<> EnvelopeReceiver::end() {
    auto decoded = open_->decoder.finish();
    if (!decoded) return decoded;
    auto staged = open_->writer.finish();
    ours_ = !staged.has_value();
    if (!staged) return staged.error();
    staged_.push_back(std::move(*staged));
    decoders_.push_back(std::move(open_->decoder));
    open_.reset();
    return {};
}

// The envelope's digest is of markup and texts in their order, as it will be sent: no BOM, no junk.
void EnvelopeReceiver::hash_markup(std::string_view skeleton) {
    hasher_.update(skeleton.substr(markup_hashed_));
    markup_hashed_ = skeleton.size();
}

void EnvelopeReceiver::keep_head(std::string_view bytes) {
    if (head_.size() < limits_.raw_bytes_kept_max)
        head_ += bytes.substr(0, limits_.raw_bytes_kept_max - head_.size());
}

Result<> EnvelopeReceiver::ours_or_theirs(Result<> result) {
    if (result) return {};
    if (ours_) return result.error();
    refused_ = result.error();
    open_.reset();
    staged_.clear();
    return {};
}

Result<> EnvelopeReceiver::feed(std::string_view bytes) {
    keep_head(bytes);
    if (refused_) return {};
    return ours_or_theirs(scanner_.feed(bytes));
}

// Names and labels stand in the skeleton, before or after the text: only now can be said which reading holds.
Result<> EnvelopeReceiver::attach_facts(envelope::Read& read) {
    auto* document = std::get_if<model::Document>(&read.content);
    if (!document) return {};
    for (std::size_t i = 0; i < document->attachments.size(); ++i) {
        auto& attachment = document->attachments[i];
        const auto hole = read.hole_of.at(i);
        auto facts = decoders_.at(hole).decide(attachment.name, attachment.content_type);
        if (!facts) return facts.error();
        attachment.facts = {
            staged_.at(hole).sha256(),
            staged_.at(hole).bytes(),
            decoders_.at(hole).has_cr(),
            facts->wrapped,
            facts->sha256,
            facts->bytes};
    }
    return {};
}

Result<Received> EnvelopeReceiver::finish() {
    if (!refused_) {
        auto ended = ours_or_theirs(scanner_.finish());
        if (!ended) return ended.error();
    }
    Received out;
    if (refused_) {
        out.refused = *refused_;
        out.raw_head = std::move(head_);
        return out;
    }
    out.scanned = true;
    head_ = {};
    auto& envelope = out.envelope;
    envelope.skeleton = scanner_.take_skeleton();
    hash_markup(envelope.skeleton);
    envelope.sha256 = hasher_.finish();
    envelope.bytes = envelope.skeleton.size();
    const auto& holes = scanner_.holes();
    for (std::size_t i = 0; i < holes.size(); ++i) {
        envelope.holes.push_back({holes[i].offset, staged_.at(i).sha256(), holes[i].bytes, holes[i].has_cr});
        envelope.bytes += holes[i].bytes;
    }
    auto read = envelope::read(envelope.skeleton, holes, random_, scanner_.dropped());
    if (read) {
        auto facts = attach_facts(*read);
        if (facts)
            out.read = std::move(*read);
        else
            out.refused = facts.error();
    } else {
        out.refused = read.error();
    }
    out.texts = std::move(staged_);
    return out;
}

}  // namespace axis::intake
