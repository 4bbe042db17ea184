// Where a reader stands in the JSON text, what it demands, and what it found wrong so far.
#pragma once

#include "gateway/base/error.hpp"
#include "gateway/package/package.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace axis::package {

class Context {
public:
    static constexpr std::size_t fault_count_max = 100;  // a reply stays readable

    Context(const Limits& limits, Demand demand) : limits_{limits}, demand_{demand} {}
    const Limits& limits() const { return limits_; }
    bool posted() const { return demand_ == Demand::posted; }

    void fault(errc code, std::string detail = {});                              // at the present place
    void fault_below(std::string_view key, errc code, std::string detail = {});  // at one of its keys
    std::size_t fault_count() const { return count_; }
    std::vector<Fault> take() { return std::move(faults_); }

    // Stands one level deeper for as long as it lives.
    class At {
    public:
        At(Context& context, std::string_view key);
        At(Context& context, std::size_t index) : At{context, std::string_view{std::to_string(index)}} {}
        ~At() { context_.pointer_.resize(size_before_); }
        At(const At&) = delete;
        At& operator=(const At&) = delete;

    private:
        Context& context_;
        std::size_t size_before_;
    };

private:
    const Limits& limits_;
    Demand demand_;
    std::string pointer_;
    std::vector<Fault> faults_;
    std::size_t count_ = 0;
};

// Checks of single values; each states its fault and says whether there was none.
bool check_text(Context& context, std::string_view text, std::size_t characters_max);
bool check_date(Context& context, std::string_view text);
bool is_rfc3339(std::string_view text);

// One step of a JSON pointer (RFC 6901), "/" included. A long key is cut at a character's edge.
std::string pointer_step(std::string_view key);

}  // namespace axis::package
