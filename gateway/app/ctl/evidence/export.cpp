#include "gateway/app/ctl/evidence/archive.hpp"
#include "gateway/app/ctl/evidence/evidence.hpp"
#include "gateway/app/ctl/evidence/facts.hpp"
#include "gateway/app/ctl/members.hpp"

#include <boost/json.hpp>

#include <set>

namespace axis::ctl {

namespace {

namespace json = boost::json;

constexpr std::string_view readme =
    R"(Bằng chứng chữ ký của một bản tin, do axisd lập. / Evidence on the signatures of one message, made by axisd.

Kiểm tra lại, không cần mạng: / To check it again, without a network:
    axisctl evidence verify TỆP.zip --trust THƯ_MỤC_CHỨNG_THƯ_TIN_CẬY
    sha256sum -c SHA256SUMS

evidence.json             bản tin, các kết luận, nhật ký nối chuỗi / the message, the judgements, the chained journal
message/skeleton.xml      phần đánh dấu của bản tin, không có tệp / the envelope's markup, without the files' texts
message/envelope.xml      bản tin nguyên vẹn, nếu còn giữ / the whole envelope, while it is kept
certificates/             chứng thư đã dùng / certificates of the chains (DER)
materials/                danh sách thu hồi, trả lời OCSP, dấu thời gian, chữ ký PDF / revocation lists, OCSP answers,
                          time stamps, signed messages of PDF files (DER)
)";

Result<std::string> asked(const Console& console, const std::string& target) {
    auto answer = console.get(target);
    if (!answer) return answer.error();
    if (answer->status == 200) return std::move(answer->body);
    json::error_code ec;
    const auto problem = json::parse(answer->body, ec);
    return Error{
        errc::peer_http, ec ? target : member(problem, "title") + " (" + member(problem, "code") + ")"};
}

class Exporter {
public:
    Exporter(const Console& console, std::string id, ArchiveWriter archive, WorkFolder folder)
        : console_{console}, id_{std::move(id)}, archive_{std::move(archive)}, folder_{std::move(folder)} {}

    Result<Exported> all() {
        auto text = asked(console_, "/messages/" + id_ + "/evidence");
        if (!text) return text.error();
        const auto parsed = json::parse(*text);
        const auto& evidence = parsed.as_object().at("evidence");
        Exported out{false, id_, list(evidence, "judgements").size()};
        auto written = markup();
        if (written) written = certificates(evidence);
        if (written) written = materials(evidence);
        if (!written) return written.error();
        auto whole = envelope();
        if (!whole) return whole.error();
        out.whole = *whole;
        auto done = archive_.add("evidence.json", *text);
        if (done) done = archive_.add("README.txt", readme);
        if (done) done = archive_.finish();
        if (!done) return done.error();
        return out;
    }

private:
    Result<> markup() {
        auto skeleton = asked(console_, "/messages/" + id_ + "/skeleton");
        return skeleton ? archive_.add("message/skeleton.xml", *skeleton) : skeleton.error();
    }

    Result<> certificates(const json::value& evidence) {
        std::set<std::string> chains;
        for (const auto& judgement : list(evidence, "judgements"))
            for (auto& one : rests_on(json::parse(member(judgement, "facts"))))
                for (auto& der : one.chain) chains.insert(std::move(der));
        for (const auto& der : chains) {
            auto added = archive_.add("certificates/" + sha256(der).hex() + ".der", der);
            if (!added) return added;
        }
        return {};
    }

    Result<> materials(const json::value& evidence) {
        std::set<std::string> names;
        for (const auto& material : list(evidence, "materials")) {
            const auto sha256 = member(material, "sha256");
            if (!names.insert(sha256).second) continue;
            auto der = asked(console_, "/materials/" + sha256);
            if (!der) return der.error();
            auto added = archive_.add("materials/" + sha256 + "." + member(material, "kind"), *der);
            if (!added) return added;
        }
        return {};
    }

    // False: the texts are gone, and what is left has to do.
    Result<bool> envelope() {
        const auto path = folder_.path() / "envelope.xml";
        auto file = NewFile::create(path.string());
        if (!file) return file.error();
        auto fetched = console_.fetch("/messages/" + id_ + "/envelope", [&](std::string_view bytes) {
            return file->write(bytes);
        });
        if (!fetched && fetched.error().code == errc::peer_http) return false;
        if (!fetched) return fetched.error();
        auto closed = file->close();
        if (closed) closed = archive_.add_file("message/envelope.xml", path);
        if (!closed) return closed.error();
        return true;
    }

    const Console& console_;
    std::string id_;
    ArchiveWriter archive_;
    WorkFolder folder_;
};

}  // namespace

Result<Exported> export_evidence(const Console& console, const std::string& id, const std::string& out) {
    auto archive = ArchiveWriter::create(out);
    if (!archive) return archive.error();
    auto folder = WorkFolder::create();
    if (!folder) return folder.error();
    return Exporter{console, id, std::move(*archive), std::move(*folder)}.all();
}

}  // namespace axis::ctl
