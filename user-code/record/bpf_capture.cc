// SPDX-License-Identifier: BSD-3-Clause
#include "record/bpf_capture.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "control/failure.h"

// The object file that the build embeds (bpf_object.S).
extern "C" const char kutrace_bpf_object[];
extern "C" const char kutrace_bpf_object_end[];

namespace kutrace::record {

using capture::Failure;

namespace {

constexpr char kRowsMap[] = ".bss";
constexpr char kConfigMap[] = ".rodata";
constexpr char kTracepointType[] = "btf_trace_";  // the kernel's types of its tracepoints
constexpr char kSample[] = "sample";
constexpr char kEdge[] = "edge";

// What libbpf and the verifier said of the latest failure; shown only if loading fails.
std::string& said() {
  thread_local std::string text;
  return text;
}

int keep_what_is_said(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  const int n = std::vsnprintf(line, sizeof(line), format, arguments);
  if (said().size() < 4096) said() += line;
  return n;
}

std::string advice(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return "run it as root or with CAP_BPF and CAP_PERFMON; `kutrace doctor` tells what is missing";
    case ENOMEM:
    case E2BIG:
      return "give a smaller --buffer";
    default:
      return "`kutrace doctor` tells what this machine allows";
  }
}

[[noreturn]] void fail(const std::string& what, int error) {
  std::string first = said().substr(0, said().find('\n'));
  throw Failure(what + ": " + std::strerror(error) + (first.empty() ? "" : " (" + first + ")"), advice(error));
}

void* map_array(const bpf_map* map, size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
  if (at == MAP_FAILED) fail("cannot map the rows", errno);
  return at;
}

std::string tracepoint_of(const bpf_program* program) {
  const std::string section = bpf_program__section_name(program);
  const size_t slash = section.find('/');
  return section.starts_with("tp_btf/") ? section.substr(slash + 1) : "";
}

}  // namespace

struct BpfCapture::Objects {
  btf* kernel = nullptr;
  bpf_object* object = nullptr;
  std::vector<bpf_link*> links;
  size_t rows_bytes = 0, words_bytes = 0;

  void detach() {
    for (bpf_link* link : links) bpf_link__destroy(link);
    links.clear();
  }
  ~Objects() {
    detach();
    bpf_object__close(object);
    btf__free(kernel);
  }
};

BpfCapture::BpfCapture(const BpfOptions& options) : options_(options), objects_(std::make_unique<Objects>()) {
  libbpf_set_print(keep_what_is_said);
  said().clear();
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) fail("cannot count the CPUs", -cpus);
  if (cpus > KUTRACE_ROWS) {
    throw Failure(std::to_string(cpus) + " CPUs are possible here, more than " + std::to_string(KUTRACE_ROWS),
                  "use --via patched");
  }
  cpus_ = static_cast<uint32_t>(cpus);
  objects_->kernel = btf__load_vmlinux_btf();
  if (objects_->kernel == nullptr) {
    throw Failure("this kernel has no type information (/sys/kernel/btf/vmlinux)",
                  "use a kernel with CONFIG_DEBUG_INFO_BTF, or --via patched");
  }
  objects_->object =
      bpf_object__open_mem(kutrace_bpf_object, static_cast<size_t>(kutrace_bpf_object_end - kutrace_bpf_object), nullptr);
  if (objects_->object == nullptr) fail("the eBPF programs cannot be read", errno);

  bpf_map* config = bpf_object__find_map_by_name(objects_->object, kConfigMap);
  bpf_map* words = bpf_object__find_map_by_name(objects_->object, "words");
  size_t size = 0;
  auto* values = static_cast<kutrace_row_config*>(const_cast<void*>(bpf_map__initial_value(config, &size)));
  if (values == nullptr || size < sizeof(*values)) throw Failure("the eBPF programs have no configuration", "rebuild kutrace");
  values->words = options_.row_words;
  bpf_map__set_max_entries(words, cpus_ * options_.row_words);
  choose_programs();
  if (const int error = bpf_object__load(objects_->object); error != 0) fail("the kernel refuses the eBPF programs", -error);
  map_memory();
}

BpfCapture::~BpfCapture() {
  if (rows_ != nullptr) munmap(rows_, objects_->rows_bytes);
  if (words_ != nullptr) munmap(words_, objects_->words_bytes);
}

void BpfCapture::choose_programs() {
  std::string lacking;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, objects_->object) {
    const std::string point = tracepoint_of(program);
    if (point.empty()) continue;
    const bool wanted = std::ranges::find(options_.without, point) == options_.without.end();
    if (wanted && btf__find_by_name_kind(objects_->kernel, (kTracepointType + point).c_str(), BTF_KIND_TYPEDEF) >= 0) continue;
    bpf_program__set_autoload(program, false);
    lacking += (lacking.empty() ? "" : ", ") + point;
  }
  if (!lacking.empty()) not_recorded_.push_back(lacking + " (this kernel has no such tracepoints)");
}

void BpfCapture::map_memory() {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto whole_pages = [page](size_t bytes) { return (bytes + page - 1) / page * page; };
  objects_->rows_bytes = whole_pages(sizeof(kutrace_rows));
  objects_->words_bytes = whole_pages(size_t{cpus_} * options_.row_words * sizeof(uint64_t));
  rows_ = static_cast<kutrace_rows*>(
      map_array(bpf_object__find_map_by_name(objects_->object, kRowsMap), objects_->rows_bytes));
  words_ = static_cast<uint64_t*>(
      map_array(bpf_object__find_map_by_name(objects_->object, "words"), objects_->words_bytes));
}

void BpfCapture::attach() {
  said().clear();
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, objects_->object) {
    const std::string point = tracepoint_of(program);
    if (point.empty() || !bpf_program__autoload(program)) continue;
    bpf_link* link = bpf_program__attach(program);
    if (link == nullptr) {
      not_recorded_.push_back(point + ": " + std::strerror(errno));
      continue;
    }
    objects_->links.push_back(link);
    ++attached_;
  }
  if (attached_ == 0) fail("no tracepoint takes the eBPF programs", EPERM);
  if (options_.sample_hz > 0) attach_samples();
}

void BpfCapture::attach_samples() {
  perf_event_attr what{};
  what.type = PERF_TYPE_SOFTWARE;
  what.size = sizeof(what);
  what.config = PERF_COUNT_SW_CPU_CLOCK;
  what.freq = 1;
  what.sample_freq = options_.sample_hz;
  const bpf_program* program = bpf_object__find_program_by_name(objects_->object, kSample);
  for (uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    const auto fd =
        static_cast<int>(syscall(SYS_perf_event_open, &what, -1, static_cast<int>(cpu), -1, PERF_FLAG_FD_CLOEXEC));
    if (fd < 0 && errno == ENODEV) continue;  // offline
    bpf_link* link = fd < 0 ? nullptr : bpf_program__attach_perf_event(program, fd);
    if (link == nullptr) {
      not_recorded_.push_back("samples on CPU " + std::to_string(cpu) + ": " + std::strerror(errno));
      if (fd >= 0) close(fd);
      continue;
    }
    objects_->links.push_back(link);  // closes fd
  }
}

void BpfCapture::mark_edges() {
  const int program = bpf_program__fd(bpf_object__find_program_by_name(objects_->object, kEdge));
  for (uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    LIBBPF_OPTS(bpf_test_run_opts, run, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);
    // A CPU that is offline has no edge.
    if (const int error = bpf_prog_test_run_opts(program, &run); error != 0 && error != -ENXIO) {
      not_recorded_.push_back("the edge of CPU " + std::to_string(cpu) + ": " + std::strerror(-error));
    }
  }
}

void BpfCapture::store(bool on) {
  __atomic_store_n(&rows_->on, on ? 1U : 0U, __ATOMIC_SEQ_CST);
  // Programs run with preemption off: this waits for those that have seen the switch on.
  if (!on) syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void BpfCapture::detach() { objects_->detach(); }

uint64_t BpfCapture::refused_runs() const {
  uint64_t sum = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, objects_->object) {
    if (!bpf_program__autoload(program)) continue;
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0) sum += info.recursion_misses;
  }
  return sum;
}

}  // namespace kutrace::record
