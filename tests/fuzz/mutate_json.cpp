#include "tests/fuzz/mutate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <vector>

namespace axis::fuzz {

namespace {

namespace json = boost::json;

constexpr std::size_t growth_max = 32;

void collect(json::value& value, std::vector<json::value*>& values, std::vector<std::string>& keys) {
    values.push_back(&value);
    if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            keys.emplace_back(member.key());
            collect(member.value(), values, keys);
        }
    }
    if (auto* array = value.if_array())
        for (auto& entry : *array) collect(entry, values, keys);
}

json::value simple(Dice& dice) {
    switch (dice.below(8)) {
        case 0:
            return nullptr;
        case 1:
            return dice.one_in(2);
        case 2:
            return static_cast<std::int64_t>(dice.below(12)) - 1;
        case 3:
            return json::array{};
        case 4:
            return json::object{};
        case 5:
            return std::numeric_limits<std::uint64_t>::max();
        default:
            return json::value(telling_text(dice));
    }
}

void change_one(json::value& value, const json::value& taken, const std::string& key, Dice& dice) {
    auto* object = value.if_object();
    auto* array = value.if_array();
    if (object && dice.one_in(3) && !object->empty()) {
        object->erase(std::next(object->begin(), static_cast<std::ptrdiff_t>(dice.below(object->size()))));
    } else if (object && dice.one_in(2)) {
        (*object)[key] = taken;
    } else if (array && dice.one_in(2)) {
        array->insert(
            std::next(array->begin(), static_cast<std::ptrdiff_t>(dice.below(array->size() + 1))), taken
        );
    } else if (value.is_string() && dice.one_in(2)) {
        value = json::value(mutated_bytes(value.get_string(), growth_max));
    } else {
        value = taken;
    }
}

}  // namespace

std::string mutate_json(std::string_view input, std::string_view other, Dice& dice) {
    json::error_code failure;
    auto whole = json::parse(input, failure);
    if (failure) return mutated_bytes(input, growth_max);
    auto second = json::parse(other, failure);
    if (failure) second = whole;
    std::vector<json::value*> values, sources;
    std::vector<std::string> keys{"a"}, other_keys{"b"};
    collect(whole, values, keys);
    collect(second, sources, other_keys);
    // A copy: it may hold what is changed.
    const json::value taken = dice.one_in(2) ? simple(dice) : *dice.of(sources);
    change_one(*dice.of(values), taken, dice.one_in(2) ? dice.of(keys) : dice.of(other_keys), dice);
    return json::serialize(whole);
}

}  // namespace axis::fuzz
