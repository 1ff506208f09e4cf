// SPDX-License-Identifier: BSD-3-Clause
#include "field/home.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/output_file.h"
#include "base/terminal.h"
#include "control/failure.h"
#include "field/recorder.h"

namespace kutrace::field {
namespace {

using capture::Failure;
using Take = std::function<void(std::span<const char>)>;

void drain(int fd, const std::string& name, const Take& take) {
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure(name + " cannot be read: " + std::strerror(errno), "look at the card, or at the line");
    if (n == 0) return;
    take({buffer.data(), static_cast<size_t>(n)});
  }
}

pid_t start(std::vector<std::string> words, const posix_spawn_file_actions_t* actions) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0], actions, nullptr, arguments.data(), environ);
  if (error != 0) throw Failure(words[0] + " cannot be started: " + std::strerror(error), "is it installed?");
  return child;
}

int ended(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What a command of a shell on `host` writes.
void over_there(const std::string& host, const std::string& command, const Take& take) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Failure(std::string("pipe: ") + std::strerror(errno), "close some files");
  Fd from(ends[0]), to(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  const pid_t child = start({"ssh", "--", host, command}, &actions);
  posix_spawn_file_actions_destroy(&actions);
  to = Fd();
  drain(from.get(), host, take);
  const int status = ended(child);
  if (status != 0) throw Failure("ssh to " + host + " ended with status " + std::to_string(status), "try `ssh " + host + "`");
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

struct Source {
  std::string host, folder;  // host: "" for a folder of this machine
};

// As scp has it: a colon before any slash is behind a host.
Source source_of(const std::string& from) {
  const size_t colon = from.find(':');
  if (colon == std::string::npos || colon == 0 || from.find('/') < colon) return {"", from};
  return {from.substr(0, colon), from.substr(colon + 1)};
}

std::vector<std::string> names_of(const Source& source) {
  std::vector<std::string> names;
  if (source.host.empty()) {
    for (const SavedTrace& t : TraceFolder(source.folder).traces()) names.push_back(t.name);
    return names;
  }
  std::string text;
  over_there(source.host, "ls -1 -- " + quoted(source.folder), [&](std::span<const char> bytes) { text.append(bytes.data(), bytes.size()); });
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (std::string name = text.substr(at, end - at); TraceFolder::is_name(name)) names.push_back(std::move(name));
    at = end + 1;
  }
  return names;
}

void copy(const Source& source, const std::string& name, const std::string& to) {
  OutputFile file(to, {OutputKind::kCapture, false, {}});
  const Take take = [&](std::span<const char> bytes) { file.write(bytes); };
  if (source.host.empty()) {
    const std::string path = source.folder + "/" + name;
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat s {};
    if (!fd || fstat(fd.get(), &s) != 0 || !S_ISREG(s.st_mode)) throw Failure(path + " cannot be read", "may you read it?");
    drain(fd.get(), path, take);
  } else {
    over_there(source.host, "cat -- " + quoted(source.folder + "/" + name), take);
  }
  file.finish();
}

// The reason in a name of TraceFolder::next_name(): behind number, date and time.
std::string reason_of(const std::string& name) {
  size_t at = 0;
  for (int i = 0; i < 4; ++i) at = name.find('_', at) + 1;
  return name.substr(at, name.rfind('.') - at);
}

// The one that came with this program, or that of the PATH.
std::string kutrace_program() {
  char self[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
  std::string beside(self, n > 0 ? static_cast<size_t>(n) : 0);
  beside = beside.substr(0, beside.rfind('/') + 1) + "kutrace";
  return access(beside.c_str(), X_OK) == 0 ? beside : "kutrace";
}

}  // namespace

void pull(const std::string& from, const std::string& to) {
  const Source source = source_of(from);
  const TraceFolder here = TraceFolder::made(to);
  uint64_t came = 0, known = 0;
  for (const std::string& name : names_of(source)) {
    const std::string path = here.path_of(name);
    struct stat s {};
    if (lstat(path.c_str(), &s) == 0) {
      ++known;
      continue;
    }
    try {
      copy(source, name, path);
    } catch (const Error& error) {
      throw Failure(error);
    }
    ++came;
    std::printf("%s\n", terminal_text(path).c_str());
  }
  std::fprintf(stderr, "kutrace-field: %llu came, %llu were here\n", static_cast<unsigned long long>(came), static_cast<unsigned long long>(known));
}

int report(const std::string& trace, const std::string& page) {
  std::string path = trace;
  struct stat s {};
  if (stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode)) {
    const TraceFolder folder(path);
    const std::vector<SavedTrace> all = folder.traces();
    if (all.empty()) throw Failure(path + " has no trace of a field recorder", "give another folder");
    path = folder.path_of(all.back().name);
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  std::vector<std::string> words = {kutrace_program(), "report"};
  if (TraceFolder::is_name(name)) {
    std::fprintf(stderr, "kutrace-field: %s was saved for: %s\n", terminal_text(name).c_str(), terminal_text(reason_of(name)).c_str());
    words.insert(words.end(), {"--title", name});
  }
  words.insert(words.end(), {"--mark", kFieldMark});
  if (!page.empty()) words.insert(words.end(), {"-o", page});
  words.insert(words.end(), {"--", path});
  return ended(start(std::move(words), nullptr));
}

}  // namespace kutrace::field
