#include "gateway/app/ctl/pdf_signatures.hpp"

#include "gateway/base/log.hpp"
#include "gateway/base/text.hpp"
#include "gateway/signature/pdf/pdf_verifier.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

namespace axis::ctl {

namespace {

using namespace signature;

struct OpenFile {
    Fd fd;
    std::uint64_t bytes = 0;
};

Result<OpenFile> open_file(const std::string& path) {
    OpenFile out{Fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}};
    struct stat facts {};
    if (!out.fd || ::fstat(out.fd.get(), &facts) != 0)
        return Error{errc::io_failed, path + ": " + errno_text(errno)};
    out.bytes = S_ISREG(facts.st_mode) ? static_cast<std::uint64_t>(facts.st_size) : 0;
    return out;
}

std::string word(const std::string& text) {
    return text.empty() ? "-" : log::escaped(text);
}

std::string why(const Options& o, Reason reason, const std::string& detail) {
    const auto& r = row(reason);
    return std::string{o.vi() ? r.vietnamese : r.english} + (detail.empty() ? "" : ": " + shown(detail));
}

std::string heading(Reason reason) {
    return std::string{name(row(reason).verdict)} + " " + std::string{row(reason).code};
}

const Check* person_and_agency(const PdfJudgement& judgement) {
    for (const auto& check : judgement.checks)
        if (check.name == "person_and_agency") return &check;
    return nullptr;
}

// VERDICT code FILE who when [revocation=unknown] [person_and_agency=…] why
void print_line(const Options& o, const std::string& path, const PdfJudgement& judgement) {
    std::string who, when;
    bool revocation_unknown = false;
    for (const auto& one : judgement.signatures) {
        if (one.time_stamp || !one.judgement.signer) continue;
        who += (who.empty() ? "" : " + ") + one.judgement.signer->name;
        when = one.judgement.claimed_at;
        revocation_unknown |= one.judgement.revocation == Revocation::unknown;
    }
    const auto* both = person_and_agency(judgement);
    std::cout << heading(judgement.reason) << " " << log::escaped(path) << " " << word(who) << " "
              << word(when) << " " << (revocation_unknown ? "revocation=unknown " : "");
    if (both != nullptr) std::cout << "person_and_agency=" << name(both->outcome) << " ";
    std::cout << why(o, judgement.reason, judgement.detail) << "\n";
}

void print_checks(const std::vector<Check>& checks, std::string_view indent) {
    for (const auto& check : checks)
        std::cout << indent << name(check.outcome) << " " << check.name << (check.detail.empty() ? "" : ": ")
                  << shown(check.detail) << "\n";
}

std::string_view added_words(const Options& o, AddedLater added) {
    switch (added) {
        case AddedLater::unknown:
            return o.say("chưa xét", "not looked at");
        case AddedLater::nothing:
            return o.say("không có gì", "nothing that says anything");
        case AddedLater::signatures:
            return o.say("chỉ chữ ký và dữ liệu xác minh", "signatures and what validates them only");
        case AddedLater::content:
            break;
    }
    return o.say("nội dung", "content");
}

void print_signature(const Options& o, std::size_t n, const PdfSignature& one) {
    const auto& j = one.judgement;
    std::cout << "  " << n << ". " << word(one.field) << " " << heading(j.reason) << " "
              << word(j.signer ? j.signer->name : "") << " " << word(j.claimed_at) << " "
              << why(o, j.reason, j.detail) << "\n";
    if (j.signer) {
        const auto kind = one.time_stamp ? std::string_view{"time stamp"} : name(one.kind);
        const auto& s = *j.signer;
        std::cout << o.say("     người ký: ", "     signer: ") << shown(s.name) << ", "
                  << shown(s.organisation) << " (" << kind << ")\n"
                  << o.say("     cấp bởi: ", "     issued by: ") << shown(s.issuer) << ", "
                  << to_local_text(s.not_before).substr(0, 10) << " … "
                  << to_local_text(s.not_after).substr(0, 10) << ", SHA-256 " << s.sha256.hex() << "\n";
    }
    if (one.covered_bytes > 0)
        std::cout << o.say("     bao trùm: ", "     covers: ") << one.covered_bytes
                  << o.say(
                         " byte từ đầu tệp, trừ chính nó; thêm sau đó: ",
                         " bytes from the first, but itself; added later: "
                     )
                  << one.added_bytes << o.say(" byte, ", " bytes, ") << added_words(o, one.added) << "\n";
    if (one.proven_at)
        std::cout << o.say("     có từ trước: ", "     existed by: ") << to_local_text(*one.proven_at)
                  << "\n";
    print_checks(j.checks, "     ");
}

void print_explained(const Options& o, const std::string& path, const PdfJudgement& judgement) {
    print_line(o, path, judgement);
    print_checks(judgement.checks, "  ");
    for (std::size_t i = 0; i < judgement.signatures.size(); ++i)
        print_signature(o, i + 1, judgement.signatures[i]);
}

std::string json_checks(const std::vector<Check>& checks) {
    std::string out = "[";
    for (const auto& check : checks)
        out += std::string{out.size() > 1 ? "," : ""} + "{\"name\":" + json_quoted(check.name) +
               ",\"outcome\":" + json_quoted(name(check.outcome)) +
               ",\"detail\":" + json_quoted(check.detail) + "}";
    return out + "]";
}

std::string json_reason(Reason reason, const std::string& detail) {
    return "\"verdict\":" + json_quoted(name(row(reason).verdict)) +
           ",\"code\":" + json_quoted(row(reason).code) + ",\"detail\":" + json_quoted(detail);
}

std::string json_signer(const std::optional<Signer>& signer) {
    if (!signer) return "null";
    return "{\"name\":" + json_quoted(signer->name) +
           ",\"organisation\":" + json_quoted(signer->organisation) +
           ",\"issuer\":" + json_quoted(signer->issuer) + ",\"serial\":" + json_quoted(signer->serial) +
           ",\"sha256\":" + json_quoted(signer->sha256.hex()) + "}";
}

std::string json_signature(const PdfSignature& one) {
    const auto& j = one.judgement;
    return "{\"field\":" + json_quoted(one.field) + "," + json_reason(j.reason, j.detail) +
           ",\"time_stamp\":" + (one.time_stamp ? "true" : "false") +
           ",\"algorithm\":" + json_quoted(j.algorithm) + ",\"claimed_at\":" + json_quoted(j.claimed_at) +
           ",\"proven_at\":" + (one.proven_at ? json_quoted(to_local_text(*one.proven_at)) : "null") +
           ",\"covered_bytes\":" + std::to_string(one.covered_bytes) +
           ",\"added_bytes\":" + std::to_string(one.added_bytes) +
           ",\"added\":" + json_quoted(name(one.added)) + ",\"kind\":" + json_quoted(name(one.kind)) +
           ",\"revocation\":" + json_quoted(name(j.revocation)) + ",\"signer\":" + json_signer(j.signer) +
           ",\"checks\":" + json_checks(j.checks) + "}";
}

void print_json(const std::string& path, const PdfJudgement& judgement) {
    std::string signatures = "[";
    for (const auto& one : judgement.signatures)
        signatures += (signatures.size() > 1 ? "," : "") + json_signature(one);
    std::cout << "{\"file\":" << json_quoted(path) << "," << json_reason(judgement.reason, judgement.detail)
              << ",\"signatures\":" << signatures << "],\"checks\":" << json_checks(judgement.checks)
              << "}\n";
}

}  // namespace

bool is_pdf_file(const std::string& path) {
    const auto file = open_file(path);
    std::string begin(pdf_begin.size(), '\0');
    return file && file->bytes >= begin.size() && file_source(file->fd, file->bytes).read(0, begin) &&
           begin == pdf_begin;
}

Result<bool> report_pdf(
    const Options& o, const std::string& path, const TrustStore& trust, Time at, bool explain
) {
    const auto file = open_file(path);
    if (!file) return file.error();
    const auto judgement = verify_pdf(file_source(file->fd, file->bytes), at, trust);
    if (!judgement) return judgement.error();
    if (o.json)
        print_json(path, *judgement);
    else if (explain)
        print_explained(o, path, *judgement);
    else
        print_line(o, path, *judgement);
    return judgement->verdict() == Verdict::valid;
}

}  // namespace axis::ctl
