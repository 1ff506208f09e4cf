// SPDX-License-Identifier: BSD-3-Clause
// A file being written, by the tools and by kutrace_control alike. It is whole or not there:
//   - a new file has no name until it is complete (O_TMPFILE; where a file system has none, a name nobody can guess);
//   - an existing file gives its place, mode and owner to a new one; one with hard links, or mounted by itself, or in a folder
//     that we may not write, or whose owner cannot be kept, gets the new content when that is complete;
//   - devices, pipes and descriptors (-, /dev/stdout) are written as they are.
// A signal leaves nothing behind. What a name may be: output_place.h.
#pragma once

#include <signal.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/leftovers.h"
#include "base/output_place.h"

namespace kutrace {

struct OutputRules {
  OutputKind kind = OutputKind::kDocument;
  bool overwrite = true;            // an existing file may be replaced
  std::vector<std::string> inputs;  // names ("-" is standard input) that must not be this file
};

class OutputFile {
 public:
  // "-" is standard output. Finds out now whatever can be found out about whether it can be written. Throws Error.
  explicit OutputFile(const std::string& path, const OutputRules& rules = {});
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // what was not finished was never there

  void write(std::span<const char> bytes);  // all of them
  void finish();                            // complete: gives the file its name

  // Never blocks for a reader of a pipe without these signals being let in; one that comes is an Error. For callers that block signals.
  void let_in(const sigset_t& mask) { mask_ = mask; }
  bool is_regular() const { return regular_; }
  // A name by which a library that only takes names can open what is written, as long as this object lives. Only of regular files.
  std::string handle_name() const;
  // Where it goes, for messages.
  const std::string& name() const { return name_; }

 private:
  void open_place();
  void open_descriptor(int fd);
  void open_special();
  void open_existing();
  bool take_over_owner();
  void open_new(bool exactly_private);
  bool open_nameless(int folder, mode_t mode);
  void open_named(mode_t mode);
  void open_spool();
  void replace();
  void name_new();
  void copy_into_place();
  void wait_for_reader();
  [[noreturn]] void fail(const std::string& doing, int error) const;

  std::string name_;
  OutputRules rules_;
  OutputPlace place_;
  Fd fd_;                // what is written
  Fd target_;            // existing file that gets the content at the end
  std::string unnamed_;  // the name of fd_ if it needed one
  Leftover leftover_;
  std::optional<sigset_t> mask_;
  bool regular_ = false;
  bool in_place_ = false;
};

}  // namespace kutrace
