// SPDX-License-Identifier: BSD-3-Clause
// dumplogfile TITLE LOG..., also installed as dumplogfile4: binary logs of RPCs to the JSON that shows them.
#include <cinttypes>

#include "base/output.h"
#include "json/span_json_writer.h"
#include "net/rpc_message.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

constexpr int64_t kMinuteUs = 60000000;

constexpr std::array<const char*, 5> kTypes = {"ReqSend", "ReqRcv", "RespSend", "RespRcv", "Text"};
constexpr std::array<const char*, 3> kStatus = {"OK", "Fail", "Busy"};

std::string status_text(uint32_t status) { return status < kStatus.size() ? kStatus[status] : std::to_string(status); }

// The times that were not recorded, each 2 us behind the one before: enough to be seen.
void fill_times(Rpc& r) {
  for (size_t i = 1; i < Rpc::kTimes; ++i) {
    if (r.t[i] == 0) r.t[i] = r.t[i - 1] + 2;
  }
}

void print(Output& out, const Rpc& r, int64_t minute) {
  char text[200];
  char* p = text;
  for (size_t i = 0; i < Rpc::kTimes; ++i) {
    *p++ = i == 0 ? '[' : ',';
    if (i > 0) *p++ = ' ';
    p = put_seconds(p, r.t[i] == 0 ? 0 : (r.t[i] - minute) * 100, 0);
  }
  std::string line(text, static_cast<size_t>(p - text));
  line += ", \"" + address_text(r.client_ip, r.client_port) + "\", \"" + address_text(r.server_ip, r.server_port) + "\", ";
  line += std::to_string(r.request_code) + ", " + std::to_string(r.response_code) + ", " + std::to_string(r.id) + ", " + std::to_string(r.parent);
  line += std::string(", \"") + kTypes[r.type] + "\", " + json_string(r.method) + ", \"" + status_text(r.status) + "\", ";
  out.write(line + std::to_string(r.data_bytes) + ", " + json_string(r.data) + "],\n");
}

struct Choice {
  bool all = false, requests = false, raw = false;
  bool wanted(const Rpc& r) const {
    const auto type = static_cast<RpcType>(r.type);
    if (r.t[0] == 0 || type == RpcType::kText) return false;
    return all || (requests ? type == RpcType::kReqSend || type == RpcType::kReqRcv : type == RpcType::kRespRcv || type == RpcType::kRespSend);
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Turns binary logs of RPCs into the JSON that shows them.", "dumplogfile"};
  Choice choice;
  std::string title, output = "-";
  std::vector<std::string> files;
  app.add_option("TITLE", title, "title of the picture")->required();
  app.add_option("LOG", files, "logs of 96 bytes a record")->required();
  app.add_flag("--all", choice.all, "all records, not only those of RPCs that were answered (the reference's -all is taken)");
  app.add_flag("--req", choice.requests, "the records of requests instead (-req)");
  app.add_flag("--raw", choice.raw, "times that were not recorded stay 0, else they are put 2 us behind the one before (-raw)");
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, {"-all", "-req", "-raw"}, [&](Diagnostics& diagnostics) {
    std::vector<Rpc> rpcs;
    for (const std::string& file : files) {
      const AnyInput log(file, diagnostics);
      for (Rpc& r : read_rpc_log(log, diagnostics)) {
        if (choice.wanted(r)) rpcs.push_back(std::move(r));
      }
    }
    int64_t first = INT64_MAX;
    for (const Rpc& r : rpcs) first = std::min(first, r.t[0]);
    if (rpcs.empty()) diagnostics.add_at(Finding::kNoRecords, [&] { return files[0]; });
    const int64_t minute = rpcs.empty() ? TimeBase::kUnknownMinute : first - first % kMinuteUs;
    Output out(output, files, diagnostics.budget());
    out.write("  {\n \"Comment\" : \"RPC log\",\n \"title\" : " + json_string(title) + ",\n \"tracebase\" : \"" + format_minute(minute) +
              "\",\n \"deltaT23\" : 0,\n \"gbs\" : 1,\n \"version\" : 4,\n\"events\" : [\n");
    for (Rpc& r : rpcs) {
      if (!choice.raw) fill_times(r);
      print(out, r, minute);
    }
    out.write("[999.0, 0.0, 0.0, 0.0, \"\", \"\", 0, 0, 0, 0, \"\", \"\", \"\", 0, \"\"]\n]}\n");
    out.close();
    return report_damage("dumplogfile", diagnostics);
  });
}
