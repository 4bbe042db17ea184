// Syntax: values out of text, strictly (ISO 32000-1 §7.2, §7.3): what needs a guess is refused, a key that
// stands twice too. Internal to signature/pdf. Memory: in proportion to the text, below the limits.
#pragma once

#include "gateway/signature/pdf/reader.hpp"
#include "gateway/signature/pdf/value.hpp"

#include <string_view>

namespace axis::signature::pdf {

bool is_white(char c);
bool is_delimiter(char c);
bool only_white(std::string_view text);

class Syntax {
public:
    // `text` stands at `base` of the file. What reaches its end may go on behind it: `cut_off`.
    Syntax(std::string_view text, std::uint64_t base, const Limits& limits)
        : text_{text}, base_{base}, limits_{limits} {}

    enum class State { good, cut_off, wrong, beyond_values, beyond_depth };

    // After a state that is not good, everything is null, nothing and false.
    Value value();
    bool keyword(std::string_view word);  // passes it when it comes next; else stays
    bool number(std::uint64_t& out);      // digits only, up to 19
    bool object_begin(Ref& out);          // "12 0 obj"
    bool stream_begin();                  // the one line end that "stream" is followed by
    void skip_white();                    // and comments
    void refuse() { fail(State::wrong); }
    std::uint64_t place() const { return base_ + at_; }

    State state() const { return state_; }
    Fault fault() const;

private:
    struct Items;
    Value fail(State state);
    bool ended();
    Value token(std::size_t depth);
    Items items(std::string_view closing, std::size_t depth);
    Value array(std::size_t depth);
    Value dict(std::size_t depth);
    Value numeric();
    Value name();
    Value literal_string();
    bool escaped(std::string& out);
    Value hex_string();
    Value word();
    std::string_view regular();
    bool reference(std::vector<Value>& items);

    std::string_view text_;
    std::uint64_t base_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    State state_ = State::good;
};

}  // namespace axis::signature::pdf
