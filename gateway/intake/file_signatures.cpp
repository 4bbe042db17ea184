#include "gateway/intake/file_signatures.hpp"

#include "gateway/base/json_object.hpp"
#include "gateway/envelope/attachment.hpp"
#include "gateway/intake/compose.hpp"
#include "gateway/intake/judgement_json.hpp"

#include <algorithm>
#include <set>

namespace axis::intake {

namespace {

using envelope::AttachmentDecoder;
using signature::ByteSource;
using signature::Check;
using signature::Reason;
using signature::Verdict;

constexpr std::uint64_t head_chars = 16 * 1024;

AttachmentDecoder::Mode mode_of(const model::AttachmentFacts& facts) {
    return facts.wrapped ? AttachmentDecoder::Mode::unwrap : AttachmentDecoder::Mode::plain;
}

Result<std::string> head_of(const spool::Staged& text) {
    if (text.is_inline()) return text.inline_text().substr(0, head_chars);
    const auto opened = text.text();
    if (!opened) return Error{errc::blob_missing, text.sha256().hex()};
    std::string out(static_cast<std::size_t>(std::min(head_chars, opened->size())), '\0');
    auto got = opened->read_at(0, out);
    if (!got) return got.error();
    out.resize(*got);
    return out;
}

Result<> decode(
    const model::AttachmentFacts& facts, const spool::Staged& text, AttachmentDecoder::Sink sink
) {
    AttachmentDecoder decoder{mode_of(facts), {}, std::move(sink)};
    auto passed = pass_text(text, [&decoder](std::string_view piece) { return decoder.update(piece); });
    return passed ? decoder.finish() : passed;
}

Result<bool> begins_as_pdf(const model::AttachmentFacts& facts, const spool::Staged& text) {
    if (facts.file_bytes < signature::pdf_begin.size()) return false;
    auto head = head_of(text);
    if (!head) return head.error();
    std::string begin;
    AttachmentDecoder decoder{mode_of(facts), {}, [&begin](std::string_view bytes) -> Result<> {
                                  begin += bytes.substr(0, signature::pdf_begin.size() - begin.size());
                                  return {};
                              }};
    auto decoded = decoder.update(*head);
    if (!decoded) return decoded.error();
    return begin == signature::pdf_begin;
}

ByteSource text_source(std::shared_ptr<const spool::Text> text) {
    const auto size = text->size();
    return {size, [text = std::move(text)](std::uint64_t at, std::span<char> out) -> Result<> {
                while (!out.empty()) {
                    auto got = text->read_at(at, out);
                    if (!got) return got.error();
                    if (*got == 0) return Error{errc::blob_damaged, "shorter than it was"};
                    at += *got;
                    out = out.subspan(*got);
                }
                return {};
            }};
}

class FileJudge {
public:
    FileJudge(
        const spool::Spool& spool, const signature::TrustStore& trust, Time at, const FileLimits& limits
    )
        : spool_{spool}, trust_{trust}, at_{at}, limits_{limits} {}

    Result<signature::PdfJudgement> judge(const model::AttachmentFacts& facts, const spool::Staged& text) {
        if (facts.file_bytes <= limits_.in_memory_bytes_max) return in_memory(facts, text);
        if (!facts.wrapped) {
            auto judged = in_place(text);
            // Laid out so that no place can be computed: it has to be decoded first.
            if (judged || judged.error().code != errc::attachment_base64) return judged;
        }
        return in_file(facts, text);
    }

private:
    Result<signature::PdfJudgement> in_memory(
        const model::AttachmentFacts& facts, const spool::Staged& text
    ) {
        std::string bytes;
        bytes.reserve(facts.file_bytes);
        auto decoded = decode(facts, text, [&bytes](std::string_view more) -> Result<> {
            bytes += more;
            return {};
        });
        if (!decoded) return decoded.error();
        return signature::verify_pdf(signature::memory_source(bytes), at_, trust_);
    }

    Result<signature::PdfJudgement> in_place(const spool::Staged& text) {
        std::shared_ptr<const spool::Text> opened = text.text();
        if (!opened) return Error{errc::blob_missing, text.sha256().hex()};
        auto source = signature::base64_source(text_source(std::move(opened)));
        if (!source) return source.error();
        return signature::verify_pdf(*source, at_, trust_);
    }

    Result<signature::PdfJudgement> in_file(const model::AttachmentFacts& facts, const spool::Staged& text) {
        auto file = spool_.scratch();
        if (!file) return file.error();
        auto decoded = decode(facts, text, [&file](std::string_view more) {
            return spool::posix_disk().write(file->get(), more);
        });
        if (!decoded) return decoded.error();
        return signature::verify_pdf(signature::file_source(*file, facts.file_bytes), at_, trust_);
    }

    const spool::Spool& spool_;
    const signature::TrustStore& trust_;
    Time at_;
    const FileLimits& limits_;
};

Check agency_is_sender(
    const signature::PdfJudgement& judgement, std::string_view from, const signature::TrustStore& trust
) {
    for (const auto& one : judgement.signatures) {
        if (one.time_stamp || one.judgement.verdict() != Verdict::valid || one.judgement.chain.empty())
            continue;
        const auto certificate = signature::Certificate::from_der(one.judgement.chain.front());
        if (certificate && trust.speaks_for(*certificate, from))
            return {"agency_is_sender", Check::Outcome::passed, one.judgement.signer->name};
    }
    return {"agency_is_sender", Check::Outcome::failed, "no valid signature speaks for the sender"};
}

Result<signature::PdfJudgement> judge_one(
    FileJudge& judge,
    const model::Document& document,
    std::size_t n,
    const std::vector<spool::Staged>& texts,
    const signature::TrustStore& trust
) {
    const auto& attachment = document.attachments[n];
    auto judged = judge.judge(attachment.facts, text_of(texts, attachment));
    if (judged && !judged->signatures.empty())
        judged->checks.push_back(agency_is_sender(*judged, document.from.code.text(), trust));
    return judged;
}

bool has_open(const FileJudgement& file) {
    const auto& all = file.judgement.signatures;
    return std::any_of(all.begin(), all.end(), [](const auto& one) { return !one.open.empty(); });
}

bool tells_something(const signature::PdfJudgement& judgement) {
    return judgement.verdict() != Verdict::absent && judgement.verdict() != Verdict::not_checked;
}

std::string hex_of(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// Lists and answers, and the signed message itself: what is left when the file is not kept any more.
std::vector<ledger::NewMaterial> materials_of(const signature::PdfJudgement& judgement) {
    std::vector<ledger::NewMaterial> out;
    for (const auto& one : judgement.signatures) {
        for (auto& material : intake::materials_of(one.judgement)) out.push_back(std::move(material));
        const auto& message = one.remains.message;
        if (!message.empty())
            out.push_back({"cms", sha256(message), std::make_shared<const std::string>(message)});
    }
    return out;
}

std::string signature_json(const signature::PdfSignature& one) {
    const auto& reason = signature::row(one.judgement.reason);
    JsonObject o;
    o.text("field", one.field).text("verdict", signature::name(reason.verdict)).text("code", reason.code);
    o.boolean("time_stamp", one.time_stamp).text("kind", signature::name(one.kind));
    o.time("proven_at", one.proven_at);
    o.number("covered_bytes", static_cast<std::int64_t>(one.covered_bytes));
    o.number("added_bytes", static_cast<std::int64_t>(one.added_bytes));
    if (!one.remains.message.empty() && !one.remains.covered.empty())
        o.text("message_sha256", sha256(one.remains.message).hex())
            .text("covered", hex_of(one.remains.covered));
    o.text("added", signature::name(one.added)).raw("facts", facts_json(one.judgement));
    return o.done();
}

std::string signer_line(const signature::PdfSignature& one) {
    const auto& signer = *one.judgement.signer;
    return JsonObject{}
        .text("name", signer.name)
        .text("organisation", signer.organisation)
        .text("kind", signature::name(one.kind))
        .text("signature", signature::name(one.judgement.verdict()))
        .maybe("claimed_at", one.judgement.claimed_at)
        .time("proven_at", one.proven_at)
        .done();
}

std::string event_detail(const signature::PdfJudgement& judgement) {
    const auto& reason = signature::row(judgement.reason);
    std::vector<std::string> signers;
    for (const auto& one : judgement.signatures)
        if (!one.time_stamp && one.judgement.signer) signers.push_back(signer_line(one));
    JsonObject detail;
    detail.text("code", reason.code).text("text", reason.vietnamese).raw("signers", json_array(signers));
    for (const auto& check : judgement.checks)
        if (check.name != "structure") detail.text(check.name, signature::name(check.outcome));
    return detail.done();
}

}  // namespace

Result<std::vector<FileJudgement>> judge_files(
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const spool::Spool& spool,
    const signature::TrustStore& trust,
    Time at,
    const FileLimits& limits
) {
    std::vector<FileJudgement> out;
    FileJudge judge{spool, trust, at, limits};
    std::size_t judged = 0;
    for (std::size_t i = 0; i < document.attachments.size(); ++i) {
        const auto& facts = document.attachments[i].facts;
        const auto& text = text_of(texts, document.attachments[i]);  // their order may be another
        const auto is_pdf = begins_as_pdf(facts, text);
        if (!is_pdf) return is_pdf.error();
        if (!*is_pdf) continue;
        FileJudgement one{static_cast<int>(i + 1), {}};
        if (++judged > limits.judged_max) {
            one.judgement.reason = Reason::not_checked;
            one.judgement.detail = "more than " + std::to_string(limits.judged_max) + " PDF files";
            out.push_back(std::move(one));
            continue;
        }
        auto found = judge_one(judge, document, i, texts, trust);
        if (!found) return found.error();
        if (!tells_something(*found)) continue;
        one.judgement = std::move(*found);
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<signature::OcspQuery> open_questions(const std::vector<FileJudgement>& files) {
    std::vector<signature::OcspQuery> out;
    std::set<Sha256> seen;
    for (const auto& file : files)
        for (const auto& one : file.judgement.signatures)
            for (const auto& query : one.open)
                if (seen.insert(query.certificate.facts().sha256).second) out.push_back(query);
    return out;
}

Result<> judge_again(
    std::vector<FileJudgement>& files,
    const model::Document& document,
    const std::vector<spool::Staged>& texts,
    const spool::Spool& spool,
    const signature::TrustStore& trust,
    Time at,
    const FileLimits& limits
) {
    FileJudge judge{spool, trust, at, limits};
    for (auto& file : files) {
        if (!has_open(file)) continue;
        auto found = judge_one(judge, document, static_cast<std::size_t>(file.n - 1), texts, trust);
        if (!found) return found.error();
        file.judgement = std::move(*found);
    }
    return {};
}

ledger::NewJudgement record_of(const FileJudgement& file) {
    const auto& reason = signature::row(file.judgement.reason);
    std::vector<std::string> signatures;
    for (const auto& one : file.judgement.signatures) signatures.push_back(signature_json(one));
    JsonObject facts;
    facts.text("detail", file.judgement.detail);
    facts.number("file_bytes", static_cast<std::int64_t>(file.judgement.file_bytes));
    facts.raw("signatures", json_array(signatures)).raw("checks", checks_json(file.judgement.checks));
    return {
        file.n,
        std::string{signature::name(reason.verdict)},
        std::string{reason.code},
        facts.done(),
        materials_of(file.judgement)};
}

std::string event_list(const std::vector<FileJudgement>& files) {
    std::vector<std::string> out;
    for (const auto& file : files)
        out.push_back(JsonObject{}
                          .number("file", file.n)
                          .text("signature", signature::name(file.judgement.verdict()))
                          .raw("signature_detail", event_detail(file.judgement))
                          .done());
    return json_array(out);
}

bool broken(const FileJudgement& file) {
    const auto verdict = file.judgement.verdict();
    return verdict == Verdict::invalid || verdict == Verdict::malformed || verdict == Verdict::dummy;
}

}  // namespace axis::intake
