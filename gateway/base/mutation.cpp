#include "gateway/base/mutation.hpp"

#include <array>
#include <atomic>
#include <cstdlib>

namespace axis {

namespace {

constexpr std::array<std::string_view, 14> names{
    "none",
    "answer_before_commit",
    "synchronous_off",
    "no_directory_sync",
    "no_inbox_dedupe",
    "resend_without_reconcile",
    "ack_before_commit",
    "collection_ignores_pins",
    "attempt_after_send",
    "settle_lost",
    "journal_row_dropped",
    "publish_unconfirmed",
    "classic_queue",
    "ack_before_settle"};

}  // namespace

std::string_view name(Mutation mutation) {
    return names.at(static_cast<std::size_t>(mutation));
}

std::optional<Mutation> mutation_named(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<Mutation>(i);
    return std::nullopt;
}

#ifdef AXIS_MUTATIONS

namespace {

std::atomic<Mutation>& chosen() {
    static std::atomic<Mutation> mutation{[] {
        const char* text = std::getenv("AXISD_MUTATION");
        return text == nullptr ? Mutation::none : mutation_named(text).value_or(Mutation::none);
    }()};
    return mutation;
}

}  // namespace

bool mutated(Mutation mutation) {
    return chosen().load(std::memory_order_relaxed) == mutation;
}

void mutate(Mutation mutation) {
    chosen() = mutation;
}

bool mutations_built_in() {
    return true;
}

#else

bool mutated(Mutation) {
    return false;
}

void mutate(Mutation) {}

bool mutations_built_in() {
    return false;
}

#endif

}  // namespace axis
