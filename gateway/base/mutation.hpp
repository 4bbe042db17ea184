// mutated(Mutation::x): has a test broken the program here on purpose? (The blind-harness check: each of
// these must be caught by tests/simulation, or the harness sees nothing.)
//
//   AXISD_MUTATION=settle_lost axisd …      or mutate(Mutation::settle_lost) in the process of a test
//
// Alive in test builds only (AXIS_MUTATIONS); in the release build nothing is ever mutated. Thread: any.
#pragma once

#include <optional>
#include <string_view>

namespace axis {

enum class Mutation {
    none,
    answer_before_commit,      // ledger: the caller hears success before COMMIT
    synchronous_off,           // ledger: COMMIT does not wait for the disk
    no_directory_sync,         // spool: a name may be lost by a power cut
    no_inbox_dedupe,           // ledger: what the axis hands over again counts as new
    resend_without_reconcile,  // delivery: an unknown outcome is sent again unasked
    ack_before_commit,         // vxp, amqp adapter: the other side may forget what is not yet kept
    collection_ignores_pins,   // spool: a text is collected from under the message it was published for
    attempt_after_send,        // ledger: the attempt's row is written when it is settled
    settle_lost,               // ledger: what the other side said is not written down
    journal_row_dropped,       // ledger: an act without its row
    publish_unconfirmed,       // amqp: a message counts as taken when it is written
    classic_queue,             // amqp: queues are classic ones (version 2), which confirm before they sync
    ack_before_settle,         // worker: a reference is forgotten before its attempt is begun
};

bool mutated(Mutation mutation);
void mutate(Mutation mutation);  // none: whole again
bool mutations_built_in();

std::string_view name(Mutation mutation);
std::optional<Mutation> mutation_named(std::string_view name);

}  // namespace axis
