// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdio>

#include "analysis/text_table.h"
#include "analysis/why_report.h"
#include "base/terminal.h"

namespace kutrace {
namespace {

constexpr size_t kWidth = 100, kDeepest = 8;  // of indentation

std::string wrapped(const std::string& text, const std::string& first, const std::string& further) {
  std::string out = first, line;
  size_t width = first.size();
  for (size_t at = 0; at < text.size();) {
    const size_t space = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, space - at);
    at = space + 1;
    if (!line.empty() && width + 1 + word.size() > kWidth) {
      out += line + "\n" + further;
      line.clear();
      width = further.size();
    }
    width += word.size() + (line.empty() ? 0 : 1);
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + "\n";
}

// One answer.
class Text {
 public:
  Text(const WhyReport& report, const WhyAnswer& answer)
      : r_(report), a_(answer), records_(report.records), words_(report.records, answer.path),
        elapsed_(records_.time().ns(a_.path.to) - records_.time().ns(a_.path.from)) {}

  std::string all() {
    head();
    cause();
    ipc();
    sums();
    steps();
    return out_;
  }

 private:
  static std::string ms(int64_t ns) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.3f", static_cast<double>(ns) / 1e6);
    return text;
  }
  std::string share(int64_t ns) const {
    char text[40];
    std::snprintf(text, sizeof(text), "%.1f", elapsed_ > 0 ? 100.0 * static_cast<double>(ns) / static_cast<double>(elapsed_) : 0);
    return text;
  }
  void say(const std::string& text) { out_ += wrapped(terminal_text(text), "", ""); }

  void head() {
    say(why_title(records_, a_.window) + ": " + why_duration(elapsed_) + ", from " + why_time(records_.time().ns(a_.path.from)) + " to " +
        why_time(records_.time().ns(a_.path.to)) + " s");
    states();
    const WhyOthers& others = *a_.others;
    if (others.known()) {
      const size_t rank = others.rank(elapsed_);
      say((rank == 1 ? "The longest" : "Number " + std::to_string(rank) + " by length") + " of " + std::to_string(others.count()) + " " + others.kind() + "; the median takes " +
          why_duration(others.median()) + ".");
    } else if (others.count() > 0) {
      say("Of " + std::to_string(others.count()) + " " + others.kind() + ": too few to say what is usual.");
    }
  }

  void states() {
    const WhyTotals totals = why_totals(records_, a_.path);
    auto state = [&](WhyState which) { return why_duration(totals.state[static_cast<size_t>(which)]); };
    std::string text = "It ran " + state(WhyState::running) + " (" + why_duration(totals.stolen) + " of that stolen by interrupts), was ready " +
                       state(WhyState::ready) + " and waited " + state(WhyState::waiting) + ".";
    if (totals.state[static_cast<size_t>(WhyState::unseen)] > 0) text += " Of " + state(WhyState::unseen) + " nothing is recorded.";
    const char* comma = " Of all this ";
    for (size_t i = 0; i < std::size(kWhyCertainties); ++i) {
      if (totals.certainty[i] == 0) continue;
      text += comma + share(totals.certainty[i]) + " % is " + std::string(kWhyCertainties[i]);
      comma = ", ";
    }
    say(text + ".");
  }

  void cause() {
    if (!a_.named) {
      say(a_.others->known() ? "No cause stands out: all parts are as they usually are, or share what is more." : "No single cause: the largest parts are below.");
      own_code();
      return;
    }
    const WhySum& sum = a_.sums.at(*a_.named);
    const std::string actors = words_.actors(*a_.named, sum);
    std::string text = "Cause: " + words_.cause(*a_.named) + (actors.empty() ? "" : " (" + actors + ")") + ": " + why_duration(sum.ns);
    if (a_.others->known()) text += ", usually " + why_duration(a_.others->mean(a_.others->typical(*a_.named)));
    text += ". Of it: " + words_.details(sum, 3) + ".";
    if (a_.named->cause == WhyCause::preempted) text += " Priorities are not recorded.";
    say(text);
  }

  void ipc() {
    const WhyIpc own = why_totals(records_, a_.path).ipc;
    if (own.cycles <= 0) return;
    char text[80];
    std::snprintf(text, sizeof(text), "Instructions per cycle in its own code and calls: %.2f", own.mean());
    out_ += text;
    if (a_.others->typical_ipc().cycles > 0) {
      std::snprintf(text, sizeof(text), ", usually %.2f", a_.others->typical_ipc().mean());
      out_ += text;
    }
    out_ += ".\n";
  }

  // More time in its own code is no cause yet.
  void own_code() {
    const WhyCauseKey key{WhyCause::computing, ""};
    const auto own = a_.sums.find(key);
    const int64_t more = own == a_.sums.end() ? 0 : own->second.ns - a_.others->mean(a_.others->typical(key));
    if (a_.others->known() && more > elapsed_ / 2) {
      say("Its own code took " + why_duration(more) + " more than usual; it had more to do, or the CPU was slower.");
    }
  }

  void sums() {
    const bool known = a_.others->known();
    std::vector<std::string> heads{"where the time went", "ms", "share %"};
    if (known) heads.insert(heads.end(), {"usual ms", "more ms"});
    TextTable table(std::move(heads));
    std::vector<std::pair<const WhyCauseKey*, int64_t>> rows;
    for (const auto& [key, sum] : a_.sums) rows.emplace_back(&key, sum.ns);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    auto add = [&](const std::string& name, int64_t ns, int64_t usual) {
      std::vector<std::string> cells{name, ms(ns), share(ns)};
      if (known) cells.insert(cells.end(), {ms(usual), ms(ns - usual)});
      table.add(std::move(cells));
    };
    const size_t most = r_.rows == 0 ? rows.size() : std::min(r_.rows, rows.size());
    int64_t rest = 0, usual_rest = a_.others->mean(a_.others->typical_elapsed());
    for (size_t i = 0; i < rows.size(); ++i) {
      const int64_t usual = a_.others->mean(a_.others->typical(*rows[i].first));
      if (i < most) {
        add(words_.cause(*rows[i].first), rows[i].second, usual);
        usual_rest -= usual;
      } else {
        rest += rows[i].second;
      }
    }
    if (rest >= 1000 || usual_rest >= 1000) add("all else", rest, usual_rest);
    out_ += "\n" + table.text();
  }

  void steps() {
    const std::vector<WhyStep> steps = words_.steps();
    // The longest ones, in order of time.
    std::vector<bool> shown(steps.size(), true);
    if (r_.rows != 0 && steps.size() > r_.rows) {
      std::vector<size_t> order(steps.size());
      for (size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return steps[a].to - steps[a].from > steps[b].to - steps[b].from; });
      for (size_t i = r_.rows; i < order.size(); ++i) shown[order[i]] = false;
    }
    out_ += "\nThe critical path, " + std::to_string(steps.size()) + " steps";
    if (r_.rows != 0 && steps.size() > r_.rows) out_ += ", the longest " + std::to_string(r_.rows);
    out_ += " (what a step waited for stands indented; [records])\n";
    told_.assign(a_.path.links.size(), false);
    for (size_t i = 0; i < steps.size(); ++i) {
      if (shown[i]) step(steps[i]);
    }
  }

  std::string indent(uint32_t depth) const { return std::string(2 * std::min<size_t>(depth, kDeepest), ' '); }

  void step(const WhyStep& step) {
    tell(step.link);
    char head[80];
    std::snprintf(head, sizeof(head), "%16s %10s  ", why_time(records_.time().ns(step.from)).c_str(), ms(records_.time().ns(step.to) - records_.time().ns(step.from)).c_str());
    std::string text = step.text;
    if (step.certainty != WhyCertainty::recorded) text += " (" + std::string(kWhyCertainties[static_cast<size_t>(step.certainty)]) + ")";
    line(head, a_.path.links[step.link].depth, text, step.records);
  }

  // Links from the outermost on, each once.
  void tell(uint32_t link) {
    std::vector<uint32_t> chain;
    for (; link != 0 && !told_[link]; link = a_.path.links[link].parent) chain.push_back(link);
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
      told_[*at] = true;
      const WhyLink& l = a_.path.links[*at];
      line(std::string(29, ' '), l.depth - 1, words_.link(l) + ":", {l.wait, l.other});
    }
  }

  void line(const std::string& head, uint32_t depth, std::string text, const std::vector<RecordIndex>& stand_on) {
    const char* comma = " [";
    for (const RecordIndex record : stand_on) {
      if (record == kNoRecord) continue;
      text += comma + why_record(records_, record);
      comma = "; ";
    }
    if (*comma == ';') text += "]";
    out_ += wrapped(terminal_text(text), head + indent(depth), std::string(31, ' ') + indent(depth));
  }

  const WhyReport& r_;
  const WhyAnswer& a_;
  const WhyRecords& records_;
  WhySentences words_;
  int64_t elapsed_;
  std::vector<bool> told_;
  std::string out_;
};

}  // namespace

std::string why_text(const WhyReport& report) {
  std::string out;
  for (const WhyAnswer& answer : report.answers) out += (out.empty() ? "" : "\n\n") + Text(report, answer).all();
  return out;
}

}  // namespace kutrace
