// SPDX-License-Identifier: BSD-3-Clause
// libkutrace for C++: guard objects on top of kutrace.h. Header only; link with libkutrace.
#pragma once

#include <mutex>
#include <string_view>

#include "kutrace.h"

namespace kutrace {

// Brackets a region of this thread with mark_a "label" and "/label": five characters of the label count.
//   kutrace::scope parse("parse");
class scope {
 public:
  explicit scope(std::string_view label) {
    text_[0] = '/';
    label.substr(0, 5).copy(text_ + 1, 5);
    kutrace_mark_a(text_ + 1);
  }
  ~scope() { kutrace_mark_a(text_); }
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

 private:
  char text_[8] = {};
};

// This thread works for an RPC until the guard ends; reply_bytes() tells the length of the response.
class rpc_scope {
 public:
  rpc_scope(uint32_t id, uint64_t request_bytes) : id_(id) { kutrace_rpc_request(id, request_bytes); }
  ~rpc_scope() {
    kutrace_rpc_response(id_, reply_bytes_);
    kutrace_rpc_request(0, 0);
  }
  void reply_bytes(uint64_t bytes) { reply_bytes_ = bytes; }
  rpc_scope(const rpc_scope&) = delete;
  rpc_scope& operator=(const rpc_scope&) = delete;

 private:
  uint32_t id_;
  uint64_t reply_bytes_ = 0;
};

// A mutex whose waits and holds show in the trace. Works with std::lock_guard and std::unique_lock.
template <typename Mutex = std::mutex>
class traced_mutex {
 public:
  explicit traced_mutex(const char* name = nullptr) : name_(name) {}
  void lock() {
    if (!mutex_.try_lock()) {
      say_name();
      kutrace_lock_failed(number());
      mutex_.lock();
    }
    kutrace_lock_acquired(number());
  }
  bool try_lock() {
    const bool got = mutex_.try_lock();
    if (got) kutrace_lock_acquired(number());
    return got;
  }
  void unlock() {
    kutrace_lock_released(number());  // before the next holder can say that it has it
    mutex_.unlock();
  }
  uint32_t number() const { return kutrace_lock_number(this); }

 private:
  void say_name() const {
    if (name_ != nullptr) kutrace_name_lock(number(), name_);
  }
  Mutex mutex_;
  const char* name_;
};

}  // namespace kutrace
