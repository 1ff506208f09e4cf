// SPDX-License-Identifier: BSD-3-Clause
// Where a recording of rings stands until it is complete: FILE.part, sections that were written one by one. Unlike a trace that
// grows without a name it outlives a collector that is killed, and says which area has the rest.
#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/output_place.h"
#include "rings/collector.h"

namespace kutrace::rings {

class PartFile final : public SectionSink {
 public:
  // A new one beside the output. Throws Failure: it is there already.
  explicit PartFile(const std::string& path);
  // One that a collector has left. What was not written to its end is cut off; `each` gets the headers of the others. Throws Failure.
  PartFile(const std::string& path, const std::function<void(const kutrace_coro_section&)>& each);

  void section(const kutrace_coro_section& header, std::span<const uint64_t> payload) override;
  int fd() const { return fd_.get(); }
  const std::string& path() const { return place_.name; }
  // The area, as its first section says, whoever wrote that; whose the recording is; and whether the last section stands.
  const std::string& area() const { return area_; }
  uid_t owner() const { return owner_; }
  bool complete() const { return complete_; }
  void remove() const;

 private:
  void lock();

  OutputPlace place_;  // looked at once: what is taken away at the end is what was made
  std::string area_;
  Fd fd_;
  uid_t owner_ = 0;
  uint64_t bytes_ = 0;
  bool complete_ = false;
};

}  // namespace kutrace::rings
