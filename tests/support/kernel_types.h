// SPDX-License-Identifier: BSD-3-Clause
// What kutrace_core.h takes from the kernel, for user space.
#pragma once

#include <cstdint>
#include <type_traits>

using u64 = uint64_t;
using u32 = uint32_t;
using u16 = uint16_t;
using u8 = uint8_t;
using s8 = int8_t;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define barrier() __asm__ volatile("" ::: "memory")
#define WRITE_ONCE(x, value) \
  (*const_cast<volatile std::remove_reference_t<decltype(x)>*>(&(x)) = static_cast<std::remove_reference_t<decltype(x)>>(value))
