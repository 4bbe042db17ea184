#include "gateway/signature/pdf/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace axis::signature::pdf {

namespace {

constexpr std::string_view white{"\0\t\n\f\r ", 6};
constexpr std::string_view delimiters = "()<>[]{}/%";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

template <class T>
bool whole_number(std::string_view text, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

bool is_real(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto dots = std::count(text.begin(), text.end(), '.');
    return digits > 0 && dots == 1 && static_cast<std::size_t>(digits + dots) == text.size();
}

}  // namespace

bool is_white(char c) {
    return white.find(c) != std::string_view::npos;
}
bool is_delimiter(char c) {
    return delimiters.find(c) != std::string_view::npos;
}
bool only_white(std::string_view text) {
    return text.find_first_not_of(white) == std::string_view::npos;
}

struct Syntax::Items {
    std::vector<Value> values;
};

Fault Syntax::fault() const {
    switch (state_) {
        case State::beyond_values:
            return beyond("values_max");
        case State::beyond_depth:
            return beyond("depth_max");
        default:
            return damaged("not the syntax of objects", place());
    }
}

Value Syntax::fail(State state) {
    if (state_ == State::good) state_ = state;
    return {};
}

bool Syntax::ended() {
    if (state_ != State::good) return true;
    if (at_ < text_.size()) return false;
    state_ = State::cut_off;
    return true;
}

void Syntax::skip_white() {
    while (at_ < text_.size()) {
        if (text_[at_] == '%') {
            at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
        } else if (is_white(text_[at_])) {
            ++at_;
        } else {
            return;
        }
    }
}

// A run of regular characters; it must end before the text does, or it may be half of one.
std::string_view Syntax::regular() {
    const auto begin = at_;
    while (at_ < text_.size() && !is_white(text_[at_]) && !is_delimiter(text_[at_])) ++at_;
    if (ended()) return {};
    return text_.substr(begin, at_ - begin);
}

bool Syntax::keyword(std::string_view word) {
    skip_white();
    if (ended()) return false;
    const auto before = at_;
    if (regular() == word) return true;
    if (state_ == State::good) at_ = before;
    return false;
}

bool Syntax::number(std::uint64_t& out) {
    skip_white();
    if (ended()) return false;
    const auto text = regular();
    if (text.size() <= 19 && whole_number(text, out)) return true;
    fail(State::wrong);
    return false;
}

bool Syntax::object_begin(Ref& out) {
    std::uint64_t object = 0, generation = 0;
    if (!number(object) || !number(generation)) return false;
    if (!keyword("obj") || object == 0 || object > std::numeric_limits<std::int32_t>::max() ||
        generation > 65535) {
        fail(State::wrong);
        return false;
    }
    out = {static_cast<std::uint32_t>(object), static_cast<std::uint32_t>(generation)};
    return true;
}

bool Syntax::stream_begin() {
    if (ended()) return false;
    if (text_[at_] == '\r') ++at_;
    if (ended()) return false;
    if (text_[at_] != '\n') {
        fail(State::wrong);
        return false;
    }
    ++at_;
    return true;
}

Value Syntax::value() {
    return token(0);
}

Value Syntax::token(std::size_t depth) {
    skip_white();
    if (ended()) return {};
    if (++values_ > limits_.values_max) return fail(State::beyond_values);
    if (depth > limits_.depth_max) return fail(State::beyond_depth);
    switch (text_[at_]) {
        case '[':
            return array(depth);
        case '/':
            return name();
        case '(':
            return literal_string();
        case '<':
            if (at_ + 1 >= text_.size()) return fail(State::cut_off);
            return text_[at_ + 1] == '<' ? dict(depth) : hex_string();
        case '+':
        case '-':
        case '.':
            return numeric();
        default:
            return text_[at_] >= '0' && text_[at_] <= '9' ? numeric() : word();
    }
}

// "12 0 R" has come as two numbers and now R.
bool Syntax::reference(std::vector<Value>& items) {
    if (items.size() < 2) return false;
    const auto* number = items[items.size() - 2].as<std::int64_t>();
    const auto* generation = items.back().as<std::int64_t>();
    if (number == nullptr || generation == nullptr) return false;
    if (*number < 0 || *number > std::numeric_limits<std::int32_t>::max()) return false;
    if (*generation < 0 || *generation > 65535) return false;
    const Ref ref{static_cast<std::uint32_t>(*number), static_cast<std::uint32_t>(*generation)};
    items.resize(items.size() - 2);
    items.emplace_back(ref);
    return true;
}

// Up to the closing bracket, which is passed.
Syntax::Items Syntax::items(std::string_view closing, std::size_t depth) {
    Items out;
    while (true) {
        skip_white();
        if (ended()) return {};
        if (text_[at_] == closing.front()) {
            if (at_ + closing.size() > text_.size()) {
                fail(State::cut_off);
                return {};
            }
            if (text_.substr(at_, closing.size()) == closing) {
                at_ += closing.size();
                return out;
            }
        }
        if (text_[at_] == 'R') {
            if (regular() != "R" || !reference(out.values)) fail(State::wrong);
        } else {
            out.values.push_back(token(depth + 1));
        }
        if (state_ != State::good) return {};
    }
}

Value Syntax::array(std::size_t depth) {
    ++at_;
    return items("]", depth).values;
}

Value Syntax::dict(std::size_t depth) {
    at_ += 2;
    auto found = items(">>", depth).values;
    if (state_ != State::good) return {};
    if (found.size() % 2 != 0) return fail(State::wrong);
    std::vector<Entry> entries;
    entries.reserve(found.size() / 2);
    for (std::size_t i = 0; i < found.size(); i += 2) {
        auto* key = found[i].as<Name>();
        if (key == nullptr) return fail(State::wrong);
        entries.push_back({std::move(key->text), std::move(found[i + 1])});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    const auto twice = std::adjacent_find(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.key == b.key;
    });
    if (twice != entries.end()) return fail(State::wrong);
    return Dict{std::move(entries)};
}

Value Syntax::numeric() {
    auto text = regular();
    if (state_ != State::good) return {};
    std::int64_t whole = 0;
    if (whole_number(text.substr(text.front() == '+' ? 1 : 0), whole)) return whole;
    if (!is_real(text)) return fail(State::wrong);
    return Real{std::string{text}};
}

Value Syntax::name() {
    ++at_;
    const auto text = regular();
    Name out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '#') {
            out.text += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return fail(State::wrong);
        out.text += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

// After a backslash. False: the text ends.
bool Syntax::escaped(std::string& out) {
    if (ended()) return false;
    const char c = text_[at_++];
    constexpr std::string_view letters = "nrtbf", meanings = "\n\r\t\b\f";
    if (const auto letter = letters.find(c); letter != std::string_view::npos) {
        out += meanings[letter];
    } else if (c >= '0' && c <= '7') {
        int code = c - '0';
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; ++i)
            code = code * 8 + (text_[at_++] - '0');
        out += static_cast<char>(code & 0xff);
    } else if (c == '\r') {
        if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    } else if (c != '\n') {
        out += c;
    }
    return true;
}

Value Syntax::literal_string() {
    String out;
    out.begin = place();
    ++at_;
    for (int open = 1; open > 0;) {
        if (ended()) return {};
        const char c = text_[at_++];
        if (c == '\\') {
            if (!escaped(out.bytes)) return {};
            continue;
        }
        if (c == '(') ++open;
        if (c == ')' && --open == 0) break;
        if (c == '\r') {
            if (at_ < text_.size() && text_[at_] == '\n') ++at_;
            out.bytes += '\n';
        } else {
            out.bytes += c;
        }
    }
    out.end = place();
    return out;
}

Value Syntax::hex_string() {
    String out;
    out.begin = place();
    ++at_;
    int half = -1;
    while (true) {
        if (ended()) return {};
        const char c = text_[at_++];
        if (c == '>') break;
        if (is_white(c)) continue;
        const int digit = hex_digit(c);
        if (digit < 0) return fail(State::wrong);
        if (half < 0) {
            half = digit;
        } else {
            out.bytes += static_cast<char>(half * 16 + digit);
            half = -1;
        }
    }
    if (half >= 0) out.bytes += static_cast<char>(half * 16);
    out.end = place();
    return out;
}

Value Syntax::word() {
    const auto text = regular();
    if (text == "true") return true;
    if (text == "false") return false;
    if (text == "null") return Null{};
    return fail(State::wrong);
}

}  // namespace axis::signature::pdf
