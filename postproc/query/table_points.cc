// SPDX-License-Identifier: BSD-3-Clause
// Points, RPCs, locks, samples and frequencies in the table builder.
#include <algorithm>

#include "query/table_builder.h"
#include "span/network.h"
#include "trace/event.h"
#include "trace/used.h"

namespace kutrace {
namespace {

constexpr uint64_t kMapNode = 64;

// The word of points.kind for an event number; nullptr for one that is no point.
const char* point_kind(int32_t event) {
  switch (event) {
    case KUTRACE_RPCIDREQ: return "rpc_req";
    case KUTRACE_RPCIDRESP: return "rpc_resp";
    case KUTRACE_RPCIDMID: return "rpc_mid";
    case KUTRACE_RPCIDRXMSG: return "msg_rx";
    case KUTRACE_RPCIDTXMSG: return "msg_tx";
    case KUTRACE_RUNNABLE: return "runnable";
    case KUTRACE_IPI: return "ipi";
    case KUTRACE_MWAIT: return "mwait";
    case KUTRACE_PSTATE:
    case KUTRACE_PSTATE2: return "freq";
    case KUTRACE_MARKA: return "mark_a";
    case KUTRACE_MARKB: return "mark_b";
    case KUTRACE_MARKC: return "mark_c";
    case KUTRACE_MARKD: return "mark_d";
    case KUTRACE_LOCKNOACQUIRE: return "lock_try";
    case KUTRACE_LOCKACQUIRE: return "lock_acq";
    case KUTRACE_LOCKWAKEUP: return "lock_rel";
    case KUTRACE_LOST: return "lost";
    case KUTRACE_RX_PKT: return "pkt_rx";
    case KUTRACE_TX_PKT: return "pkt_tx";
    case KUTRACE_RX_USER: return "user_rx";
    case KUTRACE_TX_USER: return "user_tx";
    case KUTRACE_RESOURCE: return "resource";
    case KUTRACE_ENQUEUE: return "enq";
    case KUTRACE_DEQUEUE: return "deq";
    case KUTRACE_MONITORSTORE: return "mon_store";
    case KUTRACE_MONITOREXIT: return "mon_exit";
    default: return nullptr;
  }
}

bool is_rpc_event(int32_t event) { return event >= KUTRACE_RPCIDREQ && event <= KUTRACE_RPCIDTXMSG; }
bool is_message(int32_t event) { return event == KUTRACE_RPCIDRXMSG || event == KUTRACE_RPCIDTXMSG; }

}  // namespace

void TableBuilder::point(const Span& s) {
  const char* kind = point_kind(s.event);
  if (kind == nullptr) return;
  PointRow row;
  row.ts = ns(s.start);
  // Of a message nobody knows where it is made.
  if (s.cpu >= 0 && !is_message(s.event)) row.cpu = s.cpu;
  if (!is_message(s.event)) row.tid = std::max(s.pid, 0);
  if (s.rpc > 0) row.rpc = s.rpc;
  row.kind = pool_.intern(kind);
  row.value = static_cast<uint32_t>(s.arg);
  if (is_rpc_event(s.event)) {
    const int32_t id = is_message(s.event) ? s.rpc : s.arg & 0xffff;
    row.rpc = id > 0 ? id : kNull;
    row.label = without(s.name, "", "." + std::to_string(id));
  }
  switch (s.event) {
    case KUTRACE_MARKA:
    case KUTRACE_MARKB:
    case KUTRACE_MARKC:
      row.label = pool_.intern(base40_text(static_cast<uint32_t>(s.arg)));
      break;
    case KUTRACE_LOCKNOACQUIRE:
      row.label = without(s.name, "try_", "");
      break;
    case KUTRACE_LOCKACQUIRE:
      row.label = without(s.name, "acq_", "");
      break;
    case KUTRACE_LOCKWAKEUP:
      row.label = without(s.name, "rel_", "");
      break;
    case KUTRACE_ENQUEUE:
      row.label = without(s.name, "enq(", ")");
      break;
    case KUTRACE_DEQUEUE:
      row.label = without(s.name, "deq(", ")");
      break;
    case KUTRACE_RUNNABLE:
      woken(s);
      break;
    case KUTRACE_LOST:
      if (s.cpu >= 0) cpu(s.cpu).lost += static_cast<uint32_t>(s.arg);
      break;
    default:
      break;
  }
  calls_.point(s);
  rpc_mark(s);
  rows_.put(row);
}

// An RPC lasts from a thread's request mark to its response mark with the same id.
void TableBuilder::rpc_mark(const Span& s) {
  const int32_t id = s.arg & 0xffff;
  if ((s.event != KUTRACE_RPCIDREQ && s.event != KUTRACE_RPCIDRESP) || id == 0) return;
  const auto key = std::make_pair(s.pid, id);
  const auto found = open_rpcs_.find(key);
  const NameId method = without(s.name, "", "." + std::to_string(id));
  RpcRow row;
  row.id = id;
  row.tid = s.pid;
  if (found != open_rpcs_.end()) {
    row.method = found->second.method;
    row.t0 = ns(found->second.t);
    row.bytes = found->second.bytes;
  } else {
    row.method = method;
  }
  if (s.event == KUTRACE_RPCIDRESP) {
    row.t1 = ns(s.start);
    if (row.t0 != kNull) row.dur = row.t1 - row.t0;
    rows_.put(row);
    if (found != open_rpcs_.end()) open_rpcs_.erase(found);
    return;
  }
  if (found != open_rpcs_.end()) {
    rows_.put(row);  // a second request: the first one has no response
  } else {
    diagnostics_.take(Limit::memory, kMapNode + sizeof(OpenRpc));
  }
  const uint32_t code = static_cast<uint32_t>(s.arg) >> 16 & 0xff;
  open_rpcs_[key] = {s.start, method, code == 0 ? kNull : static_cast<int64_t>(bytes_of_length_code(code))};
}

void TableBuilder::queued(const Span& s) {
  WaitRow row;
  row.ts = ns(s.start);
  row.dur = length(s);
  if (s.rpc > 0) row.rpc = s.rpc;
  row.reason = queue_name_;
  row.doing = s.name;
  row.inferred = inferred(s);
  rows_.put(row);
}

void TableBuilder::lock(const Span& s) {
  const bool held = s.event == KUTRACE_LOCK_HELD;
  LockRow row;
  row.ts = ns(s.start);
  row.dur = length(s);
  row.tid = s.pid;
  row.lock = static_cast<uint32_t>(s.arg);
  row.name = without(s.name, held ? "=" : "~", "");
  row.kind = pool_.intern(held ? "held" : "try");
  rows_.put(row);
}

void TableBuilder::sample(const Span& s) {
  SampleRow row;
  row.ts = ns(s.start);
  row.dur = length(s);
  if (s.cpu >= 0) row.cpu = s.cpu;
  row.tid = std::max(s.pid, 0);
  if (s.rpc > 0) row.rpc = s.rpc;
  row.kind = pool_.intern(s.event == KUTRACE_PC_U ? "user" : "kernel");
  row.func = s.name;
  rows_.put(row);
}

void TableBuilder::frequency(const Span& s) {
  if (s.cpu >= 0) {
    CpuState& on = cpu(s.cpu);
    const auto time = static_cast<double>(length(s));
    on.mhz_ns += time * s.arg;
    on.mhz_time += time;
  }
  point(s);
}

// Entries of samples gather until the tick that ends their cell.
void TableBuilder::sampling(const Span& s) {
  CpuState& on = cpu(s.cpu);
  const auto argument = static_cast<uint32_t>(s.arg);
  switch (s.event) {
    case KUTRACE_TICK_ON:
      if ((argument & KUTRACE_TICK_AGAIN) == 0) {
        on.used.clear();
        on.cell = s.start;
      }
      break;
    case KUTRACE_SAMPLED: break;
    case KUTRACE_TICK_SKIPPED: on.skipped = argument; break;
    case KUTRACE_TICK: {
      TickRow row;
      row.ts = ns(s.start) - argument;
      row.cpu = s.cpu;
      row.late = argument;
      row.skipped = on.skipped;
      rows_.put(row);
      end_cell(on, s, true);
      break;
    }
    case KUTRACE_TICK_OFF: end_cell(on, s, false); break;
    default: {
      const auto [place, fresh] = on.used.try_emplace({std::max(s.pid, 0), s.event}, 0);
      if (fresh) diagnostics_.take(Limit::memory, kMapNode);
      place->second = add_clamped(place->second, argument);
    }
  }
}

void TableBuilder::end_cell(CpuState& on, const Span& s, bool ticks) {
  for (const auto& [what, amount] : on.used) {
    const Used* used = find_used(static_cast<uint32_t>(what.second));
    UsageRow row;
    // In a ring the beginning may be lost: then only the end is known.
    if (on.cell != INT64_MIN) row.ts = ns(on.cell);
    if (on.cell != INT64_MIN) row.dur = ns(s.start) - row.ts;
    row.cpu = s.cpu;
    row.tid = what.first;
    row.used = used == nullptr ? s.name : pool_.intern(used->word);
    if (used != nullptr) row.counted_by = pool_.intern(used->source);
    if (used != nullptr) row.unit = pool_.intern(used->unit);
    row.value = amount;
    if (ticks) row.late = static_cast<uint32_t>(s.arg);
    row.skipped = ticks ? on.skipped : static_cast<uint32_t>(s.arg);
    rows_.put(row);
  }
  on.used.clear();
  on.cell = ticks ? s.start : INT64_MIN;
  on.skipped = 0;
}

}  // namespace kutrace
