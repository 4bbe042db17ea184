#include "tests/support/heap.hpp"

#include <malloc.h>

#include <atomic>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AXIS_SANITIZER_HEAP
#endif

namespace {

// Signed: what was allocated before we listen may be freed later.
std::atomic<std::ptrdiff_t> live{0};
std::atomic<std::ptrdiff_t> peak{0};

void count(std::size_t size) {
    const auto bytes = static_cast<std::ptrdiff_t>(size);
    const auto now = live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    auto seen = peak.load(std::memory_order_relaxed);
    while (now > seen && !peak.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
}

void discount(std::size_t size) {
    live.fetch_sub(static_cast<std::ptrdiff_t>(size), std::memory_order_relaxed);
}

}  // namespace

#ifdef AXIS_SANITIZER_HEAP

extern "C" {
int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*)
);
std::size_t __sanitizer_get_allocated_size(const volatile void* p);
}

namespace {

void on_malloc(const volatile void*, std::size_t size) {
    count(size);
}
void on_free(const volatile void* p) {
    if (p != nullptr) discount(__sanitizer_get_allocated_size(p));
}
const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

// glibc's own allocator under its other names.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t n, std::size_t size);
void* __libc_realloc(void* p, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* p);

static void* counted(void* p) {
    if (p != nullptr) count(malloc_usable_size(p));
    return p;
}

void* malloc(std::size_t size) noexcept {
    return counted(__libc_malloc(size));
}
void* calloc(std::size_t n, std::size_t size) noexcept {
    return counted(__libc_calloc(n, size));
}
// Old and new are held together while the bytes move.
void* realloc(void* p, std::size_t size) noexcept {
    const auto before = p == nullptr ? 0 : malloc_usable_size(p);
    auto* moved = __libc_realloc(p, size);
    if (moved == nullptr && size > 0) return nullptr;
    if (moved != nullptr) count(malloc_usable_size(moved));
    discount(before);
    return moved;
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
    *out = counted(__libc_memalign(alignment, size));
    return *out == nullptr ? 12 : 0;  // ENOMEM
}
void free(void* p) noexcept {
    if (p != nullptr) discount(malloc_usable_size(p));
    __libc_free(p);
}
}

#endif

namespace axis::test {

HeapPeak::HeapPeak() : before_{live.load()} {
    peak = before_;
}

std::size_t HeapPeak::bytes() const {
    return static_cast<std::size_t>(peak.load() - before_);
}

}  // namespace axis::test
