// SPDX-License-Identifier: BSD-3-Clause
// The opposite of payload_writer: docs/payload-format.md.
#include <simdjson.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "base/error.h"
#include "html/base91.h"
#include "html/html_packer.h"
#include "json/side_document.h"

namespace kutrace {
namespace {

// Ticks of a nanosecond's thousandth to those of a millisecond keep all sums in range.
constexpr double kMinNsPerTick = 1e-3, kMaxNsPerTick = 1e6;

std::string_view script_text(std::string_view page, std::string_view id) {
  // Our own page holds exactly this form; a name cannot contain it, since `<` is escaped in the data.
  std::string open = "<script id=\"" + std::string(id) + "\"";
  size_t at = page.find(open);
  if (at == std::string_view::npos) return {};
  size_t begin = page.find('>', at);
  if (begin == std::string_view::npos) return {};
  size_t end = page.find("</script", begin);
  return page.substr(begin + 1, (end == std::string_view::npos ? page.size() : end) - begin - 1);
}

// The columns of an inflated chunk; every read is checked.
class Columns {
 public:
  Columns(const std::string& raw, uint64_t count) : raw_(raw), count_(count) {}

  bool next_column() {
    at_ = end_;
    if (raw_.size() - at_ < 4) return false;
    uint32_t size = 0;
    for (int i = 3; i >= 0; --i) size = size << 8 | static_cast<uint8_t>(raw_[at_ + static_cast<size_t>(i)]);
    at_ += 4;
    if (raw_.size() - at_ < size) return false;
    end_ = at_ + size;
    zeros_ = size == 0;
    return true;
  }
  bool read(std::vector<uint64_t>& out, bool bytes) {
    out.assign(count_, 0);
    if (!next_column()) return false;
    if (zeros_) return true;
    if (end_ - at_ < count_) return false;
    open_.clear();
    for (uint32_t i = 0; i < count_; ++i) {
      out[i] = static_cast<uint8_t>(raw_[at_++]);
      if (bytes || out[i] < 0x80) continue;
      out[i] &= 0x7f;
      open_.push_back(i);
    }
    for (int shift = 7; !open_.empty(); shift += 7) {
      if (shift > 63 || end_ - at_ < open_.size()) return false;
      size_t still = 0;
      for (uint32_t i : open_) {
        const auto b = static_cast<uint8_t>(raw_[at_++]);
        out[i] |= static_cast<uint64_t>(b & 0x7f) << shift;
        if (b >= 0x80) open_[still++] = i;
      }
      open_.resize(still);
    }
    return at_ == end_;
  }

 private:
  const std::string& raw_;
  uint64_t count_;
  size_t at_ = 0, end_ = 0;
  bool zeros_ = false;
  std::vector<uint32_t> open_;  // numbers of which more bytes follow
};

// Without a character that is cut at the end.
std::string_view whole_utf8(std::string_view text) {
  while (!text.empty() && (static_cast<uint8_t>(text.back()) & 0xc0) == 0x80) text.remove_suffix(1);
  if (!text.empty() && static_cast<uint8_t>(text.back()) >= 0xc0) text.remove_suffix(1);
  return text;
}

int64_t unzigzag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

struct ChunkInfo {
  std::string_view kind;
  int64_t cpu = -1;
  uint64_t count = 0, offset = 0, size = 0, raw = 0;
  int64_t first = 0;
  int64_t document = 0;   // number of the document that it is a part of
  std::string_view name;  // of its file
};

// Inflates the chunks of a page. Each byte of the data belongs to one chunk: a second that claims it is refused.
class Inflater {
 public:
  Inflater(const std::string& data, const std::vector<ChunkInfo>& chunks, Diagnostics& diagnostics) : data_(data), diagnostics_(diagnostics) {
    for (size_t i = 0; i < chunks.size(); ++i) order_.push_back(&chunks[i]);
    std::stable_sort(order_.begin(), order_.end(), [](const ChunkInfo* a, const ChunkInfo* b) { return a->offset < b->offset; });
    uint64_t end = 0;
    for (const ChunkInfo* c : order_) {
      if (c->size > data_.size() || c->offset > data_.size() - c->size || c->offset < end) {
        refused_.insert(c);
      } else {
        end = c->offset + c->size;
      }
    }
  }

  bool run(const ChunkInfo& c, uint64_t most, std::string& raw) {
    if (refused_.contains(&c) || c.raw > most || c.raw > (c.size + 1) * size_limit::inflation) return false;
    if (!diagnostics_.take(Limit::inflated, c.raw)) return false;
    raw.resize(c.raw);
    uLongf size = c.raw;
    const int rc = uncompress(reinterpret_cast<Bytef*>(raw.data()), &size, reinterpret_cast<const Bytef*>(data_.data() + c.offset), c.size);
    return rc == Z_OK && size == c.raw;
  }

 private:
  const std::string& data_;
  Diagnostics& diagnostics_;
  std::vector<const ChunkInfo*> order_;
  std::unordered_set<const ChunkInfo*> refused_;
};

// The latest argument and return value of each kind in a chunk. One table for all chunks: its marks say which entries are of this one.
class LastOfKind {
 public:
  struct Last {
    uint64_t arg = 0, ret = 0;
    uint32_t chunk = 0;
  };
  explicit LastOfKind(size_t kinds) : table_(kinds) {}
  void next_chunk() { ++chunk_; }
  Last& operator[](size_t kind) {
    Last& last = table_[kind];
    if (last.chunk != chunk_) last = {0, 0, chunk_};
    return last;
  }

 private:
  std::vector<Last> table_;
  uint32_t chunk_ = 0;
};

bool decode_records(const std::string& raw, const ChunkInfo& c, const std::vector<std::pair<int32_t, NameId>>& kinds,
                    Ticks max_ticks, LastOfKind& by_kind, std::vector<Span>& out) {
  if (c.count > size_limit::chunk_records) return false;
  const bool exec = c.kind == "exec";
  Columns columns(raw, c.count);
  std::vector<uint64_t> gap, dur, cpu, kind, pid, rpc, arg, ret, ipc, flags;
  if (!columns.read(gap, false) || !columns.read(dur, false)) return false;
  if (!exec && !columns.read(cpu, false)) return false;
  for (auto* column : {&kind, &pid, &rpc, &arg, &ret}) {
    if (!columns.read(*column, false)) return false;
  }
  if (!columns.read(ipc, true) || !columns.read(flags, true)) return false;
  by_kind.next_chunk();
  // Unsigned arithmetic: a hostile file may overflow it.
  uint64_t at = exec ? static_cast<uint64_t>(c.first) : 0, place = 0, thread = 0, id = 0;
  for (size_t i = 0; i < c.count; ++i) {
    if (kind[i] >= kinds.size()) return false;
    Span s;
    at += static_cast<uint64_t>(unzigzag(gap[i]));
    s.start = static_cast<Ticks>(exec ? at : at - dur[i]);
    s.dur = static_cast<Ticks>(dur[i]);
    if (exec) at += dur[i];
    if (s.dur < 0 || s.dur >= max_ticks || s.start >= max_ticks || s.start <= -max_ticks) return false;
    place += exec ? 0 : static_cast<uint64_t>(unzigzag(cpu[i]));
    thread += static_cast<uint64_t>(unzigzag(pid[i]));
    id += static_cast<uint64_t>(unzigzag(rpc[i]));
    LastOfKind::Last& last = by_kind[kind[i]];
    last.arg += static_cast<uint64_t>(unzigzag(arg[i]));
    last.ret += static_cast<uint64_t>(unzigzag(ret[i]));
    s.cpu = static_cast<int32_t>(exec ? static_cast<uint64_t>(c.cpu) : place);
    s.pid = static_cast<int32_t>(thread);
    s.rpc = static_cast<int32_t>(id);
    s.event = kinds[kind[i]].first;
    s.name = kinds[kind[i]].second;
    s.arg = static_cast<int32_t>(last.arg);
    s.ret = static_cast<int32_t>(last.ret);
    s.ipc = static_cast<uint8_t>(ipc[i]);
    s.flags = static_cast<uint8_t>(flags[i]);
    out.push_back(s);
  }
  return true;
}


std::string text_of(const simdjson::dom::object& o, const char* key) {
  std::string_view s;
  return o[key].get_string().get(s) == simdjson::SUCCESS ? std::string(s) : std::string();
}

double number_of(const simdjson::dom::object& o, const char* key, double fallback) {
  double d;
  return o[key].get_double().get(d) == simdjson::SUCCESS && std::isfinite(d) ? d : fallback;
}

int64_t integer_of(const simdjson::dom::object& o, const char* key, int64_t fallback) {
  int64_t i;
  return o[key].get_int64().get(i) == simdjson::SUCCESS ? i : fallback;
}

std::string raw_of(const simdjson::dom::object& o, const char* key) {
  simdjson::dom::array a;
  return o[key].get_array().get(a) == simdjson::SUCCESS ? simdjson::minify(a) : std::string();
}

void read_header(const simdjson::dom::object& o, SpanHeader& h) {
  h.title = text_of(o, "title");
  h.tracebase = text_of(o, "tracebase");
  h.flags = static_cast<uint32_t>(integer_of(o, "flags", 0));
  h.cpu_model = text_of(o, "cpuModelName");
  h.host_name = text_of(o, "hostName");
  h.kernel_version = text_of(o, "kernelVersion");
  h.mbit_sec = integer_of(o, "mbit_sec", 1000);
  h.random_id = static_cast<uint32_t>(integer_of(o, "randomid", 0));
  h.comment = text_of(o, "Comment");
  h.axis_label_x = text_of(o, "axisLabelX");
  h.axis_label_y = text_of(o, "axisLabelY");
  h.short_units_x = text_of(o, "shortUnitsX");
  h.short_mul_x = number_of(o, "shortMulX", 1);
  h.thousands_x = number_of(o, "thousandsX", 1000);
  h.presorted = integer_of(o, "presorted", 0) != 0;
  h.extra = raw_of(o, "extra");
  h.saved_view = raw_of(o, "savedview");
  h.time.ns_per_tick = number_of(o, "nsPerTick", 10);
  if (!(h.time.ns_per_tick >= kMinNsPerTick && h.time.ns_per_tick <= kMaxNsPerTick)) h.time.ns_per_tick = 10;
  h.time.minute_us = parse_minute(h.tracebase);
}

// The chunks that a page lists. The texts live as long as the parser of `meta`.
std::vector<ChunkInfo> chunks_of(const simdjson::dom::object& meta) {
  std::vector<ChunkInfo> chunks;
  simdjson::dom::array list;
  if (meta["chunks"].get_array().get(list) != simdjson::SUCCESS) return chunks;
  for (simdjson::dom::element item : list) {
    simdjson::dom::object o;
    if (item.get_object().get(o) != simdjson::SUCCESS) continue;
    ChunkInfo c;
    if (o["kind"].get_string().get(c.kind) != simdjson::SUCCESS) continue;
    c.cpu = integer_of(o, "cpu", -1);
    c.count = static_cast<uint64_t>(integer_of(o, "count", 0));
    c.offset = static_cast<uint64_t>(integer_of(o, "offset", 0));
    c.size = static_cast<uint64_t>(integer_of(o, "size", 0));
    c.raw = static_cast<uint64_t>(integer_of(o, "raw", 0));
    c.first = integer_of(o, "first", 0);
    c.document = integer_of(o, "document", 0);
    if (o["name"].get_string().get(c.name) != simdjson::SUCCESS) c.name = {};
    chunks.push_back(c);
  }
  return chunks;
}

}  // namespace

std::vector<PageDocument> read_page_documents(std::string_view page, const std::string& name, Diagnostics& diagnostics) {
  simdjson::dom::parser parser;
  simdjson::padded_string padded(script_text(page, "kutrace-meta"));
  simdjson::dom::object meta;
  if (parser.parse(padded).get_object().get(meta) != simdjson::SUCCESS) return {};
  struct Parts {
    std::string name;
    std::vector<std::string> texts;
  };
  std::map<int64_t, Parts> parts;
  const Base91Decoded data = decode_base91(script_text(page, "kutrace-data"));
  const std::vector<ChunkInfo> chunks = chunks_of(meta);
  Inflater inflater(data.bytes, chunks, diagnostics);
  for (const ChunkInfo& c : chunks) {
    if (c.kind != "document" || diagnostics.spent()) continue;
    std::string raw;
    if (inflater.run(c, size_limit::document_part, raw)) {
      diagnostics.take(Limit::memory, raw.size());
      parts[c.document].name = c.name;
      parts[c.document].texts.push_back(std::move(raw));
    } else {
      diagnostics.add_at(Finding::kBadChunk, [&] { return name + ": document chunk at data offset " + std::to_string(c.offset); });
    }
  }
  std::vector<PageDocument> documents;
  for (const auto& [number, d] : parts) documents.push_back({d.name, join_parts(d.texts, name, diagnostics)});
  return documents;
}

bool read_page(std::string_view page, const std::string& name, SpanHeader& header, StringPool& pool, SpanSink& sink,
               Diagnostics& diagnostics) {
  const std::string_view meta_text = script_text(page, "kutrace-meta");
  simdjson::dom::parser parser;
  simdjson::padded_string padded(meta_text);
  simdjson::dom::object meta;
  if (meta_text.empty() || parser.parse(padded).get_object().get(meta) != simdjson::SUCCESS) {
    throw Error(name, std::nullopt, "is an HTML page that holds no kutrace payload", "give a page made by kutrace report or makeself");
  }
  if (const int64_t version = integer_of(meta, "version", 0); version != kPayloadVersion) {
    throw Error(name, std::nullopt,
                "holds payload version " + std::to_string(version) + ", not " + std::to_string(kPayloadVersion),
                "use the kutrace that made this page; the page itself still opens in a browser");
  }
  read_header(meta, header);
  sink.header(header);
  simdjson::dom::array findings;
  if (meta["diagnostics"].get_array().get(findings) == simdjson::SUCCESS) {
    for (simdjson::dom::element item : findings) {
      simdjson::dom::object o;
      if (item.get_object().get(o) != simdjson::SUCCESS) continue;
      const FindingInfo* row = find_finding(text_of(o, "id"));
      const uint64_t count = Diagnostics::count_of(number_of(o, "count", 0));
      if (row == nullptr || count == 0) continue;
      diagnostics.add(row->finding, count);
      simdjson::dom::array places;
      if (!row->told || o["places"].get_array().get(places) != simdjson::SUCCESS) continue;
      for (simdjson::dom::element place : places) {
        std::string_view text;
        if (place.get_string().get(text) == simdjson::SUCCESS) diagnostics.told(row->finding, text);
      }
    }
  }
  const Base91Decoded data = decode_base91(script_text(page, "kutrace-data"));
  if (!data.sound) diagnostics.add_at(Finding::kBadChunk, [&] { return name + ": its data hold characters that are not of their code"; });

  const std::vector<ChunkInfo> chunks = chunks_of(meta);
  Inflater inflater(data.bytes, chunks, diagnostics);
  auto bad = [&](const ChunkInfo& c) {
    diagnostics.add_at(Finding::kBadChunk, [&] {
      return name + ": " + std::string(c.kind) + " chunk at data offset " + std::to_string(c.offset);
    });
  };
  std::string raw;
  std::vector<NameId> names;
  std::vector<std::pair<int32_t, NameId>> kinds;
  for (const ChunkInfo& c : chunks) {
    if (c.kind != "names") continue;
    if (!names.empty()) {
      bad(c);
      continue;
    }
    simdjson::dom::parser names_parser;
    simdjson::dom::array texts;
    if (!inflater.run(c, size_limit::chunk, raw) || names_parser.parse(raw).get_array().get(texts) != simdjson::SUCCESS) {
      bad(c);
      continue;
    }
    for (simdjson::dom::element item : texts) {
      std::string_view text;
      if (item.get_string().get(text) != simdjson::SUCCESS) text = {};
      if (text.size() > size_limit::name) {
        diagnostics.add_at(Finding::kLongName, [&] { return name + ": its names"; });
        text = whole_utf8(text.substr(0, size_limit::name));
      }
      diagnostics.take(Limit::memory, StringPool::cost(text));
      if (diagnostics.spent()) break;
      names.push_back(pool.intern(text));
    }
  }
  for (const ChunkInfo& c : chunks) {
    if (c.kind != "kinds") continue;
    if (c.count > size_limit::kinds || !kinds.empty()) {
      bad(c);
      continue;
    }
    if (!inflater.run(c, size_limit::chunk, raw) || c.count > raw.size()) {
      if (c.count != 0) bad(c);
      continue;
    }
    Columns columns(raw, c.count);
    std::vector<uint64_t> events, ids;
    if (!columns.read(events, false) || !columns.read(ids, false)) {
      bad(c);
      continue;
    }
    for (size_t i = 0; i < c.count; ++i) {
      kinds.emplace_back(static_cast<int32_t>(unzigzag(events[i])), ids[i] < names.size() ? names[ids[i]] : 0);
    }
  }
  std::vector<Span> batch;
  const auto max_ticks = static_cast<Ticks>(std::min(kMaxSpanSeconds * 1e9 / header.time.ns_per_tick, 2e18));
  LastOfKind by_kind(kinds.size());
  bool any_records = false, any_documents = false;
  for (const ChunkInfo& c : chunks) {
    any_documents = any_documents || c.kind == "document";
    if (c.kind != "exec" && c.kind != "aux") continue;
    any_records = true;
    if (diagnostics.spent() || !diagnostics.take(Limit::records, std::min(c.count, size_limit::chunk_records))) break;
    batch.clear();
    if (!inflater.run(c, size_limit::chunk, raw) || !decode_records(raw, c, kinds, max_ticks, by_kind, batch)) {
      bad(c);
      batch.clear();
    }
    if (!batch.empty()) sink.spans(batch);
  }
  return any_documents && !any_records;
}

}  // namespace kutrace
