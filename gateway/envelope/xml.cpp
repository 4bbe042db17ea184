#include "gateway/envelope/xml.hpp"

#include "gateway/base/text.hpp"
#include "gateway/envelope/bytes.hpp"
#include "gateway/model/not_given.hpp"

#include <algorithm>
#include <charconv>

namespace axis::envelope {

namespace {

constexpr std::size_t path_depth_max = 4;

std::string_view without_slash(std::string_view name_space) {
    return name_space.ends_with('/') ? name_space.substr(0, name_space.size() - 1) : name_space;
}

// What follows "Bussiness", the standard's spelling, or "Business"; nothing when the name begins otherwise.
std::optional<std::string_view> after_business(std::string_view name) {
    for (const std::string_view spelling : {"bussiness", "business"})
        if (equal_ignoring_case(name.substr(0, spelling.size()), spelling))
            return name.substr(spelling.size());
    return std::nullopt;
}

// Of one length, the two spellings cannot be told from other letters: they are equal or not.
bool same_name(std::string_view a, std::string_view b) {
    if (a.size() == b.size()) return equal_ignoring_case(a, b);
    if (a.size() + 1 != b.size() && b.size() + 1 != a.size()) return false;
    const auto rest_a = after_business(a);
    const auto rest_b = after_business(b);
    return rest_a && rest_b && equal_ignoring_case(*rest_a, *rest_b);
}

template <class Number>
std::optional<Number> parsed(const Node& element, std::string_view text) {
    if (text.empty()) return std::nullopt;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
    element.observe("envelope.number", "not a number, ignored");
    return std::nullopt;
}

}  // namespace

std::string path_of(const Tree& tree, Tree::Number element) {
    std::string path;
    for (std::size_t i = 0; i < path_depth_max; ++i) {
        const auto name = std::string{shown(tree.name(element))};
        path = path.empty() ? name : name + "/" + path;
        if (element == 0) break;
        element = tree.parent(element);
    }
    return path;
}

Findings::Findings(const Tree& tree) : tree_{tree}, marks_(tree.size()) {
    speak(qcvn, qcvn);
}

void Findings::speak(std::string_view name_space, std::string_view frame) {
    speaks_qcvn_ = name_space == qcvn;
    ours_.clear();
    for (const auto& known : tree_.name_spaces()) {
        const auto uri = without_slash(known.uri);
        const bool none = ours_.empty();  // the first one
        ours_.push_back(none || uri == name_space || uri == frame || uri == qcvn);
    }
}

void Findings::refuse(errc code, Tree::Number element, std::string_view why) {
    if (fault_) return;
    fault_ = Error{code, path_of(tree_, element) + ": " + std::string{why}};
    fault_element_ = element;
}

void Findings::mark(Tree::Number element, std::string_view name) {
    if (!marks_[element]) marks_[element].name = number_of(name);
}

// Some dozens, so that looking them through is quick.
std::uint16_t Findings::number_of(std::string_view name) {
    const auto known = std::find_if(names_.begin() + 1, names_.end(), [&](std::string_view n) {
        return n.data() == name.data() && n.size() == name.size();
    });
    const auto number = known - names_.begin();
    if (known == names_.end()) names_.push_back(name);
    return static_cast<std::uint16_t>(number);
}

bool Findings::count_entry(Tree::Number element) {
    if (++entry_count_ <= entry_count_max) return true;
    refuse(errc::xml_too_many, element, "entries");
    return false;
}

void Findings::observe(std::string_view code, std::string text) {
    if (!observes()) return;
    if (observations_.size() == observations_max) text = "more of this and other kinds";
    observations_.push_back({std::string{code}, std::move(text)});
}

void Findings::observe_once(std::string_view code, std::string text) {
    const auto same = [&](const Observation& o) { return o.code == code && o.text == text; };
    if (std::none_of(observations_.begin(), observations_.end(), same)) observe(code, std::move(text));
}

void Node::observe(std::string_view code, std::string_view why) const {
    if (findings_->observes()) findings_->observe(code, path_of(tree(), number_) + ": " + std::string{why});
}

bool Node::is(std::string_view name) const {
    return findings_ != nullptr && same_name(tree().name(number_), name) && findings_->ours(number_);
}

bool Node::is(std::string_view name, std::string_view name_space) const {
    if (findings_ == nullptr || !equal_ignoring_case(local_name(), name)) return false;
    return without_slash(this->name_space()) == name_space;
}

std::string_view Node::local_name() const {
    return findings_ == nullptr ? std::string_view{} : tree().name(number_);
}

std::string_view Node::name_space() const {
    if (findings_ == nullptr) return {};
    return tree().name_spaces()[tree().name_space(number_)].uri;
}

Node Node::parent() const {
    return findings_ == nullptr || number_ == 0 ? Node{} : Node{tree().parent(number_), *findings_};
}

bool Node::means_the_same(std::string_view prefix, const Node& scope) const {
    if (findings_ == nullptr || scope.findings_ == nullptr) return false;
    return tree().meaning(prefix.substr(0, prefix.find(':')), scope.number_) == name_space();
}

std::string Node::attribute(std::string_view local_name) const {
    if (findings_ == nullptr) return {};
    for (const auto& a : tree().attributes(number_))
        if (tree().name(a) == local_name) return std::string{trimmed(tree().text(a.text_begin, a.text_end))};
    return {};
}

Node::Children Node::children() const {
    if (findings_ == nullptr) return {0, 0, nullptr};
    return {number_ + 1, tree().end(number_), findings_};
}

template <class F>
void Node::each(std::string_view name, F f) const {
    for (const auto& child : children()) {
        if (!child.is(name)) continue;
        findings_->mark(child.number_, name);
        if (child.local_name() != name && findings_->observes())
            findings_->observe_once(
                "envelope.name", path_of(tree(), child.number_) + ": read as " + std::string{name}
            );
        f(child);
    }
}

std::vector<Node> Node::all(std::string_view name) const {
    std::vector<Node> found;
    each(name, [&](const Node& element) {
        if (findings_->count_entry(element.number_)) found.push_back(element);
    });
    if (!found.empty() && findings_->fault()) return {};
    return found;
}

void Node::kept(std::size_t index) const {
    if (findings_ == nullptr) return;
    auto& mark = findings_->mark_of(number_);
    if (mark) mark.index = static_cast<std::uint32_t>(index);
}

void Node::stands_for(std::string_view name) const {
    if (findings_ == nullptr) return;
    auto& mark = findings_->mark_of(number_);
    if (mark) mark.name = findings_->number_of(name);
}

bool Node::holds_unknown() const {
    if (findings_ == nullptr) return false;
    for (auto n = number_ + 1; n < tree().end(number_); ++n)
        if (!findings_->mark_of(n)) return true;
    return false;
}

Node Node::child(std::string_view name) const {
    Node only;
    std::size_t count = 0;
    each(name, [&](const Node& element) {
        if (++count == 2) element.refuse(errc::envelope_structure, "more than one");
        only = element;
    });
    return count == 1 ? only : Node{};
}

std::string_view Node::text() const {
    if (findings_ == nullptr) return {};
    if (tree().has_children(number_)) {
        refuse(errc::envelope_structure, "only text may stand here");
        return {};
    }
    const auto text = tree().text(tree().content(number_), tree().close(number_));
    if (model::not_given(text)) return {};
    if (tree().has_comment(number_)) refuse(errc::envelope_structure, "a comment inside a value");
    return text;
}

std::string Node::word(std::string_view name) const {
    return std::string{trimmed(child(name).text())};
}

std::optional<int> Node::number(std::string_view name) const {
    const auto element = child(name);
    return parsed<int>(element, trimmed(element.text()));
}

std::optional<unsigned> Node::count(std::string_view name) const {
    const auto element = child(name);
    return parsed<unsigned>(element, trimmed(element.text()));
}

std::optional<bool> Node::flag(std::string_view name) const {
    const auto text = lower_ascii(trimmed(child(name).text()));
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
}

}  // namespace axis::envelope
