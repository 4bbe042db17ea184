#include "gateway/signature/pdf/xref.hpp"

#include "gateway/signature/pdf/filter.hpp"
#include "gateway/signature/pdf/syntax.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace axis::signature::pdf {

namespace {

using Kind = XrefEntry::Kind;

constexpr std::size_t row_bytes = 20;
constexpr std::size_t rows_at_once = 3000;
constexpr std::size_t head_bytes = 64;
constexpr std::size_t trailer_bytes = 4096;
constexpr std::uint64_t number_max = std::numeric_limits<std::int32_t>::max();

bool digits(std::string_view text, std::uint64_t& out) {
    out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

// "0000000017 00000 n" and two characters of line end.
bool read_row(std::string_view row, XrefEntry& out) {
    std::uint64_t generation = 0;
    const auto end = row.substr(18);
    if (!digits(row.substr(0, 10), out.first) || row[10] != ' ' || !digits(row.substr(11, 5), generation) ||
        row[16] != ' ' || (end != "\r\n" && end != " \n" && end != " \r"))
        return false;
    out.second = static_cast<std::uint32_t>(generation);
    out.kind = row[17] == 'n' ? Kind::plain : Kind::free;
    return row[17] == 'n' || row[17] == 'f';
}

std::optional<std::uint64_t> natural(const Value& value) {
    const auto* n = value.as<std::int64_t>();
    if (n == nullptr || *n < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*n);
}

class Chain {
public:
    Chain(std::uint64_t end, Reader& reader) : end_{end}, reader_{reader} {}

    Read<Xref> follow(std::uint64_t at) {
        for (std::optional<std::uint64_t> next = at; next;) {
            if (std::find(sections_.begin(), sections_.end(), *next) != sections_.end())
                return damaged("cross-references in a loop", *next);
            if (sections_.size() >= reader_.limits().xref_sections_max) return beyond("xref_sections_max");
            sections_.push_back(*next);
            auto trailer = section(*next);
            if (!trailer) return trailer.error();
            const auto& previous = (*trailer)["Prev"];
            const auto place = natural(previous);
            if (!previous.is_null() && !place) return damaged("/Prev is not a place", *next);
            if (sections_.size() == 1) trailer_ = std::move(*trailer);
            next = place;
        }
        return whole();
    }

private:
    // One table with its trailer, or one stream.
    Read<Dict> section(std::uint64_t at) {
        const auto head = reader_.window(at, end_, head_bytes);
        if (!head) return head.error();
        Syntax syntax{*head, at, reader_.limits()};
        if (!head->empty() && head->front() == 'x' && syntax.keyword("xref")) return table(syntax.place());
        return stream(at);
    }

    Read<> add(const XrefEntry& entry) {
        if (found_.size() >= reader_.limits().xref_entries_max) return beyond("xref_entries_max");
        found_.push_back(entry);
        return {};
    }

    // Rows in use count before those of the stream beside the table, free ones after them: that is how
    // objects are hidden from readers of tables.
    Read<Dict> table(std::uint64_t at) {
        std::vector<XrefEntry> free;
        while (true) {
            const auto head = reader_.window(at, end_, head_bytes);
            if (!head) return head.error();
            Syntax syntax{*head, at, reader_.limits()};
            if (syntax.keyword("trailer")) {
                at = syntax.place();
                break;
            }
            std::uint64_t first = 0, count = 0;
            if (!syntax.number(first) || !syntax.number(count) || first > number_max || count > number_max)
                return damaged("a cross-reference table that is none", at);
            syntax.skip_white();
            at = syntax.place();
            auto read = rows(at, static_cast<std::uint32_t>(first), count, free);
            if (!read) return read.error();
            at += count * row_bytes;
        }
        auto trailer = trailer_at(at);
        if (!trailer) return trailer.error();
        if (const auto& hidden = (*trailer)["XRefStm"]; !hidden.is_null()) {
            const auto place = natural(hidden);
            if (!place) return damaged("/XRefStm is not a place", at);
            auto read = stream(*place);
            if (!read) return read.error();
        }
        for (const auto& entry : free) {
            auto added = add(entry);
            if (!added) return added.error();
        }
        return trailer;
    }

    Read<> rows(std::uint64_t at, std::uint32_t first, std::uint64_t count, std::vector<XrefEntry>& free) {
        if (count > reader_.limits().xref_entries_max) return beyond("xref_entries_max");
        for (std::uint64_t done = 0; done < count;) {
            const auto n = std::min<std::uint64_t>(count - done, rows_at_once);
            const auto bytes = static_cast<std::size_t>(n) * row_bytes;
            const auto text = reader_.window(at + done * row_bytes, end_, bytes);
            if (!text) return text.error();
            if (text->size() != bytes) return damaged("a cross-reference table that does not end", at);
            for (std::size_t i = 0; i < n; ++i) {
                XrefEntry entry;
                if (!read_row(std::string_view{*text}.substr(i * row_bytes, row_bytes), entry))
                    return damaged("a row of the cross-reference table", at + (done + i) * row_bytes);
                entry.number = first + static_cast<std::uint32_t>(done + i);
                if (entry.kind == Kind::free) {
                    if (free.size() >= reader_.limits().xref_entries_max) return beyond("xref_entries_max");
                    free.push_back(entry);
                    continue;
                }
                auto added = add(entry);
                if (!added) return added.error();
            }
            done += n;
        }
        return {};
    }

    Read<Dict> trailer_at(std::uint64_t at) {
        for (auto bytes = trailer_bytes;; bytes *= 4) {
            const auto text = reader_.window(at, end_, bytes);
            if (!text) return text.error();
            Syntax syntax{*text, at, reader_.limits()};
            auto value = syntax.value();
            if (syntax.state() == Syntax::State::cut_off && text->size() == bytes &&
                bytes < reader_.limits().object_bytes_max)
                continue;
            if (syntax.state() != Syntax::State::good) return syntax.fault();
            auto* dict = value.as<Dict>();
            if (dict == nullptr) return damaged("a trailer that is no dictionary", at);
            return std::move(*dict);
        }
    }

    Read<Dict> stream(std::uint64_t at) {
        auto object = read_plain(at, end_, reader_, [at](Ref) -> Read<std::uint64_t> {
            return damaged("a cross-reference stream whose length stands elsewhere", at);
        });
        if (!object) return object.error();
        auto* stream = object->value.as<Stream>();
        if (stream == nullptr || !stream->dict["Type"].is_name("XRef"))
            return damaged("no cross-references where they should stand", at);
        const auto data = decoded(*stream, end_, reader_);
        if (!data) return data.error();
        auto read = stream_rows(stream->dict, *data, at);
        if (!read) return read.error();
        return std::move(stream->dict);
    }

    struct Ranges {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> of;  // first number, count
        std::uint64_t count = 0;
    };

    Read<Ranges> ranges(const Dict& dict, std::uint64_t at) const {
        Ranges out;
        const auto size = natural(dict["Size"]);
        if (!size) return damaged("/Size of the cross-reference stream", at);
        Array whole{Value{std::int64_t{0}}, Value{static_cast<std::int64_t>(*size)}};
        const auto& index = dict["Index"];
        const auto* given = index.is_null() ? &whole : index.as<Array>();
        if (given == nullptr || given->size() % 2 != 0)
            return damaged("/Index of the cross-reference stream", at);
        for (std::size_t i = 0; i < given->size(); i += 2) {
            const auto first = natural((*given)[i]), count = natural((*given)[i + 1]);
            if (!first || !count || *first > number_max || *count > number_max - *first)
                return damaged("/Index of the cross-reference stream", at);
            out.of.emplace_back(*first, *count);
            out.count += *count;
            if (out.count > reader_.limits().xref_entries_max) return beyond("xref_entries_max");
        }
        return out;
    }

    Read<> stream_rows(const Dict& dict, std::string_view data, std::uint64_t at) {
        const auto* given = dict["W"].as<Array>();
        std::size_t widths[3]{}, row = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto width = given != nullptr && given->size() == 3 ? natural((*given)[i]) : std::nullopt;
            if (!width || *width > 8) return damaged("/W of the cross-reference stream", at);
            widths[i] = static_cast<std::size_t>(*width);
            row += widths[i];
        }
        const auto all = ranges(dict, at);
        if (!all) return all.error();
        if (row == 0 || all->count * row != data.size())
            return damaged("a cross-reference stream of another size than it says", at);
        const auto field = [&data](std::size_t width) {
            std::uint64_t out = 0;
            for (const char c : data.substr(0, width)) out = out << 8 | static_cast<unsigned char>(c);
            data.remove_prefix(width);
            return out;
        };
        for (const auto& [first, count] : all->of) {
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto type = widths[0] == 0 ? 1 : field(widths[0]);
                const auto a = field(widths[1]), b = field(widths[2]);
                if (type > 2 || (type != 0 && b > std::numeric_limits<std::uint32_t>::max()))
                    return damaged("a row of the cross-reference stream", at);
                const auto second = type == 0 ? 0 : static_cast<std::uint32_t>(b);
                auto added = add({static_cast<std::uint32_t>(first + i), static_cast<Kind>(type), second, a});
                if (!added) return added.error();
            }
        }
        return {};
    }

    Xref whole() {
        // Stable: of several entries of one number, the first found is the newest.
        std::stable_sort(found_.begin(), found_.end(), [](const XrefEntry& a, const XrefEntry& b) {
            return a.number < b.number;
        });
        const auto same = [](const XrefEntry& a, const XrefEntry& b) { return a.number == b.number; };
        found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
        std::erase_if(found_, [](const XrefEntry& entry) { return entry.kind == Kind::free; });
        found_.shrink_to_fit();
        return {std::move(found_), std::move(trailer_), std::move(sections_)};
    }

    std::uint64_t end_;
    Reader& reader_;
    std::vector<XrefEntry> found_;
    std::vector<std::uint64_t> sections_;
    Dict trailer_;
};

}  // namespace

const XrefEntry* Xref::find(std::uint32_t number) const {
    const auto at =
        std::lower_bound(entries.begin(), entries.end(), number, [](const XrefEntry& entry, std::uint32_t n) {
            return entry.number < n;
        });
    return at != entries.end() && at->number == number ? &*at : nullptr;
}

Read<Xref> read_xref(std::uint64_t begin, std::uint64_t end, Reader& reader) {
    return Chain{end, reader}.follow(begin);
}

}  // namespace axis::signature::pdf
