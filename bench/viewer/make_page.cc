// SPDX-License-Identifier: BSD-3-Clause
// make_page: a page of made-up records, of any size and always the same for the same options. Threads of a service run
// requests: user code, system calls, faults, locks, waits; they share CPUs with interrupts, wakeups, samples and packets.
// On each CPU the spans tile. For the viewer's bench and tests; what it makes goes through the real writer.
#include <algorithm>
#include <array>
#include <queue>
#include <string>
#include <vector>

#include "html/html_packer.h"
#include "html/payload_writer.h"
#include "tools/tool.h"
#include "trace/kinds.h"

namespace {

using namespace kutrace;

struct Options {
  uint64_t records = 100000;
  uint32_t cpus = 4, threads = 40, first_thread = 1200, seed = 1;
  double stretch = 1;  // all durations times this
};

struct Call {
  int32_t number;
  const char* name;
  char wait;  // letter of its wait when it blocks, 0 never
};
constexpr std::array<Call, 12> kCalls{{{0, "read", 'd'}, {1, "write", 'p'}, {7, "poll", 'n'}, {9, "mmap", 0},
    {35, "nanosleep", 't'}, {44, "sendto", 0}, {45, "recvfrom", 'n'}, {96, "gettimeofday", 0}, {202, "futex", 'l'},
    {232, "epoll_wait", 'n'}, {257, "openat", 0}, {3, "close", 0}}};
constexpr std::array<const char*, 5> kPrograms{"server", "client", "logger", "worker", "db"};

class Maker {
 public:
  Maker(const Options& o, StringPool& pool, PayloadWriter& writer) : o_(o), pool_(pool), writer_(writer), state_(o.seed * 2654435761u + 1) {
    for (uint32_t i = 0; i < o.threads; ++i) {
      Thread t;
      t.pid = static_cast<int32_t>(o.first_thread + i * (1 + i % 2));
      t.name = pool.intern(std::string(kPrograms[i % kPrograms.size()]) + "." + std::to_string(t.pid));
      threads_.push_back(t);
      ready_.push_back(i);
    }
    for (const Call& c : kCalls) call_names_.push_back(pool.intern(c.name));
    cpus_.resize(o.cpus);
    for (uint32_t c = 0; c < o.cpus; ++c) {
      cpus_[c].now = cpus_[c].frequency_from = cpus_[c].sampled = kStart + c;
      cpus_[c].tick = kStart + kTick + static_cast<Ticks>(c) * 3000;
      agenda_.push({cpus_[c].now, c});
    }
  }

  void run() {
    // The ends of the rows, too, are wanted: each CPU makes its last step when enough was made.
    while (made_ < o_.records) {
      const uint32_t c = agenda_.top().second;
      agenda_.pop();
      step(c);
      agenda_.push({cpus_[c].now, c});
    }
    flush();
  }

 public:
  static constexpr double kNsPerTick = 25;        // as on a machine whose counter is shifted to 40 MHz
 private:
  static constexpr Ticks kStart = 1'600'000'000;  // 40 s
  static constexpr Ticks kTick = 160'000;         // timer, 4 ms

  struct Thread {
    int32_t pid = 0, rpc = 0;
    NameId name = 0;
    uint32_t place = 0;      // in its request
    Ticks blocked = 0;       // since
    Ticks ready = 0;         // since; the wakeup
    char letter = 'c';
    Ticks lock_from = 0;
  };
  struct Cpu {
    Ticks now = 0, tick = 0, sampled = 0, frequency_from = 0;
    int thread = -1;
    uint32_t slice = 0;
    int32_t mhz = 800;
  };
  struct Wake {
    Ticks t;
    uint32_t thread;
    bool operator>(const Wake& other) const { return t > other.t; }
  };

  uint32_t random() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>(state_ >> 20);
  }
  uint32_t below(uint32_t n) { return random() % n; }
  // Durations, of tens of nanoseconds: many short, few long.
  Ticks lasting(uint32_t usual) {
    const uint32_t dice = below(100);
    const double k = dice < 80 ? 0.5 + below(100) / 100.0 : dice < 98 ? 2 + below(4) : 10 + below(30);
    return std::max<Ticks>(1, static_cast<Ticks>(usual * k * o_.stretch * (10 / kNsPerTick)));
  }

  void put(const Span& s) {
    batch_.push_back(s);
    ++made_;
    if (batch_.size() == 4096) flush();
  }
  void flush() {
    writer_.spans(batch_);
    batch_.clear();
  }

  // A span of execution, cut by the timer's tick.
  void exec(uint32_t c, Ticks dur, int32_t pid, int32_t rpc, int32_t event, NameId name, int32_t arg = 0, int32_t ret = 0) {
    Cpu& cpu = cpus_[c];
    while (cpu.now + dur > cpu.tick) {
      const Ticks part = cpu.tick - cpu.now;
      if (part > 0) piece(c, part, pid, rpc, event, name, arg, 0);
      dur -= part;
      timer(c, pid, rpc);
    }
    piece(c, dur, pid, rpc, event, name, arg, ret);
  }
  void piece(uint32_t c, Ticks dur, int32_t pid, int32_t rpc, int32_t event, NameId name, int32_t arg, int32_t ret) {
    Cpu& cpu = cpus_[c];
    Span s;
    s.start = cpu.now;
    s.dur = dur;
    s.cpu = static_cast<int32_t>(c);
    s.pid = pid;
    s.rpc = rpc;
    s.event = event;
    s.name = name;
    s.arg = arg;
    s.ret = ret;
    s.ipc = event == KUTRACE_IDLE ? 0 : static_cast<uint8_t>(event > KUTRACE_USER ? 5 + below(9) : 1 + below(6));
    put(s);
    cpu.now += dur;
  }
  Span aside(Ticks start, Ticks dur, int32_t cpu, int32_t pid, int32_t rpc, int32_t event, const std::string& name, int32_t arg = 0, int32_t ret = 0) {
    Span s;
    s.start = start;
    s.dur = dur;
    s.cpu = cpu;
    s.pid = pid;
    s.rpc = rpc;
    s.event = event;
    s.name = pool_.intern(name);
    s.arg = arg;
    s.ret = ret;
    return s;
  }

  void timer(uint32_t c, int32_t pid, int32_t rpc) {
    Cpu& cpu = cpus_[c];
    const auto where = static_cast<int32_t>(below(400));
    const bool user = below(3) == 0;
    put(aside(cpu.sampled, cpu.now - cpu.sampled, static_cast<int32_t>(c), pid, 0, user ? KUTRACE_PC_U : KUTRACE_PC_K,
        (user ? "PC=40" : "PC=ffffffff81") + std::to_string(1000 + where), where * 37));
    cpu.sampled = cpu.now;
    if (below(4) == 0) {
      put(aside(cpu.frequency_from, cpu.now - cpu.frequency_from, static_cast<int32_t>(c), pid, 0, KUTRACE_PSTATE, "-freq-", cpu.mhz));
      cpu.frequency_from = cpu.now;
      cpu.mhz = 800 + static_cast<int32_t>(below(27)) * 100;
    }
    piece(c, std::min<Ticks>(lasting(150), 3000), pid, rpc, 0x5ec, pool_.intern("local_timer_vector"), 0, 0);
    if (below(3) == 0) piece(c, std::min<Ticks>(lasting(200), 3000), pid, rpc, KUTRACE_BOTTOM_HALF, pool_.intern("BH:timer"), 1, 0);
    cpu.tick += static_cast<Ticks>(kTick * std::max(1.0, o_.stretch));
  }

  void switch_to(uint32_t c, int next) {
    Cpu& cpu = cpus_[c];
    const int32_t old = cpu.thread < 0 ? 0 : threads_[static_cast<size_t>(cpu.thread)].pid;
    exec(c, lasting(90), old, 0, KUTRACE_SCHED, pool_.intern("-sched-"));
    cpu.thread = next;
    cpu.slice = 0;
    if (next < 0) return;
    Thread& t = threads_[static_cast<size_t>(next)];
    if (t.ready > 0 && t.ready < cpu.now) put(aside(t.ready, cpu.now - t.ready, -1, t.pid, t.rpc, KUTRACE_WAITA + 'c' - 'a', "wait_cpu"));
    t.ready = 0;
  }

  void wake_due(uint32_t c) {
    Cpu& cpu = cpus_[c];
    while (!asleep_.empty() && asleep_.top().t <= cpu.now) {
      const uint32_t i = asleep_.top().thread;
      asleep_.pop();
      Thread& t = threads_[i];
      const auto number = static_cast<int32_t>(c);
      const int32_t waker = cpu.thread < 0 ? 0 : threads_[static_cast<size_t>(cpu.thread)].pid;
      const Ticks since = std::min(t.blocked, cpu.now);
      put(aside(since, cpu.now - since, -1, t.pid, t.rpc, KUTRACE_WAITA + t.letter - 'a', wait_label(t.letter)));
      put(aside(cpu.now, 0, number, waker, 0, KUTRACE_RUNNABLE, "runnable." + std::to_string(t.pid), t.pid));
      const auto target = static_cast<int32_t>(below(o_.cpus));
      put(aside(cpu.now, lasting(400), number, waker, 0, -3, "-wakeup-", target, t.pid));
      if (target != number && below(3) == 0) put(aside(cpu.now, lasting(120), number, waker, 0, -7, "-ipi-", target));
      t.ready = cpu.now;
      ready_.push_back(i);
    }
  }

  void step(uint32_t c) {
    Cpu& cpu = cpus_[c];
    wake_due(c);
    if (cpu.thread < 0) {
      if (ready_.empty()) {
        const Ticks next = asleep_.empty() ? cpu.now + 1000 : std::max(asleep_.top().t, cpu.now + 1);
        const Ticks dur = std::min(std::max<Ticks>(next - cpu.now, 50), static_cast<Ticks>(2'000'000 * std::max(1.0, o_.stretch)));
        const bool low = dur > 20000;
        exec(c, dur, 0, 0, KUTRACE_IDLE, pool_.intern(low ? "-idlelp-" : "-idle-"), low ? 1 : 0);
        if (low) exec(c, 300, 0, 0, KUTRACE_CEXIT, pool_.intern("-c-exit-"));
        return;
      }
      const size_t k = below(static_cast<uint32_t>(std::min<size_t>(ready_.size(), 8)));
      const uint32_t i = ready_[k];
      ready_[k] = ready_.back();
      ready_.pop_back();
      switch_to(c, static_cast<int>(i));
      return;
    }
    work(c, threads_[static_cast<size_t>(cpu.thread)]);
  }

  void work(uint32_t c, Thread& t) {
    Cpu& cpu = cpus_[c];
    const auto number = static_cast<int32_t>(c);
    if (t.place == 0) {
      ++requests_;
      t.rpc = static_cast<int32_t>(1 + requests_ % 60);
      put(aside(cpu.now, 0, number, t.pid, t.rpc, KUTRACE_RPCIDREQ, "request." + std::to_string(t.rpc), t.rpc));
      if (requests_ % 4 == 0) put(aside(cpu.now, 0, number, t.pid, t.rpc, KUTRACE_MARKA, "mark_a=req", 0x8f21));
    }
    exec(c, lasting(260), t.pid, t.rpc, static_cast<int32_t>(KUTRACE_USER) + t.pid, t.name);
    const uint32_t dice = below(100);
    if (dice < 3) exec(c, lasting(160), t.pid, t.rpc, 0x40e, pool_.intern("page_fault"));
    if (t.place == 3) t.lock_from = cpu.now;
    const size_t which = (t.place * 5 + static_cast<uint32_t>(t.pid) % 3 + (dice < 20 ? dice : 0)) % kCalls.size();
    const Call& call = kCalls[which];
    const int32_t ret = dice > 95 ? 0xfff5 : static_cast<int32_t>(call.number < 2 ? 512 * (dice % 5) : 0);
    exec(c, lasting(120), t.pid, t.rpc, KUTRACE_SYSCALL64 + call.number, call_names_[which], static_cast<int32_t>(3 + (t.place + dice / 30) % 9), ret);
    if (t.place == 6 && t.lock_from > 0 && t.lock_from < cpu.now) {
      put(aside(t.lock_from, cpu.now - t.lock_from, -1, t.pid, -1, 0x282, "=lock", 100 + t.pid % 7));
      t.lock_from = 0;
    }
    if (call.number == 44 || call.number == 45) {
      put(aside(cpu.now, 0, number, t.pid, t.rpc, call.number == 44 ? KUTRACE_TX_PKT : KUTRACE_RX_PKT, "pkt", t.rpc * 7919));
    }
    t.place = (t.place + 1) % 18;
    if (t.place == 0) {
      put(aside(cpu.now, 0, number, t.pid, t.rpc, KUTRACE_RPCIDRESP, "request." + std::to_string(t.rpc), t.rpc));
      t.rpc = 0;
    }
    ++cpu.slice;
    if (call.wait != 0 && dice < 25) {
      t.blocked = cpu.now;
      t.letter = call.wait;
      const auto me = static_cast<uint32_t>(cpu.thread);
      switch_to(c, -1);
      t.blocked = std::min(t.blocked + 1, cpu.now);
      asleep_.push({cpu.now + lasting(call.wait == 'd' ? 9000 : 3000), me});
    } else if (cpu.slice > 400 && !ready_.empty()) {
      const auto me = static_cast<uint32_t>(cpu.thread);
      switch_to(c, -1);
      t.ready = cpu.now;
      ready_.push_back(me);
    }
  }

  const Options o_;
  StringPool& pool_;
  PayloadWriter& writer_;
  uint64_t state_;
  uint64_t made_ = 0, requests_ = 0;
  std::vector<Thread> threads_;
  std::vector<Cpu> cpus_;
  std::vector<uint32_t> ready_;
  std::vector<NameId> call_names_;
  std::vector<Span> batch_;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> asleep_;
  std::priority_queue<std::pair<Ticks, uint32_t>, std::vector<std::pair<Ticks, uint32_t>>, std::greater<>> agenda_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes a page of made-up records, of any size.", "make_page"};
  Options o;
  std::string html = "-";
  app.add_option("-n,--records", o.records, "how many records");
  app.add_option("--cpus", o.cpus)->check(CLI::Range(1, 4096));
  app.add_option("--threads", o.threads)->check(CLI::Range(1, 1000000));
  app.add_option("--first-thread", o.first_thread, "thread id of the first");
  app.add_option("--stretch", o.stretch, "all durations times this");
  app.add_option("--seed", o.seed);
  app.add_option("-o,--output", html);
  return run_tool(app, argc, argv, [&](Diagnostics&) {
    StringPool pool;
    PayloadWriter payload(pool, 2);
    Maker(o, pool, payload).run();
    payload.finish();
    SpanHeader header;
    header.title = std::to_string(o.records) + " records";
    header.tracebase = "2026-11-21_02:50:00";
    header.flags = 128;
    header.time.ns_per_tick = Maker::kNsPerTick;
    header.host_name = "made";
    Output out(html);
    pack_page(builtin_template(), payload.meta(header, Diagnostics()), payload.data(), out);
    out.close();
    return 0;
  });
}
