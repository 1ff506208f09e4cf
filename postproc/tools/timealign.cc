// SPDX-License-Identifier: BSD-3-Clause
// timealign LOG...: the same logs, named NAME_align.log, with all times by one clock. How: net/clock_line.h.
#include <cinttypes>

#include "base/output.h"
#include "net/log_clocks.h"
#include "tools/tool.h"
#include "trace/time_base.h"

namespace {

using namespace kutrace;

constexpr std::string_view kEnding = ".log", kAligned = "_align.log";

void tell(const LogClocks::Pair& pair, const ClockEstimate& e) {
  std::printf("%s -> %s: %+.1f us at %s, drift %+.3f ppm, within %.1f to %.1f us, %.3f ppm; %" PRIu64 " RPCs\n", address_text(pair.second).c_str(),
              address_text(pair.first).c_str(), e.line.at_origin, format_utc(e.line.origin).c_str(), e.line.drift * 1e6, e.error_least,
              std::max(e.error_first, e.error_last), e.drift_error * 1e6, e.lower);
  if (e.contradiction > 0)
    std::printf("  no line fits: one of the two clocks did not keep its rate; RPCs contradict this one by up to %.1f us\n", e.contradiction);
}

std::string aligned_name(const std::string& file) {
  const bool ends = file.ends_with(kEnding);
  return file.substr(0, file.size() - (ends ? kEnding.size() : 0)) + std::string(kAligned);
}

void write_aligned(const std::string& file, const LogClocks& clocks, const std::vector<std::string>& inputs, Diagnostics& diagnostics) {
  const AnyInput log(file, diagnostics);
  Diagnostics told_before;
  std::vector<uint8_t> bytes(log.bytes().begin(), log.bytes().end());
  size_t at = 0;
  for (const Rpc& rpc : read_rpc_log(log, told_before)) {
    // What is no record of an RPC stays as it is.
    if (static_cast<RpcType>(rpc.type) != RpcType::kText) put_rpc_times(clocks.aligned(rpc), std::span(bytes).subspan(at, kRpcLogBytes));
    at += kRpcLogBytes;
  }
  Output out(aligned_name(file), inputs, diagnostics.budget());
  out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  out.close();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Puts the times of RPC logs of several machines on one clock.", "timealign"};
  std::vector<std::string> given, files;
  bool ignored = false;
  app.add_option("LOG", given, "logs of 96 bytes a record; those named *_align.log are passed over")->required();
  app.add_flag("--all", ignored, "accepted for the reference's scripts, without effect");
  return run_tool(app, argc, argv, {"-all"}, [&](Diagnostics& diagnostics) {
    for (const std::string& file : given) {
      if (!file.ends_with(kAligned)) files.push_back(file);
    }
    if (files.empty()) throw Error("timealign", std::nullopt, "all logs that were given are aligned already", "give those that they were made of");
    LogClocks clocks;
    uint64_t rpcs = 0;
    for (const std::string& file : files) {
      const AnyInput log(file, diagnostics);
      for (const Rpc& rpc : read_rpc_log(log, diagnostics)) {
        if (static_cast<RpcType>(rpc.type) == RpcType::kText) continue;
        clocks.take(rpc);
        ++rpcs;
      }
    }
    clocks.solve();
    if (rpcs == 0) diagnostics.add_at(Finding::kNoRecords, [&] { return files[0]; });
    for (const auto& [pair, estimate] : clocks.pairs()) tell(pair, estimate);
    if (clocks.pairs().empty()) std::printf("no RPC between two machines has all four times: all clocks stay as they are\n");
    for (const std::string& file : files) write_aligned(file, clocks, files, diagnostics);
    return report_damage("timealign", diagnostics);
  });
}
