// SPDX-License-Identifier: BSD-3-Clause
#include "html/payload_writer.h"

#include <algorithm>
#include <cstdio>

#include "html/compress.h"
#include "html/html_packer.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

constexpr int kCompressionLevel = 4;

// How many bytes of a page something can take at most.
constexpr uint64_t kHeader = 1 << 16;  // but for what the input has of its own in it
constexpr uint64_t kRecord = 90;       // ten numbers, none compressed
constexpr uint64_t kDirectory = 320;   // what tells of a chunk, with the ends of its columns
constexpr uint64_t kKind = 12;
uint64_t in_page(uint64_t bytes) { return bytes + bytes / 4 + 4; }

std::string double_text(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

}  // namespace

void Column::append_to(std::string& out) const {
  size_t size = 0;
  for (const auto& plane : planes_) size += plane.size();
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(static_cast<uint32_t>(size) >> shift);
  for (const auto& plane : planes_) out.append(reinterpret_cast<const char*>(plane.data()), plane.size());
}

// The latest argument and return value of each kind in a chunk: as large as the kinds that the chunk holds, not as all there are, since
// there may be as many chunks as CPUs.
class LatestByKind {
 public:
  struct Last {
    int64_t arg = 0, ret = 0;
  };
  Last& operator[](uint32_t kind) {
    if (slots_.empty()) slots_.resize(kFirst);
    for (size_t at = place(kind);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.kind == kind) return slot.last;
      if (slot.kind != kNone) continue;
      if (2 * (used_ + 1) > slots_.size()) {
        grow();
        return (*this)[kind];
      }
      slot.kind = kind;
      ++used_;
      return slot.last;
    }
  }
  void clear() {
    slots_.clear();
    used_ = 0;
  }

 private:
  static constexpr size_t kFirst = 64;
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Slot {
    uint32_t kind = kNone;
    Last last;
  };
  size_t place(uint32_t kind) const { return kind & (slots_.size() - 1); }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.kind == kNone) continue;
      size_t at = place(slot.kind);
      while (slots_[at].kind != kNone) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }
  std::vector<Slot> slots_;
  size_t used_ = 0;
};

struct PayloadWriter::Chunk {
  int32_t cpu = -1;  // exec chunks
  uint64_t count = 0;
  Ticks first = 0, last = 0;
  Ticks reference = 0;  // end of the previous span
  int64_t place = 0;    // aux: previous CPU
  int64_t pid = 0, rpc = 0;
  Column gap, dur, place_column, kind, pid_column, rpc_column, arg, ret, ipc, flags;
  LatestByKind by_kind;

  void clear() {
    count = 0;
    reference = 0;
    place = pid = rpc = 0;
    for (Column* c : {&gap, &dur, &place_column, &kind, &pid_column, &rpc_column, &arg, &ret, &ipc, &flags}) c->clear();
    by_kind.clear();
  }
};

PayloadWriter::PayloadWriter(const StringPool& pool, unsigned threads, Budget* budget, uint64_t around)
    : pool_(pool), threads_(threads), aux_(std::make_unique<Chunk>()), slots_(4096), budget_(budget) {
  const uint64_t most = budget != nullptr ? budget->most(Limit::output) : UINT64_MAX, taken = around + kHeader;
  room_ = most - std::min(most, taken);
  until_look_ = budget != nullptr ? room_ / kRecord + 1 : UINT64_MAX;
}

PayloadWriter::~PayloadWriter() {
  for (auto& task : running_) task.wait();
}

void PayloadWriter::grow_kinds() {
  std::vector<KindSlot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const KindSlot& slot : old) {
    if (slot.kind == UINT32_MAX) continue;
    size_t at = (slot.key * 0x9e3779b97f4a7c15ULL >> 32) & (slots_.size() - 1);
    while (slots_[at].kind != UINT32_MAX) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

uint32_t PayloadWriter::kind_of(int32_t event, NameId name) {
  const uint64_t key = static_cast<uint64_t>(static_cast<uint32_t>(event)) << 32 | name;
  size_t at = (key * 0x9e3779b97f4a7c15ULL >> 32) & (slots_.size() - 1);
  while (slots_[at].kind != UINT32_MAX) {
    if (slots_[at].key == key) return slots_[at].kind;
    at = (at + 1) & (slots_.size() - 1);
  }
  const auto kind = static_cast<uint32_t>(kinds_.size());
  slots_[at] = {key, kind};
  kinds_.emplace_back(event, name);
  if (kinds_.size() * 2 > slots_.size()) grow_kinds();
  return kind;
}

void PayloadWriter::put_common(Chunk& chunk, const Span& span, uint32_t kind) {
  LatestByKind::Last& last = chunk.by_kind[kind];
  chunk.dur.put(static_cast<uint64_t>(span.dur));
  chunk.kind.put(kind);
  chunk.pid_column.put_signed(span.pid - chunk.pid);
  chunk.rpc_column.put_signed(span.rpc - chunk.rpc);
  chunk.arg.put_signed(span.arg - last.arg);
  chunk.ret.put_signed(span.ret - last.ret);
  chunk.ipc.put_byte(span.ipc);
  chunk.flags.put_byte(span.flags);
  chunk.pid = span.pid;
  chunk.rpc = span.rpc;
  last = {span.arg, span.ret};
  chunk.last = chunk.count == 0 ? span.end() : std::max(chunk.last, span.end());
  if (++chunk.count == kChunkRecords) end_chunk(chunk);
}

void PayloadWriter::put_exec(const Span& span) {
  if (static_cast<size_t>(span.cpu) >= exec_.size()) exec_.resize(static_cast<size_t>(span.cpu) + 1);
  std::unique_ptr<Chunk>& slot = exec_[static_cast<size_t>(span.cpu)];
  if (!slot) {
    slot = std::make_unique<Chunk>();
    slot->cpu = span.cpu;
    cpu_order_.push_back(span.cpu);
  }
  Chunk& chunk = *slot;
  if (chunk.count == 0) chunk.first = chunk.reference = span.start;
  chunk.gap.put_signed(span.start - chunk.reference);
  chunk.reference = span.end();
  first_ = std::min(first_, span.start);
  last_ = std::max(last_, span.end());
  put_common(chunk, span, kind_of(span.event, span.name));
}

void PayloadWriter::put_aux(const Span& span) {
  Chunk& chunk = *aux_;
  if (chunk.count == 0 || span.start < chunk.first) chunk.first = span.start;
  chunk.gap.put_signed(span.end() - chunk.reference);
  chunk.reference = span.end();
  chunk.place_column.put_signed(span.cpu - chunk.place);
  chunk.place = span.cpu;
  put_common(chunk, span, kind_of(span.event, span.name));
}

// What the page would have at most, if it were finished now and no chunk were open.
uint64_t PayloadWriter::bytes_at_most() {
  for (; counted_names_ < pool_.size(); ++counted_names_) names_ += json_string(pool_[static_cast<NameId>(counted_names_)]).size() + 1;
  return encoded_ + (compressed_.size() + 3) * kDirectory + in_page(names_ + kinds_.size() * kKind);
}

// Ends the chunks of all CPUs to see what they take. What came since the last time goes again if that is too much, so that the page ends
// at one moment; the next look is when half of what is left may be used up, as records went so far.
void PayloadWriter::look() {
  end_chunks();
  collect(0);
  const uint64_t bytes = bytes_at_most();
  if (bytes > room_) {
    directory_.resize(fits_.chunks);
    compressed_.resize(fits_.chunks);
    first_ = fits_.first;
    last_ = fits_.last;
    full_ = true;
    budget_->take(Limit::output, UINT64_MAX);
    return;
  }
  const double record = since_ == 0 ? kRecord : std::max(0.01, static_cast<double>(bytes - fits_.bytes) / static_cast<double>(since_));
  until_look_ = static_cast<uint64_t>(static_cast<double>(room_ - bytes) / 2 / record) + 1;
  since_ = 0;
  fits_ = {compressed_.size(), bytes, first_, last_};
}

void PayloadWriter::spans(const std::vector<Span>& batch) {
  for (std::span<const Span> left = batch; !left.empty() && !full_;) {
    const size_t n = std::min<uint64_t>(left.size(), until_look_);
    put_spans(left.first(n));
    left = left.subspan(n);
    if (budget_ == nullptr) continue;
    since_ += n;
    until_look_ -= n;
    if (until_look_ == 0) look();
  }
}

void PayloadWriter::put_spans(std::span<const Span> spans) {
  for (const Span& span : spans) {
    if (is_execution(span) && span.cpu <= UINT16_MAX) {
      put_exec(span);
    } else {
      put_aux(span);
    }
  }
}

void PayloadWriter::end_chunk(Chunk& chunk) {
  if (chunk.count == 0) return;
  std::string raw;
  raw.reserve(chunk.count * 8);
  chunk.gap.append_to(raw);
  chunk.dur.append_to(raw);
  if (chunk.cpu < 0) chunk.place_column.append_to(raw);
  for (const Column* c : {&chunk.kind, &chunk.pid_column, &chunk.rpc_column, &chunk.arg, &chunk.ret, &chunk.ipc, &chunk.flags}) {
    c->append_to(raw);
  }
  add({chunk.cpu < 0 ? "aux" : "exec", chunk.cpu, chunk.count, chunk.first, chunk.last, 0, {}}, std::move(raw));
  chunk.clear();
}

void PayloadWriter::add(Directory directory, std::string raw) {
  directory.raw = raw.size();
  directory_.push_back(std::move(directory));
  if (threads_ <= 1) {
    compressed(compress(raw, kCompressionLevel));
    return;
  }
  running_.push_back(std::async(std::launch::async, [text = std::move(raw)] { return compress(text, kCompressionLevel); }));
  collect(threads_ - 1);
}

void PayloadWriter::compressed(std::string bytes) {
  encoded_ += in_page(bytes.size());
  compressed_.push_back(std::move(bytes));
}

void PayloadWriter::collect(size_t still_running) {
  while (running_.size() > still_running) {
    compressed(running_.front().get());
    running_.pop_front();
  }
}

void PayloadWriter::document(SideDocument document) {
  const std::string fields = "\"document\":" + std::to_string(documents_++) + ",\"name\":" + json_string(document.name) + ",";
  for (SideDocument::Part& part : document.parts) {
    if (full_) return;
    add({"document", -1, part.records, 0, 0, 0, fields}, std::move(part.json));
    if (budget_ != nullptr) look();
  }
}

void PayloadWriter::end_chunks() {
  for (const int32_t cpu : cpu_order_) end_chunk(*exec_[static_cast<size_t>(cpu)]);
  end_chunk(*aux_);
}

void PayloadWriter::finish() {
  if (budget_ != nullptr && !full_) {
    look();
  } else {
    end_chunks();
  }
  Column events, names;
  for (const auto& [event, name] : kinds_) {
    events.put_signed(event);
    names.put(name);
  }
  std::string kinds;
  events.append_to(kinds);
  names.append_to(kinds);
  add({"kinds", -1, kinds_.size(), 0, 0, 0, {}}, std::move(kinds));
  std::string list = "[";
  for (size_t i = 0; i < pool_.size(); ++i) {
    if (i > 0) list += ',';
    list += json_string(pool_[static_cast<NameId>(i)]);
  }
  add({"names", -1, pool_.size(), 0, 0, 0, {}}, list + "]");
  collect(0);
  // In front: with them a viewer can draw every other chunk as soon as it has come.
  std::rotate(directory_.begin(), directory_.end() - 2, directory_.end());
  std::rotate(compressed_.begin(), compressed_.end() - 2, compressed_.end());
}

std::string PayloadWriter::meta(const SpanHeader& h, const Diagnostics& diagnostics, const std::string& view) const {
  std::string out = "{\"format\":\"kutrace-payload\",\"version\":" + std::to_string(kPayloadVersion);
  auto field = [&](const char* key, const std::string& value) { out += ",\n\"" + std::string(key) + "\":" + value; };
  auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) field(key, json_string(value));
  };
  field("title", json_string(h.title));
  text("tracebase", h.tracebase);
  field("flags", std::to_string(h.flags));
  text("cpuModelName", h.cpu_model);
  text("hostName", h.host_name);
  text("kernelVersion", h.kernel_version);
  field("mbit_sec", std::to_string(h.mbit_sec));
  field("randomid", std::to_string(h.random_id));
  text("Comment", h.comment);
  text("axisLabelX", h.axis_label_x);
  text("axisLabelY", h.axis_label_y);
  text("shortUnitsX", h.short_units_x);
  text("view", view);
  field("shortMulX", double_text(h.short_mul_x));
  field("thousandsX", double_text(h.thousands_x));
  if (h.presorted) {
    field("presorted", "1");
    std::string order;
    for (int32_t cpu : cpu_order_) order += (order.empty() ? "" : ",") + std::to_string(cpu);
    field("cpuOrder", "[" + order + "]");
  }
  field("nsPerTick", double_text(h.time.ns_per_tick));
  const bool any = first_ <= last_;
  field("firstTick", std::to_string(any ? first_ : 0));
  field("lastTick", std::to_string(any ? last_ : 0));
  std::string list;
  diagnostics.each([&](const FindingInfo& row, uint64_t count) {
    const std::vector<std::string>& places = diagnostics.at(row.finding).examples;
    std::string words = row.text;
    if (row.told) {
      for (const std::string& place : places) words += (&place == &places.front() ? ": " : "; ") + place;
    }
    list += std::string(list.empty() ? "" : ",") + "\n{\"id\":\"" + row.id + "\",\"severity\":\"" +
            severity_name(row.severity) + "\",\"count\":" + std::to_string(count) + ",\"text\":" + json_string(words) +
            (row.told ? ",\"places\":" + json_strings(places) : "") + "}";
  });
  field("diagnostics", "[" + list + "]");
  list.clear();
  uint64_t offset = 0;
  for (size_t i = 0; i < directory_.size(); ++i) {
    const Directory& d = directory_[i];
    list += std::string(i == 0 ? "" : ",") + "\n{\"kind\":\"" + d.kind + "\",";
    if (d.kind == "exec") list += "\"cpu\":" + std::to_string(d.cpu) + ",";
    list += d.fields + "\"count\":" + std::to_string(d.count) + ",\"first\":" + std::to_string(d.first) +
            ",\"last\":" + std::to_string(d.last) + ",\"offset\":" + std::to_string(offset) +
            ",\"size\":" + std::to_string(compressed_[i].size()) + ",\"raw\":" + std::to_string(d.raw) + "}";
    offset += compressed_[i].size();
  }
  field("chunks", "[" + list + "]");
  if (!h.extra.empty()) field("extra", h.extra);
  if (!h.saved_view.empty()) field("savedview", h.saved_view);
  out += "}";
  std::string safe;
  safe.reserve(out.size());
  for (char c : out) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace kutrace
