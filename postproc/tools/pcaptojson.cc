// SPDX-License-Identifier: BSD-3-Clause
// pcaptojson FILE.pcap IP: the RPC messages in a packet capture as span records, to be sorted into a span JSON document.
#include "base/output.h"
#include "json/span_json_writer.h"
#include "net/packet_capture.h"
#include "net/rpc_message.h"
#include "tools/tool.h"

namespace {

using namespace kutrace;

constexpr int64_t kMinuteNs = 60000000000;

class Messages {
 public:
  Messages(Output& out, uint32_t ip, StringPool& pool) : out_(out), ip_(ip), pool_(pool) {}
  void take(const Packet& packet) {
    if (minute_ < 0) begin(packet.ns);
    if (!packet.tcp || (packet.from != ip_ && packet.to != ip_)) return;
    const auto data = rpc_marker(packet.payload);
    if (!data) return;
    const auto rpc = rpc_header(packet.payload.subspan(kRpcMarkerBytes));
    if (!rpc) return;
    Span s;
    s.start = (packet.ns - minute_) / 10;
    s.cpu = 0;
    s.pid = 0;
    s.rpc = static_cast<int32_t>(short_rpc_id(rpc->id));
    s.event = packet.to == ip_ ? KUTRACE_RPCIDRXMSG : KUTRACE_RPCIDTXMSG;
    s.arg = static_cast<int32_t>(*data);
    // A name for each id, of which there are 65,536.
    s.name = pool_.intern("rpc." + std::to_string(s.rpc));
    // As records go, it lasts 10 ns.
    s.dur = 1;
    writer_.record(s);
    ++count_;
  }
  uint64_t count() const { return count_; }

 private:
  void begin(int64_t ns) {
    minute_ = ns - ns % kMinuteNs;
    out_.write(" \"tcpdumpba\" : \"" + format_minute(minute_ / 1000) + "\",\n");
  }

  Output& out_;
  uint32_t ip_;
  StringPool& pool_;
  SpanJsonWriter writer_{out_, pool_, TimeBase{}};
  int64_t minute_ = -1;
  uint64_t count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Takes the RPC messages out of a packet capture.", "pcaptojson"};
  std::string file, ip, output = "-";
  app.add_option("FILE", file, "packet capture, as tcpdump -w writes it; - is standard input")->required();
  app.add_option("IP", ip, "IPv4 address of the machine: what goes to it was received")->required();
  app.add_option("-o,--output", output, "where to write");
  return run_tool(app, argc, argv, [&](Diagnostics& diagnostics) {
    const auto address = address_value(ip);
    if (!address) throw Error("IP", std::nullopt, "is no IPv4 address: " + ip, "give four numbers, as 192.168.1.60");
    const AnyInput input(file, diagnostics);
    const PacketCapture capture(input);
    Output out(output, {file}, diagnostics.budget());
    StringPool pool;
    Messages messages(out, *address, pool);
    capture.each([&](const Packet& packet) { messages.take(packet); }, diagnostics);
    if (messages.count() == 0) diagnostics.add_at(Finding::kNoRecords, [&] { return file + ": no RPC message to or from " + ip; });
    out.close();
    return report_damage("pcaptojson", diagnostics);
  });
}
