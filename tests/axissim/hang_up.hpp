// Ends a connection without an answer: what a client sees when the axis dies after storing.
// axis::http answers 500 for a handler that throws a std::exception; anything else ends the session as it
// stands. The session's task group logs it as task.failed, which here is the wanted event. One place, with a
// test.
#pragma once

namespace axis::sim {

struct HangUp {};
[[noreturn]] inline void hang_up() {
    throw HangUp{};
}

}  // namespace axis::sim
