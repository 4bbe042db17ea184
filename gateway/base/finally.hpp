// Finally: what is done when a scope ends, however it ends. Thread: where the scope ends.
#pragma once

#include <utility>

namespace axis {

template <class F>
class Finally {
public:
    explicit Finally(F last) : last_{std::move(last)} {}
    ~Finally() { last_(); }
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;

private:
    F last_;
};

}  // namespace axis
