// SPDX-License-Identifier: BSD-3-Clause
// What a workload did, as it did it: system calls made one by one and noted with arguments and results. Notes are kept
// in memory shared with children and written only at the end, so that noting makes no system call.
//
// The file that comes out is text, a fact a line, words apart by one blank:
//
//   kutrace-truth 1                        first line; the number is the version of this format
//   process PID                            the first thread's id
//   thread TID NAME                        a thread; its lines follow, in the order in which it did things
//   begin TID PHASE                        it inserted mark_a PHASE (five characters at most)
//   call TID NUMBER NAME ARG RESULT        it made this system call. ARG: low 16 bits of the first argument;
//                                          RESULT: low 16 bits, signed (-2 is ENOENT); ? not known of either
//   compat TID NUMBER NAME ARG RESULT      the same, a system call of the 32-bit kind
//   end TID PHASE                          it inserted mark_a /PHASE
//   expect TID PHASE WHAT RELATION NUMBER  of that phase; RELATION is `exactly` or `least`. WHAT: faults (page faults),
//                                          sleep_us, wakeups (times the thread was made runnable), switches (times
//                                          another thread took its CPU), cpus (CPUs that it ran on)
//   exit TID STATUS                        it ended
//   end-of-truth                           last line: the file is complete
//
// Between the marks of one phase, the thread makes exactly the system calls listed, in that order; the trace control
// call is not one of them (it is not traced). Outside of phases it makes others.
#pragma once

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>

#include "kutrace.h"

namespace kutrace::truth {

struct Note {
  enum Kind : uint32_t { kBegin, kCall, kCompat, kEnd, kExpect, kExit } kind;
  const char* text;  // name of the call, phase, WHAT: literals, so the same in children
  const char* relation;
  long number, argument, result;
  bool argument_known, known;  // the latter: its result
};

// The notes of one thread.
class Life {
 public:
  static constexpr uint32_t kRoom = 4096;

  void start(const char* name) {
    tid_ = static_cast<int>(syscall(SYS_gettid));
    name_ = name;
    // Touched now rather than in a phase that counts faults.
    std::memset(notes_, 0, sizeof(notes_));
  }
  void begin(const char* phase) {
    add({Note::kBegin, phase, "", 0, 0, 0, true, true});
    kutrace_mark_a(phase);
  }
  void end(const char* phase) {
    char label[8] = "/";
    std::strncat(label, phase, 5);
    kutrace_mark_a(label);
    add({Note::kEnd, phase, "", 0, 0, 0, true, true});
  }
  // Makes the call; its result, or a negative errno. The note stands before the call is made: a signal handler that
  // runs at its end makes notes of its own.
  template <typename... More>
  long call(const char* name, long number, long argument = 0, More... more) {
    Note* note = add({Note::kCall, name, "", number, argument, 0, true, false});
    long result = syscall(number, argument, more...);
    if (result == -1) result = -errno;
    // The notes are shared: of what clone returns to both, the parent's counts.
    if (note != nullptr && !(number == SYS_clone && result == 0)) {
      note->result = result;
      note->known = true;
    }
    return result;
  }
#ifdef __x86_64__
  // As a 32-bit program calls.
  long compat_call(const char* name, int number, int argument) {
    Note* note = add({Note::kCompat, name, "", number, argument, 0, true, false});
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(argument) : "memory", "r8", "r9", "r10", "r11");
    if (note != nullptr) {
      note->result = result;
      note->known = true;
    }
    return result;
  }
#endif
  // A call that the C library or the kernel makes for us.
  void unseen_call(const char* name, long number) { add({Note::kCall, name, "", number, 0, 0, false, false}); }
  void expect(const char* phase, const char* what, const char* relation, long number) {
    if (Note* note = add({Note::kExpect, what, relation, number, 0, 0, true, true})) note->argument = reinterpret_cast<long>(phase);
  }
  void exits(long status) { add({Note::kExit, "", "", status, 0, 0, true, true}); }
  bool full() const { return full_; }
  bool used() const { return tid_ != 0; }
  int tid() const { return tid_; }
  void write(std::FILE* out) const;

 private:
  Note* add(const Note& note) {
    if (count_ == kRoom) {
      full_ = true;
      return nullptr;
    }
    notes_[count_] = note;
    return &notes_[count_++];
  }
  int tid_;
  const char* name_;
  uint32_t count_;
  bool full_;
  Note notes_[kRoom];
};

// `count` lives in memory that children share, all zero.
inline Life* shared_lives(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(Life), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Life*>(memory);
}

inline void write_value(std::FILE* out, bool known, long value) {
  if (known) {
    std::fprintf(out, "%ld", value);
  } else {
    std::fputc('?', out);
  }
}

inline void Life::write(std::FILE* out) const {
  std::fprintf(out, "thread %d %s\n", tid_, name_);
  for (uint32_t k = 0; k < count_; ++k) {
    const Note& n = notes_[k];
    switch (n.kind) {
      case Note::kBegin: std::fprintf(out, "begin %d %s\n", tid_, n.text); break;
      case Note::kEnd: std::fprintf(out, "end %d %s\n", tid_, n.text); break;
      case Note::kExit: std::fprintf(out, "exit %d %ld\n", tid_, n.number); break;
      case Note::kExpect:
        std::fprintf(out, "expect %d %s %s %s %ld\n", tid_, reinterpret_cast<const char*>(n.argument), n.text, n.relation,
                     n.number);
        break;
      case Note::kCall:
      case Note::kCompat:
        std::fprintf(out, "%s %d %ld %s ", n.kind == Note::kCall ? "call" : "compat", tid_, n.number, n.text);
        write_value(out, n.argument_known, n.argument & 0xffff);
        std::fputc(' ', out);
        write_value(out, n.known, static_cast<int16_t>(n.result));
        std::fputc('\n', out);
        break;
    }
  }
}

}  // namespace kutrace::truth

// CALL(life, read, fd, buffer, size): the number and the name come from one word.
#define CALL(life, name, ...) (life).call(#name, SYS_##name __VA_OPT__(, ) __VA_ARGS__)
