// SPDX-License-Identifier: BSD-3-Clause
#include "analysis/profile.h"

#include <algorithm>

namespace kutrace {

std::vector<ProfileFrame> Profile::root(const Span& s) const {
  const ProfileFrame thread{ProfileFrame::kThread, std::max(s.pid, 0)};
  switch (by_) {
    case ProfileBy::kCpu: return {{ProfileFrame::kCpu, s.cpu}, thread};
    case ProfileBy::kRpc: return {{ProfileFrame::kRpc, std::max(s.rpc, 0)}, thread};
    case ProfileBy::kThread:
    case ProfileBy::kFunction: break;
  }
  return {thread};
}

// The calls that a thread is in, the outermost first; in none of them it is in its own code.
void Profile::calls(const Span& s, std::vector<ProfileFrame>& stack) {
  const auto open = open_.find(s.pid > 0 ? s.pid : -1 - static_cast<int64_t>(s.cpu));
  if (open == open_.end() || open->second.empty()) {
    stack.push_back({ProfileFrame::kUser, 0});
    return;
  }
  for (const NameId name : open->second) stack.push_back({ProfileFrame::kCall, static_cast<int32_t>(name)});
}

size_t Profile::child(int32_t parent, ProfileFrame frame) {
  const auto [place, fresh] = index_.try_emplace({parent, frame}, nodes_.size());
  if (fresh) {
    diagnostics_.take(Limit::memory, sizeof(ProfileNode) + 96);
    nodes_.push_back({parent, frame});
  }
  return place->second;
}

void Profile::add(std::vector<ProfileFrame>& stack, Ticks time) {
  // What was done first, then by whom.
  if (by_ == ProfileBy::kFunction) std::reverse(stack.begin(), stack.end());
  int32_t node = -1;
  for (const ProfileFrame& frame : stack) {
    node = static_cast<int32_t>(child(node, frame));
    Ticks& total = nodes_[static_cast<size_t>(node)].total;
    total = add_clamped(total, time);
  }
  ProfileNode& leaf = nodes_[static_cast<size_t>(node)];
  leaf.own = add_clamped(leaf.own, time);
  ++leaf.count;
}

void Profile::spans(const std::vector<Span>& batch) {
  for (const Span& s : batch) {
    if (diagnostics_.spent()) return;
    if (is_execution(s)) {
      execution(s);
    } else if (is_wait(s)) {
      wait(s);
    } else if (s.event == KUTRACE_ARC_WAKEUP) {
      wakeup(s);
    } else if (s.event == KUTRACE_PC_U || s.event == KUTRACE_PC_K) {
      sample(s);
    } else {
      point(s);
    }
  }
}

void Profile::execution(const Span& s) {
  const SpanKind kind = span_kind(s);
  const PieceOfCall piece = pieces_.next(s, kind);
  const int64_t key = s.pid > 0 ? s.pid : -1 - static_cast<int64_t>(s.cpu);
  const auto [place, fresh] = open_.try_emplace(key);
  if (fresh) diagnostics_.take(Limit::memory, 128);
  std::vector<NameId>& open = place->second;
  open.resize(std::min(open.size(), piece.call ? static_cast<size_t>(piece.depth) : 0));
  if (piece.call) open.push_back(s.name);
  if (kind == SpanKind::kUser && s.pid > 0) threads_[s.pid] = s.name;
  if (!of_thread(std::max(s.pid, 0))) return;
  const Ticks time = selection_.inside(s.start, s.end());
  if (time > 0 || selection_.holds(s.start)) {
    first_ = std::min(first_, s.start);
    last_ = std::max(last_, s.end());
  }
  if (time <= 0) return;
  if (is_idle(s)) {
    idle_ = add_clamped(idle_, time);
  } else if (of_ == ProfileOf::kRunning) {
    std::vector<ProfileFrame> stack = root(s);
    calls(s, stack);
    add(stack, time);
  }
}

void Profile::flush(Pending& wait) {
  if (wait.time > 0) add(wait.stack, wait.time);
  wait = {};
}

void Profile::wait(const Span& s) {
  if (of_ != ProfileOf::kWaiting || !of_thread(s.pid) || s.pid <= 0) return;
  const Ticks time = selection_.inside(s.start, s.end());
  if (time <= 0) return;
  const auto latest = waiting_.try_emplace(s.pid).first;
  std::vector<ProfileFrame> stack = root(s);
  stack.push_back({ProfileFrame::kReason, s.event - KUTRACE_WAITA});
  calls(s, stack);
  // The scheduler is in every wait.
  if (stack.size() > 2 && stack.back().kind == ProfileFrame::kCall && pool_[static_cast<NameId>(stack.back().id)] == "-sched-") stack.pop_back();
  // A thread that is ready already was woken: its wakeup belongs to the wait before.
  if (s.event == KUTRACE_WAITA + ('c' - 'a')) {
    add(stack, time);
    return;
  }
  flush(latest->second);
  latest->second = {s.end(), time, std::move(stack)};
}

// An arc goes from the waker's moment to the thread's run.
void Profile::wakeup(const Span& s) {
  const auto latest = waiting_.find(s.ret);
  if (latest == waiting_.end() || latest->second.time <= 0 || latest->second.end != s.start) return;
  latest->second.stack.push_back({ProfileFrame::kWaker, std::max(s.pid, 0)});
  flush(latest->second);
}

void Profile::sample(const Span& s) {
  if (of_ != ProfileOf::kSamples || !selection_.holds(s.start) || !of_thread(std::max(s.pid, 0))) return;
  std::vector<ProfileFrame> stack = root(s);
  stack.push_back({s.event == KUTRACE_PC_K ? ProfileFrame::kCall : ProfileFrame::kUser, static_cast<int32_t>(s.name)});
  add(stack, 1);
}

void Profile::point(const Span& s) {
  pieces_.point(s);
  if (s.event != KUTRACE_RPCIDREQ && s.event != KUTRACE_RPCIDRESP) return;
  if (s.rpc > 0) rpcs_.try_emplace(s.rpc, s.name);
  answered_ += s.event == KUTRACE_RPCIDRESP && (s.arg & 0xffff) != 0 && selection_.holds(s.start);
}

// Gives the parts of a node their ns: where one part ends the next begins, so that they add up to it.
void Profile::share(const std::vector<int32_t>& children, ProfileNode& n) {
  auto upto = [&](Ticks t) { return of_ == ProfileOf::kSamples ? t : std::min(time_.ns(t), n.ns); };
  Ticks at = n.own;
  int64_t given = children.empty() ? n.ns : upto(at);
  n.own_ns = given;
  for (const int32_t which : children) {
    ProfileNode& c = nodes_[static_cast<size_t>(which)];
    at = add_clamped(at, c.total);
    // The last one gets what is left.
    const int64_t end = which == children.back() ? n.ns : upto(at);
    c.ns = end - given;
    given = end;
  }
}

void Profile::finish() {
  for (auto& [tid, pending] : waiting_) flush(pending);
  waiting_.clear();
  std::vector<std::vector<int32_t>> children(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].parent >= 0) children[static_cast<size_t>(nodes_[i].parent)].push_back(static_cast<int32_t>(i));
  }
  // What `kutrace stat` has a sum of, and converts, is exact: a row; of a thread's waits each reason, which add up to the row.
  const bool by_reason = of_ == ProfileOf::kWaiting && by_ == ProfileBy::kThread;
  auto convert = [&](ProfileNode& n) { n.ns = of_ == ProfileOf::kSamples ? n.total : time_.ns(n.total); };
  total_ns_ = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    ProfileNode& n = nodes_[i];
    if (n.parent < 0 && by_reason) {
      for (const int32_t c : children[i]) {
        convert(nodes_[static_cast<size_t>(c)]);
        n.ns = add_clamped(n.ns, nodes_[static_cast<size_t>(c)].ns);
      }
    } else if (n.parent < 0) {
      convert(n);
    }
    if (n.parent < 0) total_ns_ = add_clamped(total_ns_, n.ns);
    if (n.parent >= 0 || !by_reason) share(children[i], n);
  }
}

std::vector<ProfileFrame> Profile::stack(size_t node) const {
  std::vector<ProfileFrame> out;
  for (auto at = static_cast<int32_t>(node); at >= 0; at = nodes_[static_cast<size_t>(at)].parent)
    out.push_back(nodes_[static_cast<size_t>(at)].frame);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string Profile::name(const ProfileFrame& frame) const {
  auto named = [&](const std::unordered_map<int32_t, NameId>& names, const char* kind) {
    const auto found = names.find(frame.id);
    return found == names.end() ? kind + std::to_string(frame.id) : std::string(pool_[found->second]);
  };
  switch (frame.kind) {
    case ProfileFrame::kThread: return frame.id == 0 ? "-idle-" : named(threads_, "thread ");
    case ProfileFrame::kCpu: return "CPU " + std::to_string(frame.id);
    case ProfileFrame::kRpc: return frame.id == 0 ? "no RPC" : named(rpcs_, "RPC ");
    case ProfileFrame::kUser: return frame.id == 0 ? "user code" : std::string(pool_[static_cast<NameId>(frame.id)]);
    case ProfileFrame::kCall: return std::string(pool_[static_cast<NameId>(frame.id)]);
    case ProfileFrame::kReason: return wait_label(static_cast<char>('a' + frame.id));
    case ProfileFrame::kWaker: return frame.id == 0 ? "woken on an idle CPU" : "woken from " + named(threads_, "thread ");
  }
  return "";
}

}  // namespace kutrace
