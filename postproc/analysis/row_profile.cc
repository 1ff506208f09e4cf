// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/row_profile.h"

#include <algorithm>
#include <cmath>

#include "trace/event.h"

namespace kutrace {
namespace {

constexpr int32_t kFirstRow = 0x10000, kFirstGroup = 0x20000;
constexpr std::array<const char*, 24> kBuckets = {"_1us",   "_2us",   "_4us",   "_8us",   "_16us", "_32us", "_64us", "_125us",
                                                  "_250us", "_500us", "_1ms",   "_2ms",   "_4ms",  "_8ms",  "_16ms", "_32ms",
                                                  "_64ms",  "_125ms", "_256ms", "_512ms", "_1s",   "_2s",   "_4s",   "_8s"};
// Sixteenths of an instruction per cycle in the middle of what each code means (trace-format.md, 1.12).
constexpr std::array<int, 16> kIpcMiddle = {1, 3, 5, 7, 9, 11, 13, 15, 18, 22, 26, 30, 36, 44, 52, 60};
constexpr std::array<int, 16> kIpcFirst = {0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56};

uint8_t ipc_code(double sixteenths) {
  const auto above = std::upper_bound(kIpcFirst.begin(), kIpcFirst.end(), static_cast<int>(sixteenths));
  return static_cast<uint8_t>(above - kIpcFirst.begin() - 1);
}

bool is_frequency(const Span& s) { return s.event == KUTRACE_PSTATE || s.event == KUTRACE_PSTATE2; }
bool is_sample(const Span& s) { return s.event == KUTRACE_PC_U || s.event == KUTRACE_PC_K; }
bool is_lock(const Span& s) { return s.event == KUTRACE_LOCK_HELD || s.event == KUTRACE_LOCK_TRY; }

// Four things stand beside each other in a row, each from time 0.
enum Position : size_t { kMain, kSamples, kFrequency, kLocks, kPositions };
Position position(const Span& s) { return is_sample(s) ? kSamples : is_frequency(s) ? kFrequency : is_lock(s) ? kLocks : kMain; }
// What comes first in a row.
int rank(const Span& s) {
  if (is_wait(s)) return 1;
  if (is_frequency(s)) return 2;
  if (s.event == KUTRACE_LOCK_TRY) return 3;
  return s.event >= KUTRACE_TRAP && is_idle(s) ? 4 : 0;
}

// "read" of "read.58512"; "CPU" of a CPU's number.
std::string base_name(const std::string& name) {
  if (name.find_first_not_of("0123456789") == std::string::npos) return "CPU";
  const size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

size_t bucket(double seconds) {
  const double log = std::floor(std::log2(std::max(seconds * 1024000, 1.0)));
  return std::min(static_cast<size_t>(log), kBuckets.size() - 1);
}

}  // namespace

RowProfile::Row& RowProfile::row(Kind kind, int32_t id) {
  const auto [place, fresh] = rows_[kind].try_emplace(id);
  if (fresh) diagnostics_.take(Limit::memory, sizeof(Row) + 128);
  return place->second;
}

NameId RowProfile::item_name(const Span& s) {
  const std::string_view name = pool_[s.name];
  if (is_frequency(s)) return pool_.intern(std::string(name) + "_MHz");
  if (s.event == KUTRACE_LOCK_TRY && !name.starts_with('~')) return pool_.intern("~" + std::string(name.substr(std::min<size_t>(name.size(), 1))));
  return s.name;
}

void RowProfile::add(Kind kind, int32_t id, const Span& s, NameId name) {
  Row& r = row(kind, id);
  const auto [place, fresh] = r.items.try_emplace(name);
  Item& item = place->second;
  if (fresh) {
    diagnostics_.take(Limit::memory, sizeof(Item) + 64);
    item.first = s;
    item.first.name = name;
  }
  item.time = add_clamped(item.time, s.dur);
  item.ipc += static_cast<double>(s.dur) * kIpcMiddle[s.ipc & 15];
  ++item.count;
  if (position(s) == kMain) r.elapsed = add_clamped(r.elapsed, s.dur);
}

void RowProfile::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    // A row has the name of its first span of user code, or of the record that names it.
    if (s.event == KUTRACE_LEFTMARK || (s.event >= KUTRACE_TRAP && is_user(s))) {
      if (s.pid > 0) name_row(row(kThread, s.pid).name, pool_[s.name]);
    } else if ((s.event == KUTRACE_RPCIDREQ || s.event == KUTRACE_RPCIDRESP || s.event == KUTRACE_RPCIDMID || s.event == KUTRACE_RPCIDRXMSG ||
                s.event == KUTRACE_RPCIDTXMSG) &&
               s.rpc > 0) {
      name_row(row(kRpc, s.rpc).name, pool_[s.name]);
    }
    const bool everywhere = s.event >= KUTRACE_TRAP || is_sample(s) || is_frequency(s);
    if (!everywhere && !is_wait(s) && !is_lock(s)) continue;
    const NameId name = item_name(s);
    if (everywhere && s.cpu >= 0) {
      add(kCpu, s.cpu, s, name);
      Row& cpu = row(kCpu, s.cpu);
      if (cpu.name.empty()) cpu.name = std::to_string(s.cpu);
    }
    if (s.pid > 0) add(kThread, s.pid, s, name);
    if (s.rpc > 0) add(kRpc, s.rpc, s, name);
  }
}

void RowProfile::name_row(std::string& name, std::string_view text) {
  if (name.empty()) name = text;
}

std::vector<RowProfile::Placed> RowProfile::ordered(Kind kind, const std::unordered_map<int32_t, Row>& rows) {
  std::vector<Placed> out;
  for (const auto& [id, row] : rows) {
    if (!row.items.empty()) out.push_back({&row, id});
  }
  std::sort(out.begin(), out.end(), [&](const Placed& a, const Placed& b) {
    if (kind != kCpu) {
      const std::string name = base_name(a.row->name), other = base_name(b.row->name);
      if (name != other) return name < other;
      if (a.row->elapsed != b.row->elapsed) return a.row->elapsed < b.row->elapsed;
    }
    return a.id < b.id;
  });
  return out;
}

std::vector<RowProfile::Row> RowProfile::groups(Kind kind, bool all) const {
  // The average of all rows of a name, then those of similar length: bucket -1 is the average.
  std::map<std::pair<std::string, int>, Row> merged;
  for (const Placed& placed : ordered(kind, rows_[kind])) {
    const std::string base = kind == kCpu ? "CPU" : base_name(placed.row->name);
    const auto length = static_cast<int>(bucket(static_cast<double>(time_.ns(placed.row->elapsed)) / 1e9));
    for (const int which : {-1, length}) {
      Row& group = merged[{base, which}];
      ++group.rows;
      diagnostics_.take(Limit::memory, placed.row->items.size() * sizeof(Item));
      for (const auto& [name, item] : placed.row->items) {
        Item& sum = group.items[name];
        if (sum.count == 0) sum.first = item.first;
        sum.time = add_clamped(sum.time, item.time);
        sum.ipc += item.ipc;
        sum.count += item.count;
      }
    }
  }
  std::vector<Row> out;
  for (auto& [key, group] : merged) {
    const auto& [base, which] = key;
    if (!all && merged.at({base, -1}).rows == 1) continue;
    group.name = base + (which < 0 ? "_AVG" : kBuckets[static_cast<size_t>(which)]) + " (" + std::to_string(group.rows) + ")";
    for (auto& [name, item] : group.items) {
      item.time /= static_cast<Ticks>(group.rows);
      item.ipc /= static_cast<double>(group.rows);
    }
    out.push_back(std::move(group));
  }
  return out;
}

void RowProfile::put_row(Kind kind, const Row& row, int32_t id, ItemOrder order, std::vector<Span>& out) {
  auto placed = [&](Span s) {
    s.cpu = kind == kCpu ? id : -1;
    s.pid = kind == kThread ? id : -1;
    s.rpc = kind == kRpc ? id : -1;
    return s;
  };
  Span mark;
  mark.event = KUTRACE_LEFTMARK;
  mark.name = pool_.intern(row.name + " ");
  out.push_back(placed(mark));
  std::vector<const Item*> items;
  for (const auto& [name, item] : row.items) items.push_back(&item);
  std::sort(items.begin(), items.end(), [&](const Item* a, const Item* b) {
    if (const int x = rank(a->first), y = rank(b->first); x != y) return x < y;
    if (order == ItemOrder::kCount && a->count != b->count) return a->count > b->count;
    return a->time != b->time ? a->time > b->time : a->first.name < b->first.name;
  });
  std::array<Ticks, kPositions> at{};
  for (const Item* item : items) {
    Span s = placed(item->first);
    Ticks& end = at[position(s)];
    s.start = end;
    s.dur = item->time;
    end = add_clamped(end, item->time);
    if (position(s) == kMain) s.arg = 0;
    s.ret = 0;
    s.ipc = item->time > 0 ? ipc_code(item->ipc / static_cast<double>(item->time)) : 0;
    out.push_back(s);
  }
}

void RowProfile::write(const Options& options, SpanSink& sink) {
  int32_t next = options.ids == RowIds::kGroups ? kFirstGroup : kFirstRow;
  std::vector<Span> out;
  auto put = [&](Kind kind, const Row& row, int32_t id) {
    out.clear();
    put_row(kind, row, id, options.order, out);
    sink.spans(out);
  };
  for (const Kind kind : {kCpu, kThread, kRpc}) {
    if (options.ids == RowIds::kGroups) {
      for (const Row& group : groups(kind, options.all)) put(kind, group, next++);
      continue;
    }
    for (const Placed& placed : ordered(kind, rows_[kind])) put(kind, *placed.row, options.ids == RowIds::kRows ? next++ : placed.id);
  }
}

}  // namespace kutrace
