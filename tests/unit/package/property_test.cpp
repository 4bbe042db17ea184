// Goal: nothing a document says is lost between envelope and package, whoever made it; and no change of it
// goes unnoticed. Method: documents and statuses made by RapidCheck in all their members
// (tests/support/documents.hpp), converted, posted, written, read and compared.
#include "gateway/envelope/check.hpp"
#include "gateway/envelope/writer.hpp"
#include "gateway/package/difference.hpp"
#include "gateway/package/package.hpp"
#include "tests/support/documents.hpp"
#include "tests/unit/package/visitors.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

using namespace axis;
using namespace axis::package;
using test::Beyond;
using test::Choices;
using test::document_choices;
using test::status_choices;
namespace json = boost::json;

TEST_SUITE_BEGIN("package/properties");

namespace {

constexpr int ordinary_count = 500;  // of each property

const Classes ordinary{model::SecurityClass::ordinary, false, false};

// The whole: markup and texts, without files there are none.
envelope::Read read(const envelope::Written& written, const std::vector<std::string>& texts) {
    std::string bytes;
    std::size_t done = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        bytes += written.skeleton.substr(done, written.hole_offsets[i] - done) + texts[i];
        done = written.hole_offsets[i];
    }
    bytes += written.skeleton.substr(done);
    SeededRandom random{7};
    envelope::Checker checker{random};
    auto fed = checker.feed(bytes);
    if (!fed) RC_FAIL(to_string(fed.error()));
    auto checked = checker.finish();
    if (!checked) RC_FAIL(to_string(checked.error()) + "\n" + bytes);
    return std::move(checked->read);
}

envelope::Written written(const auto& content) {
    auto out = envelope::write(content);
    if (!out) RC_FAIL(to_string(out.error()));
    return std::move(*out);
}

std::string padded(const json::string& text, Choices& choices) {
    static const std::array<std::string, 5> instead{" ", "null", " null ", "", "\n"};
    if (choices.rarely()) return choices.one_of(instead);
    return (choices.maybe() ? " " : "") + std::string{text} + (choices.maybe() ? "\r\n" : "");
}

// What careless software posts: blanks around texts, texts that say nothing, entries that say nothing.
void roughen(json::value& value, Choices& choices) {
    if (auto* text = value.if_string(); text && choices.rarely()) value = padded(*text, choices);
    if (auto* array = value.if_array()) {
        for (auto& entry : *array) roughen(entry, choices);
        const bool objects = !array->empty() && array->front().is_object();
        if (objects && choices.rarely()) array->push_back(json::object{});
    }
    if (auto* object = value.if_object())
        for (auto& member : *object)
            if (member.key() != "sha256") roughen(member.value(), choices);
}

std::string posted_json(Choices& choices) {
    auto document = test::document_of(choices, Beyond::nothing);
    test::Postable::cut(document);
    auto value = json::parse(to_package_json(document, ordinary));
    if (document.attachments.empty()) value.at("files").as_array().push_back(json::object{{"name", "a.pdf"}});
    roughen(value, choices);
    return json::serialize(value);
}

std::string reported_json(Choices& choices) {
    static const std::array<std::string_view, 9> codes{"01", "02", "03", "04", "05", "06", "13", "15", "16"};
    static const std::array<std::string_view, 7> times{
        "2026-11-21T09:21:07+07:00",
        "2026-11-21T09:21:07.412Z",
        "2026-11-21T23:59:60+07:00",
        "2026-11-21T00:00:00.999-11:30",
        "0000-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00Z"};
    const auto status = test::status_of(choices, Beyond::nothing);
    json::object report = json::parse(to_json(status)).as_object();
    report.erase("response_for");
    report.erase("at_text");
    report["code"] = choices.one_of(codes);
    if (choices.maybe()) report["at"] = choices.one_of(times);
    json::value value = std::move(report);
    roughen(value, choices);
    return json::serialize(value);
}

// As intake does: ids and types of files, and our trace.
model::Document completed(const model::Package& package) {
    auto document = package.document;
    for (const auto& file : package.files) {
        model::Attachment attachment;
        attachment.content_id = std::to_string(document.attachments.size() + 1);
        attachment.name = file.name;
        attachment.description = file.description;
        document.attachments.push_back(attachment);
    }
    document.trace = {{model::AgencyCode::parse("G98").value(), "2026/11/21 08:00:00"}};
    return document;
}

}  // namespace

TEST_CASE("property: a document is read back from its package as it was, and makes the same package again") {
    CHECK(test::holds("converted", ordinary_count, [] {
        const auto document =
            *test::made(document_choices, [](auto& choices) { return test::document_of(choices); });
        const auto text = to_package_json(document, ordinary);
        const auto again = parse(text, {}, Demand::received);
        if (!again) RC_FAIL(to_string(again.error()) + text);
        RC_ASSERT((again->document == document));
        RC_ASSERT(to_package_json(again->document, ordinary) == text);
    }));
}

TEST_CASE("property: what is accepted when it is posted is written, and read back as it was accepted") {
    int accepted = 0;
    int count = 0;
    CHECK(test::holds("posted", ordinary_count, [&] {
        const auto text =
            *test::made(2 * document_choices, [](auto& choices) { return posted_json(choices); });
        const auto package = parse(text);
        ++count;
        if (!package) {
            RC_ASSERT(package.error().code == errc::package_invalid);
            RC_ASSERT(!package.error().faults.empty());
            return;
        }
        ++accepted;
        const auto document = completed(*package);
        const std::vector<std::string> texts(document.attachments.size(), "JVBERi0xLjQK");
        auto back = std::get<model::Document>(read(written(document), texts).content);
        for (auto& attachment : back.attachments) attachment.facts = {};
        RC_ASSERT((back == document));
    }));
    CHECK(4 * accepted >= count);
}

TEST_CASE(
    "property: a status that is accepted when it is reported is written, and read back as it was accepted"
) {
    int accepted = 0;
    int count = 0;
    CHECK(test::holds("reported", ordinary_count, [&] {
        const auto text = *test::made(status_choices, [](auto& choices) { return reported_json(choices); });
        auto status = parse_status(text);
        ++count;
        if (!status) return;
        ++accepted;
        status->response_for.document_id = "G98,2026/11/21,251/A";
        RC_ASSERT((std::get<model::Status>(read(written(*status), {}).content) == *status));
    }));
    CHECK(4 * accepted >= count);
}

TEST_CASE("property: no document differs from itself, and no change goes unnoticed") {
    CHECK(test::holds("difference of documents", ordinary_count, [] {
        const auto [before, after] = *test::made(document_choices, [](auto& choices) {
            const auto document = test::document_of(choices);
            auto changed = document;
            test::Changer::change(changed, choices);
            return std::pair{document, changed};
        });
        RC_ASSERT(differences(before, before).empty());
        RC_ASSERT(!differences(before, after).empty());
        RC_ASSERT(differences(before, after).size() == differences(after, before).size());
    }));
    CHECK(test::holds("difference of statuses", ordinary_count, [] {
        const auto [before, after] = *test::made(status_choices, [](auto& choices) {
            const auto status = test::status_of(choices);
            auto changed = status;
            test::Changer::change(changed, choices);
            return std::pair{status, changed};
        });
        RC_ASSERT(differences(before, before).empty());
        RC_ASSERT(!differences(before, after).empty());
    }));
}

TEST_SUITE_END();
