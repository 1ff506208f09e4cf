// SPDX-License-Identifier: BSD-3-Clause
#include "trace/event_text_writer.h"

#include <algorithm>

#include "trace/kinds.h"

namespace kutrace {
namespace {

constexpr char kTitle[] = "# TS      DUR EVENT CPU PID RPC ARG0 RETVAL IPC NAME (t and dur multiples of 10ns)\n";

// A name line's event number: the length nibble counts the words of the cleaned text.
uint32_t line_number(uint16_t kind, const std::string& text) {
  size_t words = std::min<size_t>((text.size() + 7) / 8 + 1, 15);
  return kind | static_cast<uint32_t>(words << 4);
}

}  // namespace

EventTextWriter::EventTextWriter(Output& out, const TraceInfo& info) : out_(out), info_(info), names_(pool_) {}

void EventTextWriter::begin(const TraceReader& reader) {
  out_.write("# ## VERSION: " + std::to_string(info_.version) + "\n");
  for (const Block& block : reader.blocks()) {
    char* p = out_.reserve(256);
    p = put_text(p, "# [0] ");
    p = put_hex(p, block.counter, 16);
    p = put_text(p, " cpu ");
    p = put_hex(p, block.cpu, block.cpu > 255 ? 4 : 2);
    p = put_text(p, " block ");
    p = put_unsigned(p, block.index);
    p = put_text(p, "\n# [1] ");
    p = put_text(p, format_utc(static_cast<int64_t>(block.clock_us)));
    p = put_text(p, " cpu ");
    p = put_hex(p, block.cpu, block.cpu > 255 ? 4 : 2);
    p = put_text(p, " flags ");
    p = put_hex(p, block.flags, 2);
    p = put_text(p, " block ");
    p = put_unsigned(p, block.index);
    *p++ = '\n';
    out_.commit(p);
  }
  // The base minute itself, for readers that know it; the reference derives its minute from the first [1] line.
  out_.write("# ## TRACEBASE: " + format_minute(info_.time.minute_us) + "\n");
  out_.write("# ## FLAGS: " + std::to_string(info_.flags | info_.version) + "\n");
  out_.write(kTitle);
}

void EventTextWriter::name(const Event& event, const std::string& text) {
  if (text.empty()) return;
  std::string tail = " 1 " + std::to_string(line_number(event.num, text)) + " " +
                     std::to_string(static_cast<int32_t>(event.arg)) + " " + text + "\n";
  out_.write(std::to_string(info_.time.units(event.t)) + tail);
  out_.write("-1" + tail);
  bytes_ += 2 * tail.size();
  if (event.num == KUTRACE_PIDNAME) {
    pid_names_[event.arg] = text;
  } else {
    names_.add(event.num, event.arg, text);
  }
}

std::string_view EventTextWriter::name_column(const Event& e) {
  const uint32_t n = e.num;
  if (n >= KUTRACE_TRAP) {
    const uint32_t call = n & ~static_cast<uint32_t>(KUTRACE_RETURN_BIT);
    std::string_view name = pool_[names_.call(call, e.arg)];
    if (call == n) return name;
    scratch_ = "/";
    scratch_ += name;
    return scratch_;
  }
  if (n == KUTRACE_USERPID) {
    auto found = pid_names_.find(e.arg);
    scratch_ = e.arg == 0 ? "-idle-" : found == pid_names_.end() ? "" : found->second;
    scratch_ += "." + std::to_string(e.arg);
    return scratch_;
  }
  if (e.is_sample()) return pool_[names_.pc(e.extra)];
  if (n == KUTRACE_ENQUEUE || n == KUTRACE_DEQUEUE || n == KUTRACE_RESOURCE || find_kind(e.num) == nullptr) {
    scratch_ = special_label(n);
    std::replace(scratch_.begin(), scratch_.end(), ' ', '_');  // a blank ends the column
    return scratch_;
  }
  return pool_[names_.special(n, n <= KUTRACE_RPCIDTXMSG ? e.arg & 0xffff : e.arg)];
}

void EventTextWriter::event(const Event& e) {
  if (e.cpu >= rpc_.size()) rpc_.resize(e.cpu + 1u);
  uint32_t& rpc = rpc_[e.cpu];
  const bool is_rpc = e.num >= KUTRACE_RPCIDREQ && e.num <= KUTRACE_RPCIDTXMSG;
  if (is_rpc && (e.arg & 0xffff) != 0) rpc = e.arg & 0xffff;
  const int64_t t = info_.time.units(e.t);
  int64_t dur = 0;
  if (e.duration() > 0) dur = std::max<int64_t>(1, info_.time.units(e.t + e.duration()) - t);
  if (e.num < KUTRACE_PC_U) dur = 1;
  first_ = std::min(first_, t);
  last_ = std::max(last_, t + dur);
  ++events_;
  const std::string_view name = name_column(e);
  char* p = out_.reserve(256 + name.size());
  const char* begin = p;
  p = put_signed(p, t);
  *p++ = ' ';
  p = put_signed(p, dur);
  *p++ = ' ';
  p = put_unsigned(p, e.num);
  *p++ = ' ';
  p = put_unsigned(p, e.cpu);
  *p++ = ' ';
  *p++ = ' ';
  p = put_unsigned(p, e.pid);
  *p++ = ' ';
  p = put_unsigned(p, rpc);
  *p++ = ' ';
  *p++ = ' ';
  p = put_unsigned(p, e.arg);
  *p++ = ' ';
  p = put_unsigned(p, e.ret);
  *p++ = ' ';
  p = put_unsigned(p, e.is_sample() ? 0u : e.ipc);
  *p++ = ' ';
  p = put_text(p, name);
  *p++ = ' ';
  *p++ = '(';
  char hex[8];
  const uint32_t n = e.num;
  char* h = put_hex(hex, n, 3);
  p = put_text(p, {hex, static_cast<size_t>(h - hex)});
  *p++ = ')';
  *p++ = '\n';
  bytes_ += static_cast<uint64_t>(p - begin);
  out_.commit(p);
  if (is_rpc && (e.arg & 0xffff) == 0) rpc = 0;
}

void EventTextWriter::end(const Diagnostics& diagnostics) {
  diagnostics.each([&](const FindingInfo& row, uint64_t count) {
    out_.write("# ## FINDING: " + std::to_string(count) + " " + row.id + "\n");
    if (!row.told) return;
    for (const std::string& place : diagnostics.at(row.finding).examples) out_.write("# ## PLACE: " + std::string(row.id) + " " + place + "\n");
  });
  if (events_ == 0) first_ = last_ = 0;
  const int64_t minute = 6000000000;
  int64_t whole = (first_ - ((first_ % minute) + minute) % minute);
  char text[64];
  char* p = put_text(text, "# ## TIMES: ");
  p = put_seconds(p, first_ - whole, 0);
  *p++ = ' ';
  p = put_seconds(p, last_ - whole, 0);
  *p++ = '\n';
  out_.write({text, static_cast<size_t>(p - text)});
}

}  // namespace kutrace
