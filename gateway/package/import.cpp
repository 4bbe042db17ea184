#include "gateway/package/import.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/base/digest.hpp"
#include "gateway/base/text.hpp"
#include "gateway/model/date.hpp"
#include "gateway/package/context.hpp"
#include "gateway/package/import_rows.hpp"
#include "gateway/package/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace axis::package {

namespace json = boost::json;

namespace {

// ---- values

bool is_blank(const json::value& value) {
    return value.is_null() || (value.is_string() && trimmed(value.get_string()).empty());
}

std::optional<std::string> text_of(const json::value& value) {
    if (value.is_string()) return std::string{value.get_string()};
    if (value.is_int64() || value.is_uint64()) return json::serialize(value);
    return std::nullopt;
}

std::optional<std::int64_t> number_of(const json::value& value) {
    const auto text = text_of(value);
    if (!text) return std::nullopt;
    const auto digits = trimmed(*text);
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{n} : std::nullopt;
}

std::optional<bool> flag_of(const json::value& value) {
    if (value.is_bool()) return value.get_bool();
    const auto text = lower_ascii(trimmed(text_of(value).value_or("")));
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
}

// ---- the engine

class Import {
public:
    Import(std::span<const ImportRow> rows, const Limits& limits)
        : rows_{rows}, context_{limits, Demand::posted} {}

    void run(const json::value& source) {
        if (!source.is_object()) return context_.fault(errc::field_type, "an object is wanted");
        walk(source, {});
        for (const auto& [index, size] : sizes_) {
            const auto file = bytes_.find(index);
            if (file != bytes_.end() && file->second.size() != size)
                context_.fault(errc::field_value, "file " + std::to_string(index + 1) + " has another size");
        }
    }

    bool failed() const { return context_.fault_count() > 0; }
    Error error() {
        return {
            errc::package_invalid,
            std::to_string(context_.fault_count()) + " faults in the source",
            context_.take()};
    }

    // Once, after run().
    json::object package() {
        json::value whole = std::move(package_);
        close_gaps(whole);
        return std::move(whole.as_object());
    }
    std::vector<ImportedFile> files() {
        std::vector<ImportedFile> out;
        for (auto& [index, bytes] : bytes_) {
            const auto* name = at({"files", std::to_string(index), "name"});
            out.push_back({name ? std::string{name->as_string()} : "", std::move(bytes)});
        }
        return out;
    }
    std::vector<std::string> take_left_out() { return std::move(left_out_); }

private:
    // Where the source is read: the path as rows write it, the indexes its stars stand for, and the counter
    // of the lists that are one.
    struct Place {
        std::string path;
        std::string pointer;
        std::vector<std::size_t> indexes;
        std::size_t* counter = nullptr;
    };
    static std::string joined(const std::string& path, std::string_view step) {
        return path.empty() ? std::string{step} : path + "/" + std::string{step};
    }

    const ImportRow* row_at(std::string_view path) const {
        const auto at =
            std::find_if(rows_.begin(), rows_.end(), [&](const ImportRow& row) { return row.from == path; });
        return at == rows_.end() ? nullptr : &*at;
    }
    bool rows_below(const std::string& path) const {
        return std::any_of(rows_.begin(), rows_.end(), [&](const ImportRow& row) {
            return row.from.starts_with(path + "/");
        });
    }

    void walk(const json::value& value, const Place& place) {
        if (const auto* row = place.path.empty() ? nullptr : row_at(place.path)) {
            if (!is_blank(value)) take(value, *row, place);
            return;
        }
        if (!place.path.empty() && !rows_below(place.path)) return context_.fault(errc::field_unknown);
        if (value.is_null()) return;
        const bool many = rows_below(joined(place.path, "*")) || row_at(joined(place.path, "*"));
        const bool lists = rows_below(joined(place.path, "+"));
        if (many || lists) return walk_list(value, place, lists);
        if (!value.is_object()) return context_.fault(errc::field_type, "an object is wanted");
        for (const auto& member : value.get_object()) {
            const Context::At at{context_, member.key()};
            auto below = place;
            below.path = joined(place.path, member.key());
            below.pointer += pointer_step(member.key());
            walk(member.value(), below);
        }
    }

    void walk_list(const json::value& value, const Place& place, bool lists) {
        const auto* array = value.if_array();
        if (!array) return context_.fault(errc::field_type, "a list is wanted");
        std::size_t counter = 0;
        for (std::size_t i = 0; i < array->size(); ++i) {
            const Context::At at{context_, i};
            auto below = place;
            below.path = joined(place.path, lists ? "+" : "*");
            below.pointer += "/" + std::to_string(i);
            if (lists) {
                below.counter = &counter;
            } else {
                below.indexes.push_back(place.counter ? (*place.counter)++ : i);
                below.counter = nullptr;
            }
            walk((*array)[i], below);
        }
    }

    void take(const json::value& value, const ImportRow& row, const Place& place) {
        const auto refuse = [&](const char* why) { context_.fault(errc::field_value, why); };
        const auto put = [&](json::value made, const char* why = nullptr) {
            if (made.is_null()) return refuse(why);
            this->put(row.to, place.indexes, std::move(made));
        };
        switch (row.as) {
            case As::left_out:
                return left_out_.push_back(place.pointer);
            case As::text:
                return put(optional(text_of(value)), "a text is wanted");
            case As::number:
                return put(optional(number_of(value)), "a whole number is wanted");
            case As::flag:
                return put(optional(flag_of(value)), "true or false is wanted");
            case As::date:
                return take_date(value, row, place);
            case As::word:
            case As::known_word:
            case As::yes_no:
                return take_word(value, row, place);
            case As::comma_list:
                return put(comma_list(value), "codes with commas between are wanted");
            case As::file_bytes:
                return take_bytes(value, row, place);
            case As::file_size:
                const auto size = number_of(value);
                if (!size || *size < 0) return refuse("a whole number is wanted");
                sizes_[place.indexes.at(0)] = static_cast<std::uint64_t>(*size);
        }
    }

    template <class T>
    static json::value optional(const std::optional<T>& made) {
        return made ? json::value(*made) : json::value(nullptr);
    }

    static json::value comma_list(const json::value& value) {
        const auto text = text_of(value);
        if (!text) return nullptr;
        json::array out;
        for (std::string_view rest = *text; !rest.empty();) {
            const auto comma = std::min(rest.find(','), rest.size());
            const auto one = trimmed(rest.substr(0, comma));
            if (!one.empty()) out.emplace_back(one);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
        return out;
    }

    void take_date(const json::value& value, const ImportRow& row, const Place& place) {
        const auto date = model::Date::read(text_of(value).value_or(""));
        if (!date.day) return context_.fault(errc::date_invalid);
        put(row.to, place.indexes, json::value(date.dashed()));
    }

    void take_word(const json::value& value, const ImportRow& row, const Place& place) {
        if (row.as == As::yes_no) {
            if (const auto flag = flag_of(value)) return put(row.to, place.indexes, *flag);
        }
        const auto n = number_of(value);
        if (!n) return context_.fault(errc::field_value, "a whole number is wanted");
        const bool small = *n >= 0 && *n <= 9999;
        const auto word = small ? word_of(row.words, static_cast<int>(*n)) : std::string_view{};
        if (!word.empty()) return put(row.to, place.indexes, json::value(word));
        if (row.as == As::known_word) return context_.fault(errc::field_value, "not a number of the list");
        put(std::string{row.to} + "_raw", place.indexes, *n);
    }

    void take_bytes(const json::value& value, const ImportRow& row, const Place& place) {
        std::string bytes;
        if (!value.is_string() || !base64_decode(value.get_string(), bytes))
            return context_.fault(errc::attachment_base64);
        put(row.to, place.indexes, json::value(sha256(bytes).hex()));
        bytes_[place.indexes.at(0)] = std::move(bytes);
    }

    // ---- the package

    void put(std::string_view to, const std::vector<std::size_t>& indexes, json::value value) {
        auto* at = &package_;
        std::size_t star = 0;
        while (!to.empty()) {
            const auto step = to.substr(0, to.find('/'));
            to.remove_prefix(std::min(step.size() + 1, to.size()));
            at = below(*at, step, step == "*" ? indexes.at(star++) : 0);
            if (!at) return context_.fault(errc::field_value, "said twice, differently");
        }
        if (at->is_null())
            *at = std::move(value);
        else if (*at != value)
            context_.fault(errc::field_value, "said twice, differently");
    }

    // The member or entry, made when it is not there; null when something else stands there.
    static json::value* below(json::value& value, std::string_view step, std::size_t index) {
        const bool list = step == "*";
        if (value.is_null()) value = list ? json::value(json::array{}) : json::value(json::object{});
        if (list ? !value.is_array() : !value.is_object()) return nullptr;
        if (!list) return &value.get_object()[step];
        auto& array = value.get_array();
        if (array.size() <= index) array.resize(index + 1);
        return &array[index];
    }

    const json::value* at(std::initializer_list<std::string> steps) const {
        std::string pointer;
        for (const auto& step : steps) pointer += "/" + step;
        json::error_code none;
        return package_.find_pointer(pointer, none);
    }

    // Entries of a list that said nothing.
    static void close_gaps(json::value& value) {
        if (auto* object = value.if_object())
            for (auto& member : *object) close_gaps(member.value());
        auto* array = value.if_array();
        if (!array) return;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < array->size(); ++i) {
            if ((*array)[i].is_null()) continue;
            close_gaps((*array)[i]);
            if (kept != i) (*array)[kept] = std::move((*array)[i]);
            ++kept;
        }
        array->resize(kept);
    }

    std::span<const ImportRow> rows_;
    Context context_;
    json::value package_ = json::object{};
    std::map<std::size_t, std::string> bytes_;  // by the file's place in the source
    std::map<std::size_t, std::uint64_t> sizes_;
    std::vector<std::string> left_out_;
};

// What `more` says beyond `object`.
void supplement_object(json::object& object, const json::object& more) {
    for (const auto& member : more) {
        auto& held = object[member.key()];
        if (held.is_null())
            held = member.value();
        else if (held.is_object() && member.value().is_object())
            supplement_object(held.get_object(), member.value().get_object());
    }
}

void state_classes(json::object& package, const Classes& classes) {
    package["security_class"] = word_of(security_classes, static_cast<int>(classes.security_class));
    package["restricted_publication"] = classes.restricted_publication;
    package["denunciation"] = classes.denunciation;
}

}  // namespace

Result<Imported> import_package(
    Shape shape,
    std::string_view source,
    std::string_view supplement,
    const std::optional<Classes>& classes,
    const Limits& limits
) {
    std::string problem;
    const auto value = read_json(source, problem);
    if (!value) return Error{errc::package_not_json, "the source: " + problem};
    Import import{import_rows(shape), limits};
    import.run(*value);
    if (import.failed()) return import.error();

    Imported out;
    out.files = import.files();
    out.left_out = import.take_left_out();
    auto package = import.package();
    if (!supplement.empty()) {
        const auto more = read_json(supplement, problem);
        if (!more || !more->is_object())
            return Error{
                errc::package_not_json, "the supplement: " + (more ? "an object is wanted" : problem)};
        supplement_object(package, more->get_object());
    }
    if (classes) state_classes(package, *classes);
    out.package_json = pretty(package);
    auto parsed = parse(out.package_json, limits);
    if (parsed) return out;
    auto error = parsed.error();
    error.detail += " in the package it would make";
    return error;
}

}  // namespace axis::package
