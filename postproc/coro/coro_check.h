// SPDX-License-Identifier: BSD-3-Clause
// What is wrong with the coroutines of a recording, each with its evidence; and how long they waited, by site.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coro/lives.h"

namespace kutrace {

enum class CoroFindingKind : uint8_t { kLostWakeup, kCycle, kIllegal, kLeak, kStarved };
// "lost wakeup"
const char* coro_finding_name(CoroFindingKind kind);

struct CoroFinding {
  CoroFindingKind kind;
  char grade = 0;  // of a lost wakeup: A certain, B strong, C a hint
  std::vector<uint32_t> coros;  // the one, those of a cycle, those of a leak (all of them)
  uint32_t site = 0;
  uint64_t time = 0;  // counter: when it began
  std::string text;
  std::vector<std::string> evidence;
};

struct CoroTimes {  // ns
  uint64_t count = 0;
  std::optional<int64_t> p50, p99;  // none of fewer than make one
  int64_t most = 0;
};
struct CoroSiteRow {
  uint32_t site;
  CoroTimes waits{}, queue{};  // from suspend to resume; from ready to resume
};

class CoroCheck {
 public:
  explicit CoroCheck(const CoroFile& file);

  const std::vector<CoroFinding>& findings() const { return findings_; }
  const std::vector<CoroSiteRow>& sites() const { return sites_; }
  const Lives& lives() const { return lives_; }
  // Nothing was found, nothing lost, nothing damaged.
  bool is_clean() const { return findings_.empty() && file_.lost() == 0 && file_.damage.empty(); }
  // What happened in between decides: with events lost, only what they cannot change is told.
  bool judged() const { return file_.lost() == 0 && file_.damage.empty(); }

  std::string text() const;
  std::string markdown() const;
  std::string json(const std::string& name) const;
  // "coroutine 17 'reader'"
  std::string coro_name(uint32_t coro) const;

 private:
  void illegal();
  void cycles();
  void lost_wakeups();
  void leaks();
  void starved();
  void site_rows();
  bool is_explained(uint32_t coro);
  void add(CoroFinding finding);
  std::string actor(const CoroActor& a) const;
  std::string at(uint64_t time) const;
  std::string place(uint32_t site) const { return coro_place(file_.site(site)); }
  std::string wait(const Coro& c) const;
  std::string waker(const Coro& c) const;
  uint64_t far_beyond(const Coro& c) const;

  const CoroFile& file_;
  Lives lives_;
  std::vector<CoroFinding> findings_;
  std::vector<CoroSiteRow> sites_;
  std::vector<bool> found_;  // coroutines that a finding explains
  enum : uint8_t { kUnknown, kNo, kYes };
  std::vector<uint8_t> explained_;
};

}  // namespace kutrace
