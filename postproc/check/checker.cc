// SPDX-License-Identifier: BSD-3-Clause
#include "check/checker.h"

#include <algorithm>
#include <cstdio>

#include "base/terminal.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

// Rows whose faults are told one by one.
constexpr size_t kMostFaults = 1000;

std::string seconds(const TimeBase& time, Ticks t) {
  char text[40];
  int64_t ns = time.ns(t);
  std::snprintf(text, sizeof(text), "%.9f", static_cast<double>(ns) / 1e9);
  return text;
}

std::string row_fault(const char* what, int32_t id, const RowCheck& row, const TimeBase& time) {
  return std::string(what) + " " + std::to_string(id) + ": " + std::to_string(row.gaps) + " gaps of " +
         seconds(time, row.gap_time) + " s, " + std::to_string(row.overlaps) + " overlaps of " +
         seconds(time, row.overlap_time) + " s, first at " + row.first_fault;
}

}  // namespace

void Checker::extend(RowCheck& row, const Span& span) {
  if (row.spans == 0) {
    row.first = row.last = span.start;
  } else if (span.start != row.last) {
    const Ticks off = span.start - row.last;
    if (off > 0) {
      ++row.gaps;
      row.gap_time = add_clamped(row.gap_time, off);
    } else {
      ++row.overlaps;
      row.overlap_time = add_clamped(row.overlap_time, -off);
    }
    if (row.first_fault.empty()) {
      row.first_fault = "tick " + std::to_string(row.last) + " before " + std::string(pool_[span.name]);
    }
  }
  ++row.spans;
  row.last = std::max(row.last, span.end());
}

RowCheck& Checker::row(std::map<int32_t, RowCheck>& rows, int32_t id) {
  constexpr uint64_t kMapNode = 64;
  const auto [place, fresh] = rows.try_emplace(id);
  if (fresh && diagnostics_ != nullptr) diagnostics_->take(Limit::memory, sizeof(RowCheck) + kMapNode);
  return place->second;
}

void Checker::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    ++records_;
    if (s.dur < 0) ++negative_;
    if ((s.flags & Span::kInferred) != 0) ++inferred_;
    if (is_execution(s)) {
      edges_.execution(s);
      RowCheck& cpu = row(cpus_, s.cpu);
      extend(cpu, s);
      Ticks& sum = is_idle(s) ? cpu.idle : is_user(s) ? cpu.user : cpu.kernel;
      sum = add_clamped(sum, s.dur);
      if (s.pid > 0) {
        RowCheck& thread = row(threads_, s.pid);
        extend(thread, s);
        thread.running = add_clamped(thread.running, s.dur);
      }
    } else if (is_wait(s) && s.pid > 0) {
      RowCheck& thread = row(threads_, s.pid);
      extend(thread, s);
      Ticks& sum = s.event == KUTRACE_WAITA + ('c' - 'a') ? thread.ready : thread.waiting;
      sum = add_clamped(sum, s.dur);
    } else if (s.event == KUTRACE_RUNNABLE) {
      edges_.woken(s.arg, s.cpu, s.start);
    } else if (s.event == KUTRACE_ARC_WAKEUP || s.event == KUTRACE_ARC_IPI) {
      ++arcs_;
      if (s.dur < 0) ++backward_arcs_;
    }
  }
}

std::vector<std::string> Checker::faults(const TimeBase& time) const {
  std::vector<std::string> out;
  size_t more = 0;
  auto rows = [&](const char* what, const std::map<int32_t, RowCheck>& list) {
    for (const auto& [id, row] : list) {
      if (out.size() >= kMostFaults) {
        more += row.gaps + row.overlaps > 0;
        continue;
      }
      if (row.gaps + row.overlaps > 0) out.push_back(row_fault(what, id, row, time));
      Ticks sum = 0;
      for (Ticks part : {row.user, row.kernel, row.idle, row.running, row.ready, row.waiting}) sum = add_clamped(sum, part);
      if (row.gaps + row.overlaps == 0 && sum != row.last - row.first) {
        out.push_back(std::string(what) + " " + std::to_string(id) + ": its parts sum to " + std::to_string(sum) +
                      " ticks, its time is " + std::to_string(row.last - row.first));
      }
    }
  };
  rows("CPU", cpus_);
  rows("thread", threads_);
  if (more > 0) out.push_back(std::to_string(more) + " more rows have gaps or overlaps");
  edges_.faults(out);
  if (backward_arcs_ > 0) out.push_back(std::to_string(backward_arcs_) + " arcs point backward in time");
  if (negative_ > 0) out.push_back(std::to_string(negative_) + " records have a negative duration");
  return out;
}

bool is_sound(const Checker& checker, const SpanHeader& header, const Diagnostics& diagnostics) {
  return checker.faults(header.time).empty() && diagnostics.total(Severity::kDamage) == 0;
}

// What the records show; nothing for a file that has none.
std::string rows_text(const Checker& c, const SpanHeader& h, bool all_rows) {
  std::string out;
  char line[256];
  out += "CPU       spans         user s       kernel s         idle s        total s\n";
  auto s = [&](Ticks t) { return static_cast<double>(h.time.ns(t)) / 1e9; };
  for (const auto& [id, r] : c.cpus()) {
    std::snprintf(line, sizeof(line), "%-5d %9llu %14.9f %14.9f %14.9f %14.9f\n", id,
                  static_cast<unsigned long long>(r.spans), s(r.user), s(r.kernel), s(r.idle), s(r.last - r.first));
    out += line;
  }
  Ticks running = 0, ready = 0, waiting = 0;
  for (const auto& [id, r] : c.threads()) {
    running = add_clamped(running, r.running);
    ready = add_clamped(ready, r.ready);
    waiting = add_clamped(waiting, r.waiting);
  }
  if (all_rows) {
    out += "thread    spans      running s        ready s      waiting s         life s\n";
    for (const auto& [id, r] : c.threads()) {
      std::snprintf(line, sizeof(line), "%-8d %6llu %14.9f %14.9f %14.9f %14.9f\n", id,
                    static_cast<unsigned long long>(r.spans), s(r.running), s(r.ready), s(r.waiting), s(r.last - r.first));
      out += line;
    }
  }
  std::snprintf(line, sizeof(line), "threads: %zu, running %.9f s, ready %.9f s, waiting %.9f s; arcs: %llu; records: %llu, %llu of them inferred\n",
                c.threads().size(), s(running), s(ready), s(waiting), static_cast<unsigned long long>(c.arcs()),
                static_cast<unsigned long long>(c.records()), static_cast<unsigned long long>(c.inferred()));
  out += line;
  return out;
}

std::string check_text(const Checker& c, const SpanHeader& h, const Diagnostics& d, bool all_rows,
                       const std::vector<CheckedDocument>& documents) {
  std::string out;
  char line[256];
  if (c.records() > 0 || documents.empty()) out += rows_text(c, h, all_rows);
  for (const CheckedDocument& document : documents) {
    out += std::string(document.kind) + " \"" + document.title + "\": " + std::to_string(document.records) + " records\n";
  }
  out += d.summary(Severity::kInfo);
  const auto faults = c.faults(h.time);
  for (const std::string& fault : faults) out += "FAULT: " + terminal_text(fault) + "\n";
  std::snprintf(line, sizeof(line), "%s: %zu broken invariants, %llu damaged, %llu repaired or inferred\n",
                is_sound(c, h, d) ? "SOUND" : "FINDINGS", faults.size(),
                static_cast<unsigned long long>(d.total(Severity::kDamage)),
                static_cast<unsigned long long>(d.total(Severity::kRepair)));
  return out + line;
}

std::string check_json(const Checker& c, const SpanHeader& h, const Diagnostics& d,
                       const std::vector<CheckedDocument>& documents) {
  auto n = [](auto v) { return std::to_string(v); };
  auto ns = [&](Ticks t) { return std::to_string(h.time.ns(t)); };
  std::string out = "{\n\"sound\": " + std::string(is_sound(c, h, d) ? "true" : "false") +
                    ",\n\"records\": " + n(c.records()) + ",\n\"inferred\": " + n(c.inferred()) + ",\n\"arcs\": " + n(c.arcs()) + ",\n\"cpus\": [";
  bool first = true;
  auto begin = [&] {
    out += first ? "\n" : ",\n";
    first = false;
  };
  for (const auto& [id, r] : c.cpus()) {
    begin();
    out += "{\"cpu\": " + n(id) + ", \"spans\": " + n(r.spans) + ", \"user_ns\": " + ns(r.user) + ", \"kernel_ns\": " +
           ns(r.kernel) + ", \"idle_ns\": " + ns(r.idle) + ", \"gaps\": " + n(r.gaps) + ", \"overlaps\": " + n(r.overlaps) + "}";
  }
  out += "],\n\"threads\": [";
  first = true;
  for (const auto& [id, r] : c.threads()) {
    begin();
    out += "{\"tid\": " + n(id) + ", \"running_ns\": " + ns(r.running) + ", \"ready_ns\": " + ns(r.ready) +
           ", \"waiting_ns\": " + ns(r.waiting) + ", \"gaps\": " + n(r.gaps) + ", \"overlaps\": " + n(r.overlaps) + "}";
  }
  out += "],\n\"documents\": [";
  first = true;
  for (const CheckedDocument& document : documents) {
    begin();
    out += "{\"kind\": " + json_string(document.kind) + ", \"title\": " + json_string(document.title) + ", \"records\": " +
           n(document.records) + "}";
  }
  out += "],\n\"findings\": [";
  first = true;
  d.each([&](const FindingInfo& row, uint64_t count) {
    begin();
    out += "{\"id\": \"" + std::string(row.id) + "\", \"severity\": \"" + severity_name(row.severity) +
           "\", \"count\": " + n(count) + ", \"text\": " + json_string(row.text) + ", \"examples\": [";
    bool first_example = true;
    for (const std::string& example : d.at(row.finding).examples) {
      out += (first_example ? "" : ", ") + json_string(example);
      first_example = false;
    }
    out += "]}";
  });
  out += "],\n\"faults\": [";
  first = true;
  for (const std::string& fault : c.faults(h.time)) {
    begin();
    out += json_string(fault);
  }
  return out + "]\n}\n";
}

}  // namespace kutrace
