#include "tests/support/property.hpp"

#include <rapidcheck/detail/Configuration.h>
#include <rapidcheck/detail/TestListenerAdapter.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace axis::test {

namespace {

using Numbers = std::vector<std::uint8_t>;

rc::detail::Configuration configuration(int count) {
    rc::detail::Configuration ordinary;
    ordinary.testParams.seed = property_seed;
    ordinary.testParams.maxSuccess = count;
    const char* asked = std::getenv("RC_PARAMS");
    return rc::detail::configFromString(asked == nullptr ? "" : asked, ordinary);
}

struct Step {
    std::size_t begin, count;
    enum { remove, zero, halve } how;
};

Numbers simpler(Numbers numbers, const Step& step) {
    const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(step.begin);
    const auto end = begin + static_cast<std::ptrdiff_t>(step.count);
    if (step.how == Step::remove)
        numbers.erase(begin, end);
    else if (step.how == Step::zero)
        std::fill(begin, end, 0);
    else
        *begin /= 2;
    return numbers;
}

// Large steps first: half of them taken away or made nothing, then quarters, at last single ones.
rc::Seq<Numbers> simpler(const Numbers& numbers) {
    std::vector<Step> steps;
    const auto add = [&](std::size_t begin, std::size_t count) {
        const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(begin);
        const bool said =
            std::any_of(first, first + static_cast<std::ptrdiff_t>(count), [](auto n) { return n > 0; });
        steps.push_back({begin, count, Step::remove});
        if (said) steps.push_back({begin, count, Step::zero});
        if (said && count == 1 && *first > 1) steps.push_back({begin, count, Step::halve});
    };
    for (auto count = numbers.size(); count > 0; count /= 2)
        for (std::size_t begin = 0; begin < numbers.size(); begin += count)
            add(begin, std::min(count, numbers.size() - begin));
    return rc::seq::map(rc::seq::fromContainer(std::move(steps)), [numbers](const Step& step) {
        return simpler(numbers, step);
    });
}

}  // namespace

bool property_holds(const std::string& name, int count, const rc::detail::Property& property) {
    const auto asked = configuration(count);
    rc::detail::TestMetadata metadata;
    metadata.id = metadata.description = name;
    rc::detail::TestListenerAdapter silent;
    std::cerr << name << " (seed=" << asked.testParams.seed << " max_success=" << asked.testParams.maxSuccess
              << ")\n";
    const auto result =
        rc::detail::checkProperty(property, metadata, asked.testParams, silent, asked.reproduce);
    rc::detail::printResultMessage(result, std::cerr);
    std::cerr << '\n';
    if (result.is<rc::detail::FailureResult>()) {
        rc::detail::Configuration again;
        again.reproduce[name] = result.get<rc::detail::FailureResult>().reproduce;
        std::cerr << "again: RC_PARAMS=\"" << rc::detail::configToMinimalString(again) << "\"\n";
    }
    return result.is<rc::detail::SuccessResult>();
}

std::size_t Choices::below(std::size_t bound) {
    // A second number only where one is too small.
    const auto next = [this]() -> std::size_t { return used_ < numbers_.size() ? numbers_[used_++] : 0; };
    const auto number = next();
    return (bound <= 256 ? number : number + 256 * next()) % bound;
}

rc::Gen<Choices> choices(std::size_t most) {
    rc::Gen<Numbers> numbers = [most](rc::Random random, int size) {
        const auto whole = static_cast<std::size_t>(rc::kNominalSize);
        Numbers drawn(random.next() % (most * static_cast<std::size_t>(size) / whole + 1));
        for (std::size_t i = 0; i < drawn.size(); i += 8) {
            const auto eight = random.next();
            for (std::size_t k = i; k < std::min(i + 8, drawn.size()); ++k)
                drawn[k] = static_cast<std::uint8_t>(eight >> (8 * (k - i)));
        }
        return rc::shrinkable::shrinkRecur(std::move(drawn), [](const Numbers& n) { return simpler(n); });
    };
    return rc::gen::map(std::move(numbers), [](Numbers drawn) { return Choices{std::move(drawn)}; });
}

}  // namespace axis::test
