// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>

#include "analysis/why_report.h"
#include "json/span_json_writer.h"

namespace kutrace {
namespace {

// One answer as an object of JSON, a row a line.
class Json {
 public:
  Json(const WhyReport& report, const WhyAnswer& answer) : a_(answer), r_(report.records), words_(report.records, answer.path) {}

  std::string all() {
    const Window& w = a_.window;
    out_ = "{\"of\": " + json_string(why_title(r_, w)) + ", \"tid\": " + n(w.tid) + ", \"rpc\": " + n(w.rpc) + ", \"name\": " + json_string(w.name) +
           ",\n\"ts\": " + ns(a_.path.from) + ", \"dur\": " + length(a_.path.from, a_.path.to);
    totals();
    others();
    cause();
    sums();
    links();
    steps();
    parts();
    return out_ + "}";
  }

 private:
  template <typename N>
  static std::string n(N number) {
    return std::to_string(number);
  }
  std::string ns(Ticks t) const { return n(r_.time().ns(t)); }
  std::string length(Ticks from, Ticks to) const { return n(r_.time().ns(to) - r_.time().ns(from)); }
  std::string text(NameId name) const { return json_string(r_.text(name)); }
  static std::string quoted(std::string_view id) { return "\"" + std::string(id) + "\""; }
  // By what one finds it in the tables of `kutrace query`.
  std::string record(RecordIndex i) const {
    if (i == kNoRecord) return "null";
    const Span& s = r_[i];
    return "{\"ts\": " + ns(s.start) + ", \"cpu\": " + n(s.cpu) + ", \"tid\": " + n(s.pid) + ", \"event\": " + n(s.event) + "}";
  }
  std::string cause_key(const WhyCauseKey& key) const { return "\"cause\": " + quoted(why_words(key.cause).id) + ", \"object\": " + json_string(key.object); }

  template <typename List, typename Row>
  void list(const char* name, const List& rows, Row&& row) {
    out_ += ",\n\"" + std::string(name) + "\": [";
    const char* comma = "\n";
    for (const auto& one : rows) {
      out_ += comma + ("{" + row(one)) + "}";
      comma = ",\n";
    }
    out_ += "]";
  }

  void totals() {
    const WhyTotals totals = why_totals(r_, a_.path);
    out_ += ",\n\"totals\": {";
    for (size_t i = 0; i < std::size(kWhyStates); ++i) out_ += quoted(kWhyStates[i]) + ": " + n(totals.state[i]) + ", ";
    out_ += "\"stolen\": " + n(totals.stolen);
    for (size_t i = 0; i < std::size(kWhyCertainties); ++i) out_ += ", " + quoted(kWhyCertainties[i]) + ": " + n(totals.certainty[i]);
    out_ += ", \"ipc\": " + ipc(totals.ipc) + "}";
  }
  static std::string ipc(const WhyIpc& ipc) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.6f", ipc.mean());
    return ipc.cycles > 0 ? text : "null";
  }

  void others() {
    const WhyOthers& o = *a_.others;
    out_ += ",\n\"others\": {\"kind\": " + json_string(o.kind()) + ", \"count\": " + n(o.count()) + ", \"known\": " + (o.known() ? "true" : "false");
    if (o.known()) {
      out_ += ", \"rank\": " + n(o.rank(r_.time().ns(a_.path.to) - r_.time().ns(a_.path.from))) + ", \"median_ns\": " + n(o.median()) +
              ", \"typical\": " + n(o.typical_count()) + ", \"typical_sum_ns\": " + n(o.typical_elapsed()) +
              ", \"typical_ipc\": " + ipc(o.typical_ipc());
    }
    out_ += "}";
  }

  void cause() {
    if (!a_.named) {
      out_ += ",\n\"cause\": null";
      return;
    }
    const WhySum& sum = a_.sums.at(*a_.named);
    out_ += ",\n\"cause\": {" + cause_key(*a_.named) + ", \"words\": " + json_string(words_.cause(*a_.named)) + ", \"actors\": " +
            json_string(words_.actors(*a_.named, sum)) + ", \"details\": " + json_string(words_.details(sum, 3)) + ", \"ns\": " + n(sum.ns) + "}";
  }

  void sums() {
    list("sums", a_.sums, [&](const auto& entry) {
      return cause_key(entry.first) + ", \"words\": " + json_string(words_.cause(entry.first)) + ", \"ns\": " + n(entry.second.ns) +
             ", \"typical_sum_ns\": " + n(a_.others->typical(entry.first)) + ", \"usual_most_ns\": " + n(a_.others->usual_most(entry.first));
    });
  }

  void links() {
    list("links", std::vector<WhyLink>(a_.path.links.begin() + 1, a_.path.links.end()), [&](const WhyLink& l) {
      return "\"kind\": " + quoted(why_words(l.kind).id) + ", \"certainty\": " + quoted(kWhyCertainties[static_cast<size_t>(l.certainty)]) + ", \"parent\": " +
             n(l.parent) + ", \"depth\": " + n(l.depth) + ", \"tid\": " + n(l.tid) + ", \"actor\": " + n(l.actor) + ", \"text\": " +
             json_string(words_.link(l)) + ", \"wait\": " + record(l.wait) + ", \"by\": " + record(l.other);
    });
  }

  void steps() {
    list("steps", words_.steps(), [&](const WhyStep& s) {
      std::string stand_on;
      for (const RecordIndex i : s.records) stand_on += (stand_on.empty() ? "" : ", ") + record(i);
      return "\"ts\": " + ns(s.from) + ", \"dur\": " + length(s.from, s.to) + ", \"tid\": " + n(s.tid) + ", \"cpu\": " + n(s.cpu) + ", \"state\": " +
             quoted(kWhyStates[static_cast<size_t>(s.state)]) + ", \"link\": " + n(s.link) + ", \"certainty\": " +
             quoted(kWhyCertainties[static_cast<size_t>(s.certainty)]) + ", \"text\": " + json_string(s.text) + ", \"records\": [" + stand_on + "]";
    });
  }

  void parts() {
    list("parts", a_.path.parts, [&](const WhyPart& p) {
      return "\"ts\": " + ns(p.from) + ", \"dur\": " + length(p.from, p.to) + ", \"kind\": " + quoted(why_words(p.kind).id) + ", \"tid\": " + n(p.tid) +
             ", \"cpu\": " + n(p.cpu) + ", \"actor\": " + n(p.actor) + ", \"name\": " + text(p.name) + ", \"certainty\": " +
             quoted(kWhyCertainties[static_cast<size_t>(p.certainty)]) + ", \"link\": " + n(p.link);
    });
  }

  const WhyAnswer& a_;
  const WhyRecords& r_;
  WhySentences words_;
  std::string out_;
};

}  // namespace

std::string why_json(const WhyReport& report) {
  std::string out = "{\n\"file\": " + json_string(report.file) + ",\n\"answers\": [";
  const char* comma = "\n";
  for (const WhyAnswer& answer : report.answers) {
    out += comma + Json(report, answer).all();
    comma = ",\n";
  }
  return out + "]\n}\n";
}

}  // namespace kutrace
