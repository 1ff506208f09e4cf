// SPDX-License-Identifier: BSD-3-Clause
// Known answers of the routines of asm/, and that each keeps the registers that are its caller's. A line `ok WHAT` or `FAILED WHAT` each; runs natively
// and, linked statically, in guests of either architecture.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "lab.h"

// tests/asm_kept.S: fills the registers that are a caller's with a pattern, calls, and gives how many were changed.
extern "C" uint64_t asm_kept(const void* routine, const uint64_t arguments[3]);

namespace {

bool all_good = true;

void expect(bool good, const char* what) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", what);
  all_good = all_good && good;
}

uint64_t number(const void* p) { return reinterpret_cast<uint64_t>(p); }

template <typename Body>
void on_threads(int count, Body&& body) {
  std::vector<std::jthread> threads;
  for (int k = 0; k < count; ++k) threads.emplace_back([&body, k] { body(k); });
}

void adding() {
  constexpr uint64_t kEach = 100000;
  constexpr int kThreads = 4;
  uint64_t sum = 0;
  std::vector<std::vector<uint64_t>> olds(kThreads);
  on_threads(kThreads, [&](int k) {
    for (uint64_t i = 0; i < kEach; ++i) olds[static_cast<size_t>(k)].push_back(lf_add(&sum, 1));
  });
  std::vector<bool> seen(kThreads * kEach);
  bool distinct = true;
  for (const auto& list : olds) {
    for (const uint64_t old : list) {
      distinct = distinct && old < seen.size() && !seen[old];
      if (old < seen.size()) seen[old] = true;
    }
  }
  expect(sum == kThreads * kEach && distinct, "lf_add: the exact sum, and every old value once");
  uint64_t place = 5;
  expect(lf_cas(&place, 4, 9) == 0 && place == 5 && lf_cas(&place, 5, 9) == 1 && place == 9, "lf_cas: both results, and memory as it was when it says 0");
}

// Each thread pops and pushes the same nodes again and again: in the end every node is there once.
void stack() {
  constexpr size_t kNodes = 64;
  constexpr int kThreads = 4;
  static lf_stack s;
  static lf_node nodes[kNodes];
  std::atomic<uint64_t> empty{0};
  for (lf_node& n : nodes) lf_push(&s, &n);
  on_threads(kThreads, [&](int) {
    for (int i = 0; i < 100000; ++i) {
      lf_node* first = lf_pop(&s);
      lf_node* second = lf_pop(&s);
      if (first == nullptr || second == nullptr) ++empty;
      if (first != nullptr) lf_push(&s, first);
      if (second != nullptr) lf_push(&s, second);
    }
  });
  std::vector<lf_node*> left;
  while (lf_node* n = lf_pop(&s)) left.push_back(n);
  std::sort(left.begin(), left.end());
  const bool once = std::adjacent_find(left.begin(), left.end()) == left.end();
  expect(left.size() == kNodes && once && empty == 0 && lf_pop(&s) == nullptr, "lf_push, lf_pop: each node once, whatever the threads did");
}

// Another pops A and B and pushes A in the middle of a pop of A: B is not on the stack, but its link is what the pop stores.
void aba() {
  static lf_stack s;
  static lf_node a, b, c;
  lf_push(&s, &c);
  lf_push(&s, &b);
  lf_push(&s, &a);
  const auto meanwhile = [](lf_stack* of) {
    lf_node* first = lf_pop(of);
    lf_pop(of);
    lf_push(of, first);
  };
  lf_node* got = lf_pop_untagged(&s, meanwhile);
  expect(got == &a && s.top == &b, "lf_pop_untagged: ABA puts back what was given away");
  s = {};
  lf_push(&s, &c);
  lf_push(&s, &b);
  lf_push(&s, &a);
  const lf_stack before = s;
  meanwhile(&s);
  // What a pop that read `before` would now exchange: the pointer is the same, the tag is not.
  expect(s.top == before.top && s.tag != before.tag && lf_pop(&s) == &a && s.top == &c, "lf_pop: the tag tells that A went away and came back");
  expect(lf_pop_untagged(&s, [](lf_stack* of) { lf_pop(of); }) == nullptr, "lf_pop_untagged: another top is noticed");
}

void ring() {
  constexpr uint64_t kItems = 1000000;
  static lf_ring r;
  uint64_t wrong = 0;
  on_threads(2, [&](int k) {
    for (uint64_t i = 0; i < kItems;) {
      uint64_t value = 0;
      const bool done = k == 0 ? lf_put(&r, i) != 0 : lf_get(&r, &value) != 0;
      if (!done) std::this_thread::yield();
      else if (k == 1 && value != i) ++wrong;
      if (done) ++i;
    }
  });
  uint64_t value;
  expect(wrong == 0 && lf_get(&r, &value) == 0, "lf_put, lf_get: a million numbers in their order");
  uint64_t put = 0;
  while (lf_put(&r, put) != 0) ++put;
  expect(put == LF_RING, "lf_put: full when it is full");
}

void lines() {
  uint64_t x = 40;
  expect(cl_bump(&x, 1000) == 1040 && x == 1040 && cl_bump(&x, 0) == 1040, "cl_bump");
  expect(cl_bump_atomic(&x, 1000) == 2040 && x == 2040, "cl_bump_atomic");
  // One cycle over all places, in a mixed order.
  constexpr size_t kPlaces = 1000;
  std::vector<size_t> order(kPlaces);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  std::vector<void*> places(kPlaces);
  for (size_t k = 0; k < kPlaces; ++k) places[order[k]] = &places[order[(k + 1) % kPlaces]];
  expect(cl_chase(&places[order[0]], kPlaces) == &places[order[0]] && cl_chase(&places[order[0]], 7) == &places[order[7]] && cl_chase(&x, 0) == &x, "cl_chase");
  std::vector<uint8_t> data(5000, 7);
  cl_flush(data.data() + 3, data.size() - 3);
  cl_flush(data.data(), 0);
  expect(std::all_of(data.begin(), data.end(), [](uint8_t b) { return b == 7; }), "cl_flush: data are as they were");
}

uint64_t power_of_3(uint64_t n) {
  uint64_t x = 1;
  for (uint64_t k = 0; k < n; ++k) x *= 3;
  return x;
}

void processors() {
  expect(ooo_chain(1000) == power_of_3(1000) && ooo_chain(0) == 1, "ooo_chain");
  expect(ooo_four(1000) == 4 * power_of_3(250) && ooo_four(0) == 4, "ooo_four");
  uint64_t x = 0xfffffff0;
  expect(ooo_whole(&x, 100) == 0x100000054 && x == 0x100000054 && ooo_whole(&x, 0) == x, "ooo_whole");
  x = 0xfffffff0;
  expect(ooo_halves(&x, 100) == 0x100000054 && x == 0x100000054 && ooo_halves(&x, 0) == x, "ooo_halves: over the edge of the half");
  std::vector<uint8_t> bytes(1001);
  for (size_t k = 0; k < bytes.size(); ++k) bytes[k] = k % 3 == 0 ? static_cast<uint8_t>(k | 1) : 0;
  expect(sp_count(bytes.data(), bytes.size()) == 334 && sp_count(bytes.data(), 0) == 0, "sp_count");
  uint64_t ticks = 0;
  for (int k = 0; k < 100000; ++k) ticks += sp_load(&x);
  expect(ticks > 0 && x == 0x100000054, "sp_load: takes time");
  const uint64_t before = lab_ticks();
  while (lab_ticks() == before) {
  }
  expect(lab_ticks() > before, "lab_ticks: goes on");
}

void kept() {
  alignas(16) static lf_stack s;
  static lf_node n;
  static lf_ring r;
  static uint64_t x = 1;
  static void* self = &self;
  static const uint8_t bytes[4] = {1, 0, 1, 0};
  const auto nothing = [](lf_stack*) {};
  const struct {
    const char* name;
    const void* routine;
    uint64_t arguments[3];
  } all[] = {
      {"lf_add", reinterpret_cast<const void*>(lf_add), {number(&x), 1, 0}},
      {"lf_cas", reinterpret_cast<const void*>(lf_cas), {number(&x), 1, 2}},
      {"lf_push", reinterpret_cast<const void*>(lf_push), {number(&s), number(&n), 0}},
      {"lf_pop", reinterpret_cast<const void*>(lf_pop), {number(&s), 0, 0}},
      {"lf_push again", reinterpret_cast<const void*>(lf_push), {number(&s), number(&n), 0}},
      {"lf_pop_untagged", reinterpret_cast<const void*>(lf_pop_untagged), {number(&s), reinterpret_cast<uint64_t>(+nothing), 0}},
      {"lf_put", reinterpret_cast<const void*>(lf_put), {number(&r), 5, 0}},
      {"lf_get", reinterpret_cast<const void*>(lf_get), {number(&r), number(&x), 0}},
      {"cl_bump", reinterpret_cast<const void*>(cl_bump), {number(&x), 3, 0}},
      {"cl_bump_atomic", reinterpret_cast<const void*>(cl_bump_atomic), {number(&x), 3, 0}},
      {"cl_chase", reinterpret_cast<const void*>(cl_chase), {number(&self), 3, 0}},
      {"cl_flush", reinterpret_cast<const void*>(cl_flush), {number(&x), 8, 0}},
      {"ooo_chain", reinterpret_cast<const void*>(ooo_chain), {8, 0, 0}},
      {"ooo_four", reinterpret_cast<const void*>(ooo_four), {8, 0, 0}},
      {"ooo_whole", reinterpret_cast<const void*>(ooo_whole), {number(&x), 8, 0}},
      {"ooo_halves", reinterpret_cast<const void*>(ooo_halves), {number(&x), 8, 0}},
      {"sp_count", reinterpret_cast<const void*>(sp_count), {number(bytes), 4, 0}},
      {"sp_load", reinterpret_cast<const void*>(sp_load), {number(&x), 0, 0}},
      {"lab_ticks", reinterpret_cast<const void*>(lab_ticks), {0, 0, 0}},
  };
  for (const auto& one : all) {
    const uint64_t changed = asm_kept(one.routine, one.arguments);
    char what[80];
    std::snprintf(what, sizeof what, "%s keeps its caller's registers", one.name);
    expect(changed == 0, what);
  }
}

}  // namespace

int main() {
  adding();
  stack();
  aba();
  ring();
  lines();
  processors();
  kept();
  return all_good ? 0 : 1;
}
