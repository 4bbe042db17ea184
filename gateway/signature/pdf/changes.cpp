#include "gateway/signature/pdf/changes.hpp"

#include "gateway/signature/pdf/syntax.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

namespace axis::signature::pdf {

namespace {

using Numbers = std::set<std::uint32_t>;
using Keys = std::span<const std::string_view>;
using namespace std::string_view_literals;

constexpr std::size_t white_bytes_max = 64 * 1024;
constexpr std::uint32_t the_trailer = 0;

constexpr std::array of_catalog{"AcroForm"sv, "DSS"sv, "Extensions"sv, "Metadata"sv, "Version"sv};
constexpr std::array of_form{"DA"sv, "DR"sv, "Fields"sv, "SigFlags"sv};
constexpr std::array of_page{"Annots"sv, "LastModified"sv, "Tabs"sv};
constexpr std::array of_parent{"Kids"sv};
constexpr std::array of_place{
    "AP"sv, "AS"sv, "BS"sv, "Border"sv, "DA"sv, "F"sv, "Ff"sv, "M"sv, "MK"sv, "P"sv, "Rect"sv, "V"sv};
constexpr std::array of_dss{"CRLs"sv, "Certs"sv, "OCSPs"sv, "Type"sv, "VRI"sv};
constexpr std::array of_vri{"CRL"sv, "Cert"sv, "OCSP"sv, "TS"sv, "TU"sv, "Type"sv};

bool one_of(Keys keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// The keys whose values are not the same in both, in order.
std::vector<std::string> differing(const Dict& a, const Dict& b) {
    std::vector<std::string> out;
    for (const auto& entry : a.entries())
        if (!b.has(entry.key) || !(b[entry.key] == entry.value)) out.push_back(entry.key);
    for (const auto& entry : b.entries())
        if (!a.has(entry.key)) out.push_back(entry.key);
    return out;
}

bool differ_only_in(Keys keys, const Dict& a, const Dict& b) {
    const auto found = differing(a, b);
    return std::all_of(found.begin(), found.end(), [&](const auto& key) { return one_of(keys, key); });
}

bool only_added(const Dict& before, const Dict& after) {
    return std::all_of(before.entries().begin(), before.entries().end(), [&](const Entry& entry) {
        return after.has(entry.key) && after[entry.key] == entry.value;
    });
}

// All of `before` in its order; between them, only references to what is allowed.
bool grown(const Array& before, const Array& after, const Numbers& allowed) {
    auto next = before.begin();
    for (const auto& item : after) {
        if (next != before.end() && item == *next) {
            ++next;
            continue;
        }
        const auto* ref = item.as<Ref>();
        if (ref == nullptr || !allowed.contains(ref->number)) return false;
    }
    return next == before.end();
}

bool both_streams_of(std::string_view type, const Value& a, const Value& b) {
    const auto is = [&](const Value& v) {
        const auto* stream = v.as<Stream>();
        return stream != nullptr && stream->dict["Type"].is_name(type);
    };
    return is(a) && is(b);
}

void add_number(const Value& value, Numbers& out) {
    if (const auto* ref = value.as<Ref>()) out.insert(ref->number);
}

bool is_hash(std::string_view key) {
    return key.size() == 40 && key.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

class Comparison {
public:
    Comparison(Document& then, Document& now, const std::vector<SignatureField>& fields, Reader& reader)
        : then_{then}, now_{now}, fields_{fields}, reader_{reader} {}

    Read<Changes> compare() {
        if (then_.end() == now_.end()) return Changes{};
        if (then_.startxref() == now_.startxref()) return bytes_behind();
        if (!now_.ends_clean()) return content("bytes behind the end of the file");
        const auto& sections = now_.xref().sections;
        if (std::find(sections.begin(), sections.end(), then_.startxref()) == sections.end())
            return content("the file does not build on what was signed");
        if (now_.root_ref() != then_.root_ref()) return content("another catalogue");
        if (auto found = find_differences(); !found.empty()) return content(std::move(found));
        auto known = know_places();
        if (known) known = know_parts();
        if (!known) return known.error();
        for (const auto number : changed_) {
            const auto allowed = allowed_change(number);
            if (!allowed) return allowed.error();
            if (!*allowed) return content("object " + std::to_string(number) + " is another one now");
        }
        return created_are_new();
    }

private:
    static Changes content(std::string detail) { return {Added::content, std::move(detail), 0}; }

    Read<Changes> bytes_behind() {
        const auto bytes = now_.end() - then_.end();
        if (bytes > white_bytes_max) return content("bytes behind the end of the file");
        const auto text = reader_.window(then_.end(), now_.end(), white_bytes_max);
        if (!text) return text.error();
        return only_white(*text) ? Changes{} : content("bytes behind the end of the file");
    }

    bool same_place(const XrefEntry& a, const XrefEntry& b) const {
        if (!(a == b)) return false;
        if (a.kind == XrefEntry::Kind::plain) return true;
        const auto container = static_cast<std::uint32_t>(a.first);
        const auto *x = then_.xref().find(container), *y = now_.xref().find(container);
        return x != nullptr && y != nullptr && *x == *y;
    }

    // What cannot be allowed whatever it is.
    std::string find_differences() {
        for (const auto& before : then_.xref().entries) {
            const auto* after = now_.xref().find(before.number);
            if (after == nullptr) return "object " + std::to_string(before.number) + " was taken away";
            if (generation(before) != generation(*after))
                return "the number " + std::to_string(before.number) + " was given to another object";
            if (!same_place(before, *after)) changed_.insert(before.number);
        }
        for (const auto& after : now_.xref().entries)
            if (then_.xref().find(after.number) == nullptr) created_.insert(after.number);
        return {};
    }

    static std::uint32_t generation(const XrefEntry& entry) {
        return entry.kind == XrefEntry::Kind::plain ? entry.second : 0;
    }
    Read<Value> before(std::uint32_t number) {
        return then_.get({number, generation(*then_.xref().find(number))});
    }
    Read<Value> after(std::uint32_t number) {
        return now_.get({number, generation(*now_.xref().find(number))});
    }

    // The fields, and their places on pages, of signatures that were made since. Each such signature is
    // judged by itself; what it looks like is its signer's word.
    Read<> know_places() {
        for (const auto& field : fields_) {
            if (!created_.contains(field.value.number)) continue;
            ++signatures_;
            places_.insert(field.objects.begin(), field.objects.end());
        }
        for (const auto number : places_) {
            const auto value = after(number);
            if (!value) return value.error();
            if (!is_place(*value)) places_are_odd_ = true;
        }
        return {};
    }

    // No stream, nothing else at the same time, and nothing that acts.
    static bool is_place(const Value& value) {
        const auto* dict = value.as<Dict>();
        if (dict == nullptr || dict->has("A") || dict->has("AA")) return false;
        const auto &type = (*dict)["Type"], &subtype = (*dict)["Subtype"];
        return (type.is_null() || type.is_name("Annot")) && (subtype.is_null() || subtype.is_name("Widget"));
    }

    // The numbers of what has its place in the catalogue. Each may be changed only when nothing else in what
    // was signed refers to it: else a page's resources could be called the form's, and be changed as such.
    Read<> know_parts() {
        const auto root = then_.dict(Value{then_.root_ref()}, "/Root");
        if (!root) return root.error();
        add_number(then_.xref().trailer["Info"], info_);
        add_number((*root)["Metadata"], metadata_);
        add_number((*root)["AcroForm"], form_);
        add_number((*root)["DSS"], dss_);
        const auto form = then_.dict((*root)["AcroForm"], "/AcroForm");
        if (!form) return form.error();
        const auto needs = then_.resolved((*form)["NeedAppearances"]);
        if (!needs) return needs.error();
        const auto* flag = needs->as<bool>();
        made_by_viewer_ = !needs->is_null() && (flag == nullptr || *flag);
        add_number((*form)["DR"], resources_);
        const auto resources = then_.dict((*form)["DR"], "/DR");
        if (!resources) return resources.error();
        for (const auto& entry : resources->entries()) add_number(entry.value, resources_);
        return know_dss((*root)["DSS"]);
    }

    Read<> know_dss(const Value& value) {
        const auto dss = then_.dict(value, "/DSS");
        if (!dss) return dss.error();
        for (const auto key : {"Certs", "CRLs", "OCSPs"}) add_number((*dss)[key], dss_lists_);
        add_number((*dss)["VRI"], vri_);
        const auto vri = then_.dict((*dss)["VRI"], "/VRI");
        if (!vri) return vri.error();
        for (const auto& entry : vri->entries()) {
            if (entry.key == "Type") continue;
            add_number(entry.value, vri_entries_);
            const auto one = then_.dict(entry.value, "an entry of /VRI");
            if (!one) return one.error();
            for (const auto key : {"Cert", "CRL", "OCSP"}) add_number((*one)[key], dss_lists_);
        }
        return {};
    }

    Read<bool> allowed_change(std::uint32_t number) {
        const auto old_value = before(number), new_value = after(number);
        if (!old_value) return old_value.error();
        if (!new_value) return new_value.error();
        const auto &was = *old_value, &is = *new_value;
        if (is.as<Stream>() == nullptr && was == is) return true;
        if (both_streams_of("XRef", was, is) || both_streams_of("ObjStm", was, is))
            return only_from(number, {});
        if (metadata_.contains(number) && both_streams_of("Metadata", was, is))
            return only_from(number, {then_.root_ref().number});
        if (const auto* a = was.as<Array>(), *b = is.as<Array>(); a != nullptr && b != nullptr)
            return allowed_list(number, *a, *b);
        const auto *a = was.as<Dict>(), *b = is.as<Dict>();
        if (a == nullptr || b == nullptr) return false;
        return allowed_dict(number, *a, *b);
    }

    Read<bool> allowed_list(std::uint32_t number, const Array& was, const Array& is) {
        if (grown(was, is, places_)) return true;
        if (!dss_lists_.contains(number) || !grown(was, is, created_)) return false;
        auto owners = dss_;
        owners.insert(vri_.begin(), vri_.end());
        owners.insert(vri_entries_.begin(), vri_entries_.end());
        owners.insert(then_.root_ref().number);
        return only_from(number, std::move(owners));
    }

    Read<bool> allowed_dict(std::uint32_t number, const Dict& was, const Dict& is) {
        if (number == then_.root_ref().number) return allowed_catalogue(was, is);
        if (form_.contains(number)) return allowed_form(was, is);
        if (info_.contains(number)) return only_from(number, {});
        if (resources_.contains(number)) {
            auto owners = form_;
            owners.insert(resources_.begin(), resources_.end());
            owners.insert(then_.root_ref().number);
            return !made_by_viewer_ && only_added(was, is) && only_from(number, std::move(owners));
        }
        if (dss_.contains(number)) return differ_only_in(of_dss, was, is);
        if (vri_entries_.contains(number)) return differ_only_in(of_vri, was, is);
        if (vri_.contains(number)) return allowed_vri(was, is);
        if (places_.contains(number)) return allowed_signing(was, is);
        if (was["Type"].is_name("Page"))
            return differ_only_in(of_page, was, is) ? lists_grown("Annots", was, is) : Read<bool>{false};
        return differ_only_in(of_parent, was, is) ? lists_grown("Kids", was, is) : Read<bool>{false};
    }

    static bool allowed_vri(const Dict& was, const Dict& is) {
        const auto keys = differing(was, is);
        return only_added(was, is) &&
               std::all_of(keys.begin(), keys.end(), [](const auto& k) { return is_hash(k); });
    }

    // A field that waited for its signature.
    Read<bool> allowed_signing(const Dict& was, const Dict& is) {
        if (was.has("V") || !is_place(Value{is}) || !differ_only_in(of_place, was, is)) return false;
        if (was["FT"].is_name("Sig")) return true;
        const auto parent = then_.dict(was["Parent"], "/Parent");
        if (!parent) return parent.error();
        return (*parent)["FT"].is_name("Sig") && !parent->has("V");
    }

    Read<bool> lists_grown(std::string_view key, const Dict& was, const Dict& is) {
        const auto old_value = then_.resolved(was[key]), new_value = now_.resolved(is[key]);
        if (!old_value) return old_value.error();
        if (!new_value) return new_value.error();
        const Array none;
        const auto* a = old_value->is_null() ? &none : old_value->as<Array>();
        const auto* b = new_value->is_null() ? &none : new_value->as<Array>();
        return a != nullptr && b != nullptr && grown(*a, *b, places_);
    }

    Read<bool> allowed_catalogue(const Dict& was, const Dict& is) {
        if (!differ_only_in(of_catalog, was, is)) return false;
        if (was["AcroForm"] == is["AcroForm"]) return true;
        const auto a = then_.dict(was["AcroForm"], "/AcroForm"), b = now_.dict(is["AcroForm"], "/AcroForm");
        if (!a) return a.error();
        if (!b) return b.error();
        return allowed_form(*a, *b);
    }

    Read<bool> allowed_form(const Dict& was, const Dict& is) {
        if (!differ_only_in(of_form, was, is)) return false;
        if (!(was["DA"] == is["DA"]) && (was.has("DA") || made_by_viewer_)) return false;
        if (!(was["DR"] == is["DR"])) {
            const auto resources = resources_grown(was["DR"], is["DR"]);
            if (!resources || !*resources) return resources;
        }
        return lists_grown("Fields", was, is);
    }

    Read<bool> resources_grown(const Value& was, const Value& is) {
        const auto a = then_.dict(was, "/DR"), b = now_.dict(is, "/DR");
        if (!a) return a.error();
        if (!b) return b.error();
        if (made_by_viewer_) return false;
        for (const auto& entry : a->entries()) {
            if ((*b)[entry.key] == entry.value) continue;
            const auto *inner = entry.value.as<Dict>(), *other = (*b)[entry.key].as<Dict>();
            if (inner == nullptr || other == nullptr || !only_added(*inner, *other)) return false;
        }
        return true;
    }

    bool only_from(std::uint32_t number, Numbers owners) {
        owners_[number] = std::move(owners);
        return true;
    }

    // Last, and dearest: no object of what was signed may refer to one that came later, nor, but from its own
    // place, to one that may be changed.
    Read<Changes> created_are_new() {
        if (places_are_odd_) return content("a signature's place that is something else too");
        // In the order of the file, so that each object stream is unpacked once.
        auto entries = then_.xref().entries;
        std::stable_sort(entries.begin(), entries.end(), [&](const XrefEntry& a, const XrefEntry& b) {
            return std::pair{a.kind, a.first} < std::pair{b.kind, b.first};
        });
        const auto& sections = then_.xref().sections;
        std::vector<Ref> refs;
        collect_refs(Value{then_.xref().trailer}, refs);
        auto bad = forbidden(the_trailer, refs);
        for (const auto& entry : entries) {
            if (bad) break;
            const auto value = then_.get({entry.number, generation(entry)});
            if (!value) return value.error();
            const bool trailer = entry.kind == XrefEntry::Kind::plain &&
                                 std::find(sections.begin(), sections.end(), entry.first) != sections.end();
            refs.clear();
            collect_refs(*value, refs);
            bad = forbidden(trailer ? the_trailer : entry.number, refs);
        }
        if (bad) return content(*bad);
        return Changes{Added::signatures, "", signatures_};
    }

    std::optional<std::string> forbidden(std::uint32_t from, const std::vector<Ref>& refs) const {
        for (const auto ref : refs) {
            const auto name = "object " + std::to_string(ref.number);
            if (created_.contains(ref.number)) return name + " was missing when it was signed";
            const auto owned = owners_.find(ref.number);
            if (owned != owners_.end() && from != the_trailer && !owned->second.contains(from))
                return name + " is used in two ways";
        }
        return std::nullopt;
    }

    Document& then_;
    Document& now_;
    const std::vector<SignatureField>& fields_;
    Reader& reader_;
    Numbers changed_, created_;
    Numbers places_;
    Numbers info_, metadata_, form_, resources_, dss_, dss_lists_, vri_, vri_entries_;
    bool made_by_viewer_ = false;  // what fields look like
    bool places_are_odd_ = false;
    std::size_t signatures_ = 0;
    std::map<std::uint32_t, Numbers> owners_;
};

}  // namespace

Read<Changes> changes_between(
    Document& then, Document& now, const std::vector<SignatureField>& fields, Reader& reader
) {
    return Comparison{then, now, fields, reader}.compare();
}

}  // namespace axis::signature::pdf
