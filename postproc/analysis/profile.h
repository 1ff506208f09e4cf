// SPDX-License-Identifier: BSD-3-Clause
// Where time went, as a tree of stacks: what ran, by calls; what did not run, by the reason; or where samples fell. Time is exact, from spans, a count of
// samples is one: the two are never in one tree.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/windows.h"
#include "query/call_pieces.h"
#include "span/span.h"

namespace kutrace {

enum class ProfileOf : uint8_t { kRunning, kWaiting, kSamples };
enum class ProfileBy : uint8_t { kThread, kCpu, kRpc, kFunction };

struct ProfileFrame {
  // kCall: of the kernel; kReason: of a wait; kWaker: the thread on the waker's CPU; kUser: code of the program
  enum Kind : uint8_t { kThread, kCpu, kRpc, kUser, kCall, kReason, kWaker };
  Kind kind = kThread;
  int32_t id = 0;  // number, or NameId
  auto operator<=>(const ProfileFrame&) const = default;
};

struct ProfileNode {
  int32_t parent = -1;
  ProfileFrame frame;
  Ticks own = 0, total = 0;
  uint64_t count = 0;          // of spans, waits or samples that are this node's own
  int64_t ns = 0, own_ns = 0;  // of total and own, so that the parts of a node add up to it; of samples, their counts
};

class Profile : public SpanSink {
 public:
  // `selection` says what to count; it and the pool must outlive this. Memory for nodes is taken from the budget of `diagnostics`.
  Profile(ProfileOf of, ProfileBy by, StringPool& pool, const Selection& selection, Diagnostics& diagnostics)
      : of_(of), by_(by), pool_(pool), selection_(selection), diagnostics_(diagnostics), pieces_(diagnostics) {}
  void header(const SpanHeader& header) override { time_ = header.time; }
  void spans(const std::vector<Span>& batch) override;
  // Behind the last record.
  void finish();

  ProfileOf of() const { return of_; }
  ProfileBy by() const { return by_; }
  // A node stands behind its parent.
  const std::vector<ProfileNode>& nodes() const { return nodes_; }
  // The frames of a node, root first.
  std::vector<ProfileFrame> stack(size_t node) const;
  std::string name(const ProfileFrame& frame) const;
  int64_t total_ns() const { return total_ns_; }  // of samples: how many
  // Not in the tree: time in which CPUs were idle.
  int64_t idle_ns() const { return time_.ns(idle_); }
  const TimeBase& time() const { return time_; }
  // Of the records that were counted.
  Ticks first() const { return first_; }
  Ticks last() const { return last_; }
  uint64_t answered() const { return answered_; }  // RPCs that got their response in the windows

 private:
  struct Pending {
    Ticks end = INT64_MIN, time = 0;
    std::vector<ProfileFrame> stack;
  };
  void execution(const Span& s);
  void wait(const Span& s);
  void wakeup(const Span& s);
  void sample(const Span& s);
  void point(const Span& s);
  std::vector<ProfileFrame> root(const Span& s) const;
  void calls(const Span& s, std::vector<ProfileFrame>& stack);
  void add(std::vector<ProfileFrame>& stack, Ticks time);
  void flush(Pending& wait);
  size_t child(int32_t parent, ProfileFrame frame);
  void share(const std::vector<int32_t>& children, ProfileNode& n);
  bool of_thread(int32_t tid) const { return selection_.tid < 0 || selection_.tid == tid; }

  ProfileOf of_;
  ProfileBy by_;
  StringPool& pool_;
  const Selection& selection_;
  Diagnostics& diagnostics_;
  CallPieces pieces_;
  TimeBase time_;
  std::vector<ProfileNode> nodes_;
  std::map<std::pair<int32_t, ProfileFrame>, size_t> index_;
  std::unordered_map<int64_t, std::vector<NameId>> open_;  // calls that a thread is in
  std::map<int32_t, Pending> waiting_;                     // a thread's latest wait, until its wakeup is known; what is left comes in their order
  std::unordered_map<int32_t, NameId> threads_, rpcs_;     // names
  Ticks idle_ = 0, first_ = INT64_MAX, last_ = INT64_MIN;
  int64_t total_ns_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace kutrace
