#include "gateway/signature/pdf/signature_judge.hpp"

#include "gateway/signature/algorithms.hpp"
#include "gateway/signature/cms/cms.hpp"
#include "gateway/signature/cms/time_stamp.hpp"
#include "gateway/signature/pdf/changes.hpp"

#include <algorithm>

namespace axis::signature::pdf {

namespace {

using cms::SignedMessage;
using cms::TimeStamp;
using Outcome = Check::Outcome;

enum class Format { content_outside, sha1_inside, time_stamp };

std::optional<Format> format_of(const Dict& signature) {
    const auto& type = signature["Type"];
    const auto* filter = signature["SubFilter"].as<Name>();
    if (filter == nullptr || (!type.is_null() && !type.is_name("Sig") && !type.is_name("DocTimeStamp")))
        return std::nullopt;
    if (filter->text == "adbe.pkcs7.detached" || filter->text == "ETSI.CAdES.detached")
        return Format::content_outside;
    if (filter->text == "adbe.pkcs7.sha1") return Format::sha1_inside;
    if (filter->text == "ETSI.RFC3161") return Format::time_stamp;
    return std::nullopt;
}

// "D:20261121101500+07'00'" as ISO 8601; other things as they are, cut.
std::string moment_of(const Dict& signature) {
    constexpr std::size_t length_max = 40;
    const auto* written = signature["M"].as<String>();
    if (written == nullptr) return {};
    auto text = to_utf8(*written);
    const auto digits = std::string_view{text}.substr(0, 2) == "D:" ? std::string_view{text}.substr(2) : text;
    if (digits.size() < 14 || digits.substr(0, 14).find_first_not_of("0123456789") != std::string_view::npos)
        return text.substr(0, length_max);
    const auto part = [&](std::size_t at, std::size_t n) { return std::string{digits.substr(at, n)}; };
    auto out = part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2) + "T" + part(8, 2) + ":" + part(10, 2) + ":" +
               part(12, 2);
    const auto zone = digits.substr(14);
    if (zone.size() >= 6 && zone[3] == '\'') return out + std::string{zone.substr(0, 3)} + ":" + part(18, 2);
    return out + (zone.substr(0, 1) == "Z" ? "Z" : "");
}

// A certification that allows no change at all afterwards (ISO 32000-1 §12.8.2.2).
Read<bool> allows_no_change(const Dict& signature, Document& document) {
    const auto references = document.resolved(signature["Reference"]);
    if (!references) return references.error();
    const auto* list = references->as<Array>();
    if (list == nullptr) return false;
    for (const auto& item : *list) {
        const auto reference = document.dict(item, "/Reference");
        if (!reference) return reference.error();
        if (!(*reference)["TransformMethod"].is_name("DocMDP")) continue;
        const auto parameters = document.dict((*reference)["TransformParams"], "/TransformParams");
        if (!parameters) return parameters.error();
        if ((*parameters)["P"] == Value{std::int64_t{1}}) return true;
    }
    return false;
}

class Judge {
public:
    Judge(const File& file, const SignatureField& field, const std::vector<Proof>& proofs)
        : file_{file}, field_{field}, proofs_{proofs} {
        out_.field = field.name;
    }

    Result<PdfSignature> judge(const Read<Range>& range) {
        auto done = steps(range);
        if (!done) {
            if (done.error().io) return *done.error().io;
            fail(check_, done.error().reason, done.error().detail);
        }
        const auto verdict = told().verdict();
        if (verdict != Verdict::valid && verdict != Verdict::weak) out_.open.clear();
        return std::move(out_);
    }

private:
    Read<> steps(const Read<Range>& range) {
        check_ = "structure";
        const auto format = format_of(field_.signature);
        if (!format) return Fault{Reason::pdf_unsupported, "SubFilter", {}};
        format_ = *format;
        out_.time_stamp = format_ == Format::time_stamp;
        told().claimed_at = moment_of(field_.signature);
        check_ = "byte_range";
        if (!range) return range.error();
        range_ = *range;
        out_.covered_bytes = range_.gap_begin + (range_.end - range_.gap_end);
        out_.added_bytes = file_.source.size - range_.end;
        auto contents = contents_of(field_.signature, range_, file_.reader);
        if (!contents) return contents.error();
        out_.remains.message = message_in(*contents);
        out_.remains.time_stamp = out_.time_stamp;
        auto then = version();
        if (!then) return then.error();
        pass(std::to_string(range_.end) + " of " + std::to_string(file_.source.size) + " bytes");

        auto good = format_ == Format::time_stamp ? stamp(*contents) : signature(*contents);
        if (!good || !*good) return good ? Read<>{} : good.error();
        return format_ == Format::time_stamp ? stamp_standing(*then) : signature_standing(*then);
    }

    // The file as it was signed: it must be one, and hold this signature as one of its own.
    Read<Document> version() {
        auto then = Document::open(range_.end, file_.reader);
        const auto refused = [](const Fault& fault) {
            if (fault.io || fault.reason != Reason::pdf_structure) return fault;
            return Fault{Reason::pdf_byte_range, "does not end where a version ends: " + fault.detail, {}};
        };
        if (!then) return refused(then.error());
        const auto fields = signature_fields(*then, file_.reader.limits());
        if (!fields) return refused(fields.error());
        const bool there = std::any_of(fields->begin(), fields->end(), [&](const SignatureField& f) {
            return f.value == field_.value && f.signature == field_.signature;
        });
        if (!there) return Fault{Reason::pdf_byte_range, "is no signature of the version it covers", {}};
        return then;
    }

    // The mathematics of a signature: false when it does not hold.
    Read<bool> signature(const std::string& contents) {
        check_ = "cms";
        auto message =
            SignedMessage::parse(contents, SignedMessage::Content::data, file_.reader.limits().cms);
        if (!message) return message.error();
        message_ = std::move(*message);
        told().signer = message_.signer().facts();
        told().algorithm = message_.algorithm();
        if (message_.signing_time()) told().claimed_at = to_local_text(*message_.signing_time());
        const auto guess = signer_kind(message_.signer());
        out_.kind = guess.kind;
        if (message_.content().has_value() != (format_ == Format::sha1_inside))
            return Fault{Reason::pdf_cms, "what is signed stands inside, or does not", {}};
        pass(
            told().algorithm + ", signer: " + std::string{name(guess.kind)} +
            (guess.because.empty() ? "" : " (" + std::string{guess.because} + ")")
        );

        if (message_.has_attributes() && !value("")) return false;
        check_ = "digest";
        const char* digest = format_ == Format::sha1_inside ? "SHA1" : message_.digest();
        auto covered = covered_digest(range_, digest, file_.source);
        if (!covered) return covered.error();
        if (format_ == Format::sha1_inside) {
            if (*covered != *message_.content()) return fail("digest", Reason::digest, "");
            Digest of_digest{message_.digest()};
            of_digest.update(*covered);
            *covered = of_digest.finish();
        }
        out_.remains.covered = *covered;
        if (!message_.has_attributes() && !value(*covered)) return false;
        check_ = "digest";
        if (!message_.covers(*covered)) return fail("digest", Reason::digest, "");
        pass(digest);
        return named();
    }

    bool value(const std::string& content_digest) {
        check_ = "value";
        if (!message_.value_holds(content_digest)) return fail("value", Reason::value, "");
        pass(told().algorithm);
        return true;
    }

    bool named() {
        check_ = "named_certificate";
        switch (message_.certificate_named()) {
            case SignedMessage::Named::another:
                return fail(check_, Reason::pdf_named_certificate, "");
            case SignedMessage::Named::not_said:
                note(Outcome::unknown, "not among what was signed");
                return true;
            case SignedMessage::Named::this_one:
                break;
        }
        pass("");
        return true;
    }

    Read<bool> stamp(const std::string& contents) {
        check_ = "time_stamp";
        auto stamp = TimeStamp::parse(contents, file_.reader.limits().cms);
        if (!stamp) return stamp.error();
        message_ = stamp->message();
        told().signer = message_.signer().facts();
        told().algorithm = message_.algorithm();
        told().claimed_at = to_local_text(stamp->at());
        check_ = "digest";
        const auto covered = covered_digest(range_, stamp->digest(), file_.source);
        if (!covered) return covered.error();
        out_.remains.covered = *covered;
        if (*covered != stamp->imprint()) return fail("digest", Reason::digest, "");
        pass(stamp->digest());
        stamp_ = std::move(*stamp);
        return true;
    }

    Read<> stamp_standing(Document& then) {
        auto judged = stamp_->judge(file_.trust, file_.at);
        told().chain = std::move(judged.standing.chain);
        told().anchor = judged.standing.anchor;
        keep(judged.standing);
        told().revocation = judged.standing.revocation;
        check_ = "time_stamp";
        if (judged.reason != Reason::holds) {
            fail(check_, judged.reason, judged.detail);
        } else {
            pass(told().anchor);
            told().reason = Reason::holds;
            out_.proven_at = stamp_->at();
        }
        return changes(then);
    }

    Read<> signature_standing(Document& then) {
        told().reason = Reason::holds;
        auto changed = changes(then);
        if (!changed) return changed.error();
        prove();
        const auto reason = signer_standing();
        if (told().reason == Reason::holds) told().reason = reason;
        if (told().reason == Reason::holds && (message_.weak() || format_ == Format::sha1_inside))
            told().reason = Reason::sha1;
        return {};
    }

    Read<> changes(Document& then) {
        check_ = "changed_after";
        const auto found = changes_between(then, file_.document, file_.fields, file_.reader);
        if (!found) return found.error();
        auto changes = *found;
        if (changes.signatures > 0) {
            const auto closed = allows_no_change(field_.signature, then);
            if (!closed) return closed.error();
            if (*closed) changes = {Added::content, "certified to have no further signature", 0};
        }
        if (changes.added == Added::content) {
            out_.added = AddedLater::content;
            fail(check_, Reason::pdf_changed_after, changes.detail);
            return {};
        }
        const bool nothing = changes.added == Added::nothing;
        out_.added = nothing ? AddedLater::nothing : AddedLater::signatures;
        pass(nothing ? "" : std::to_string(changes.signatures) + " further signatures");
        return {};
    }

    // The earliest time by which it is proven to exist.
    void prove() {
        check_ = "time_stamp";
        for (const auto& token : message_.time_stamps()) {
            const auto stamp = TimeStamp::parse(token, file_.reader.limits().cms);
            if (!stamp) {
                note(Outcome::unknown, stamp.error().detail);
                continue;
            }
            Digest digest{stamp->digest()};
            digest.update(message_.value());
            const auto judged = stamp->judge(file_.trust, file_.at);
            if (digest.finish() != stamp->imprint()) {
                note(Outcome::unknown, "made over another signature");
            } else if (judged.reason != Reason::holds) {
                note(Outcome::unknown, std::string{row(judged.reason).code} + " " + judged.detail);
            } else {
                pass(to_local_text(stamp->at()) + " " + stamp->message().signer().facts().name);
                proven(stamp->at());
                told().materials.push_back(material(Material::Kind::time_stamp, token));
                keep(judged.standing);
            }
        }
        for (const auto& proof : proofs_)
            if (proof.end > range_.end) proven(proof.at);
    }
    void keep(const Standing& standing) {
        auto& all = told().materials;
        all.insert(all.end(), standing.materials.begin(), standing.materials.end());
        out_.open.insert(out_.open.end(), standing.open.begin(), standing.open.end());
    }
    void proven(Time at) { out_.proven_at = std::min(at, out_.proven_at.value_or(at)); }

    Reason signer_standing() {
        const auto& leaf = message_.signer();
        const auto at = out_.proven_at.value_or(file_.at);
        auto standing = file_.trust.judge(leaf, message_.sent(), at, out_.proven_at.has_value());
        told().chain = std::move(standing.chain);
        told().revocation = standing.revocation;
        told().anchor = standing.anchor;
        keep(standing);
        check_ = "certificate";
        if (!leaf.may_sign()) return refused(Reason::usage, "key usage or extended key usage");
        pass("for signing documents");
        check_ = "chain";
        if (standing.reason != Reason::holds) return refused(standing.reason, standing.detail);
        pass(standing.anchor);
        check_ = "revocation";
        const bool known = standing.revocation == Revocation::good;
        note(known ? Outcome::passed : Outcome::unknown, standing.revocation_detail);
        return Reason::holds;
    }

    Judgement& told() { return out_.judgement; }
    void note(Outcome outcome, std::string detail) {
        told().checks.push_back({check_, outcome, std::move(detail)});
    }
    void pass(std::string detail) { note(Outcome::passed, std::move(detail)); }
    // The first failure is the reason; later ones are noted.
    bool fail(std::string_view check, Reason reason, std::string detail) {
        check_ = check;
        if (!failed_) {
            told().reason = reason;
            told().detail = detail;
            failed_ = true;
        }
        note(Outcome::failed, std::move(detail));
        return false;
    }
    Reason refused(Reason reason, std::string detail) {
        fail(check_, reason, std::move(detail));
        return reason;
    }

    const File& file_;
    const SignatureField& field_;
    const std::vector<Proof>& proofs_;
    PdfSignature out_;
    Format format_ = Format::content_outside;
    Range range_;
    SignedMessage message_;
    std::optional<TimeStamp> stamp_;
    std::string_view check_;
    bool failed_ = false;
};

}  // namespace

Result<PdfSignature> judge_signature(
    const File& file, const SignatureField& field, const Read<Range>& range, const std::vector<Proof>& proofs
) {
    return Judge{file, field, proofs}.judge(range);
}

}  // namespace axis::signature::pdf
