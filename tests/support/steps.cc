// SPDX-License-Identifier: BSD-3-Clause
#include "support/steps.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

constexpr size_t kBytesOfStep = 64;
uint64_t steps, held, peak;

void* take(size_t size) {
  void* p = std::malloc(size > 0 ? size : 1);
  if (p == nullptr) throw std::bad_alloc();
  held += malloc_usable_size(p);
  peak = std::max(peak, held);
  return p;
}

void give(void* p) {
  if (p == nullptr) return;
  held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

// Called at each basic block of the code under test.
extern "C" void __sanitizer_cov_trace_pc() { ++steps; }

// The linker sends the library's calls of these here.
extern "C" {
void* __real_memcpy(void*, const void*, size_t);
void* __real_memmove(void*, const void*, size_t);
void* __real_memset(void*, int, size_t);
void* __real_memchr(const void*, int, size_t);
int __real_memcmp(const void*, const void*, size_t);
void* __wrap_memcpy(void* to, const void* from, size_t n) {
  steps += n / kBytesOfStep;
  return __real_memcpy(to, from, n);
}
void* __wrap_memmove(void* to, const void* from, size_t n) {
  steps += n / kBytesOfStep;
  return __real_memmove(to, from, n);
}
void* __wrap_memset(void* to, int c, size_t n) {
  steps += n / kBytesOfStep;
  return __real_memset(to, c, n);
}
void* __wrap_memchr(const void* in, int c, size_t n) {
  void* found = __real_memchr(in, c, n);
  steps += (found == nullptr ? n : static_cast<size_t>(static_cast<char*>(found) - static_cast<const char*>(in))) / kBytesOfStep;
  return found;
}
int __wrap_memcmp(const void* a, const void* b, size_t n) {
  steps += n / kBytesOfStep;
  return __real_memcmp(a, b, n);
}
}

void* operator new(size_t size) { return take(size); }
void* operator new[](size_t size) { return take(size); }
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, size_t) noexcept { give(p); }
void operator delete[](void* p, size_t) noexcept { give(p); }

namespace kutrace::test {

CostMeter::CostMeter() : steps_(steps), held_(held) { peak = held; }

Cost CostMeter::read() const { return {steps - steps_, peak - held_}; }

}  // namespace kutrace::test
