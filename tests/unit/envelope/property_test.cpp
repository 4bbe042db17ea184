// Goal: nothing a message says is lost or changed on its way into an envelope and back. Method: documents and
// statuses made by RapidCheck in all their members (tests/support/documents.hpp), written, read and compared.
#include "gateway/envelope/relay.hpp"
#include "gateway/envelope/writer.hpp"
#include "tests/support/documents.hpp"
#include "tests/unit/envelope/foreign.hpp"
#include "tests/unit/envelope/listener.hpp"
#include "tests/unit/envelope/spoiler.hpp"
#include "tests/unit/envelope/support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

using namespace axis;
using namespace axis::envelope;
using test::Beyond;
using test::document_choices;
using test::status_choices;

TEST_SUITE_BEGIN("envelope properties");

namespace {

// About five seconds in all in a dev build.
constexpr int ordinary_count = 500;

Written written(const auto& content) {
    auto out = write(content);
    if (!out) RC_FAIL(to_string(out.error()));
    return std::move(*out);
}

Checked checked(const std::string& bytes) {
    auto out = test::check(bytes);
    if (!out) RC_FAIL(to_string(out.error()) + "\n" + bytes);
    return std::move(*out);
}

template <class Content>
void is_the_same(const Content& read, const Content& written) {
    if (read == written) return;
    std::ostringstream shown;
    showValue(read, shown);
    RC_FAIL("it was read as\n" + shown.str());
}

// What the reader says of messages that it had to repair, or of which it dropped something.
bool repaired(const Checked& checked) {
    constexpr std::string_view harmless[] = {
        "envelope.length",
        "envelope.value",
        "envelope.date",
        "envelope.party",
        "envelope.trace",
        "envelope.business",
        "envelope.extension",
        "attachment.label",
        "attachment.type"};
    return std::any_of(checked.observations.begin(), checked.observations.end(), [&](const Observation& o) {
        return std::find(std::begin(harmless), std::end(harmless), o.code) == std::end(harmless);
    });
}

// `after` is `before` with something put in at one place.
bool is_insertion(std::string_view before, std::string_view after) {
    if (after.size() <= before.size()) return false;
    const auto [a, b] = std::mismatch(before.begin(), before.end(), after.begin());
    const auto kept = static_cast<std::size_t>(a - before.begin());
    return after.ends_with(before.substr(kept));
}

void refused(const auto& content, const std::string& element) {
    const auto out = write(content);
    RC_ASSERT(out.has_error());
    RC_ASSERT(out.error().code == errc::envelope_field);
    RC_LOG() << to_string(out.error());
    const auto named = out.error().detail.find("/" + element + " ") != std::string::npos ||
                       out.error().detail.find("/edXML:" + element + " ") != std::string::npos;
    RC_ASSERT(named);
}

}  // namespace

TEST_CASE("every member of what is made speaks, and every optional one is silent at times") {
    test::Listener listener;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        auto document =
            test::made(document_choices, [](auto& c) { return test::document_of(c); })(seed).value();
        auto status = test::made(status_choices, [](auto& c) { return test::status_of(c); })(seed).value();
        test::members(listener, document);
        test::members(listener, status);
    }
    const std::set<std::string, std::less<>> required{
        "StatusCode", "To/OrganId", "Attachment/ContentId", "Attachment/AttachmentName"};
    for (const auto& [member, counts] : listener.heard) {
        CAPTURE(member);
        CHECK(counts[1] > 0);
        if (!required.contains(member)) CHECK(counts[0] > 0);
    }
    CHECK(listener.heard.size() > 80);
}

TEST_CASE("property: every document is read back as it was written, and written to the same bytes again") {
    CHECK(test::holds("document", ordinary_count, [] {
        const auto letter =
            *test::made(document_choices, [](auto& choices) { return test::letter_of(choices); });
        const auto out = written(letter.document);
        const auto read = checked(test::joined(out.skeleton, out.hole_offsets, letter.texts));

        const auto& document = std::get<model::Document>(read.read.content);
        is_the_same(document, letter.document);
        RC_ASSERT_FALSE(repaired(read));
        RC_ASSERT_FALSE(read.read.has_signature);
        for (std::size_t i = 0; i < read.read.hole_of.size(); ++i) RC_ASSERT(read.read.hole_of[i] == i);
        RC_ASSERT(written(letter.document).skeleton == out.skeleton);
        RC_ASSERT(written(document).skeleton == out.skeleton);
    }));
}

TEST_CASE("property: every status is read back as it was written, and written to the same bytes again") {
    CHECK(test::holds("status", ordinary_count, [] {
        const auto status =
            *test::made(status_choices, [](auto& choices) { return test::status_of(choices); });
        const auto out = written(status);
        const auto read = checked(out.skeleton);

        const auto& again = std::get<model::Status>(read.read.content);
        is_the_same(again, status);
        RC_ASSERT_FALSE(repaired(read));
        RC_ASSERT(written(again).skeleton == out.skeleton);
    }));
}

TEST_CASE("property: what no envelope can hold is refused, and its element is named") {
    CHECK(test::holds("spoilt document", ordinary_count, [] {
        auto [document, element] = *test::made(document_choices, [](test::Choices& choices) {
            auto whole = test::document_of(choices);
            const auto where = test::Spoiler::spoil(whole, choices);
            return std::pair{whole, where};
        });
        refused(document, element);
    }));
    CHECK(test::holds("spoilt status", ordinary_count, [] {
        auto [status, element] = *test::made(status_choices, [](test::Choices& choices) {
            auto whole = test::status_of(choices);
            const auto where = test::Spoiler::spoil(whole, choices);
            return std::pair{whole, where};
        });
        refused(status, element);
    }));
}

TEST_CASE("property: a message says the same in every form, and what no standard knows outlasts rewriting") {
    CHECK(test::holds("foreign document", ordinary_count, [] {
        const auto [letter, foreign] = *test::made(2 * document_choices, [](test::Choices& choices) {
            auto made = test::letter_of(choices, Beyond::nothing);
            const auto out = written(made.document);
            return std::pair{made, test::foreign_form(out, made.texts, choices)};
        });
        auto document = std::get<model::Document>(checked(foreign.bytes).read.content);
        const auto out = written(document);
        const auto texts = test::scan({foreign.bytes}).texts;
        const auto again = checked(test::joined(out.skeleton, out.hole_offsets, texts));
        is_the_same(std::get<model::Document>(again.read.content), document);
        RC_ASSERT(document.extensions.size() == foreign.unknown_count);
        document.extensions.clear();
        is_the_same(document, letter.document);
    }));
    CHECK(test::holds("foreign status", ordinary_count, [] {
        const auto [status, foreign] = *test::made(2 * status_choices, [](test::Choices& choices) {
            auto made = test::status_of(choices, Beyond::nothing);
            return std::pair{made, test::foreign_form(written(made), {}, choices)};
        });
        auto read = std::get<model::Status>(checked(foreign.bytes).read.content);
        is_the_same(std::get<model::Status>(checked(written(read).skeleton).read.content), read);
        RC_ASSERT(read.extensions.size() == foreign.unknown_count);
        read.extensions.clear();
        is_the_same(read, status);
    }));
}

TEST_CASE("property: a TraceHeader more, and every other byte as it was") {
    CHECK(test::holds("relay", ordinary_count, [] {
        const auto bytes = *test::made(2 * document_choices, [](test::Choices& choices) {
            const bool foreign = choices.maybe();
            const auto letter = test::letter_of(choices, foreign ? Beyond::nothing : Beyond::extensions);
            const auto out = written(letter.document);
            if (foreign) return test::foreign_form(out, letter.texts, choices).bytes;
            return test::joined(out.skeleton, out.hole_offsets, letter.texts);
        });
        const model::TraceHeader ours{model::AgencyCode::parse("G98").value(), "2026/11/24 09:00:00"};
        const auto before = test::scan({bytes});
        const auto relayed = append_trace(before.skeleton, before.holes, ours);
        RC_ASSERT(relayed.has_value());
        RC_ASSERT(is_insertion(before.skeleton, relayed->skeleton));

        std::vector<std::size_t> offsets;
        for (const auto& hole : relayed->holes) offsets.push_back(hole.offset);
        const auto after = checked(test::joined(relayed->skeleton, offsets, before.texts));
        auto expected = std::get<model::Document>(checked(test::joined(before)).read.content);
        expected.trace.push_back(ours);
        is_the_same(std::get<model::Document>(after.read.content), expected);
    }));
}

TEST_SUITE_END();
