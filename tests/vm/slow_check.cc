// SPDX-License-Identifier: BSD-3-Clause
// slow_check FOLDER: of the traces CAUSE-SEED.trace there and of what slow_causes printed beside each: how many slow requests have their cause named
// by why, for each cause apart. At least 95 % of all have to. Of the requests of traces without a cause one in a hundred may have one: an emulated
// timer interrupt can take longer than all of such a request.
#include <cstdio>
#include <filesystem>
#include <map>

#include "support/seeded.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: slow_check FOLDER\n");
    return 2;
  }
  try {
    std::map<std::string, kutrace::test::Verdict> verdicts;
    int seeded = 0, right = 0, healthy = 0, named = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
      std::filesystem::path truth = entry.path(), trace = truth;
      if (truth.extension() != ".txt") continue;
      const std::string cause = truth.stem().string().substr(0, truth.stem().string().find('-'));
      const auto verdict = kutrace::test::judge_seeded(cause, trace.replace_extension(".trace").string(), truth.string());
      auto& sum = verdicts[cause];
      sum.seeded += verdict.seeded;
      sum.right += verdict.right;
      sum.wrong += verdict.wrong;
      seeded += verdict.seeded;
      right += verdict.right;
      healthy += verdict.healthy;
      named += verdict.named;
    }
    for (const auto& [cause, verdict] : verdicts) std::printf("%s: %d of %d\n%s", cause.c_str(), verdict.right, verdict.seeded, verdict.wrong.c_str());
    const bool most = seeded > 0 && right * 100 >= seeded * 95, none = healthy > 0 && named * 100 <= healthy;
    std::printf("%s %d of %d slow requests have their cause named\n", most ? "ok" : "FAILED", right, seeded);
    std::printf("%s %d of %d healthy requests have one\n", none ? "ok" : "FAILED", named, healthy);
    return most && none ? 0 : 1;
  } catch (const std::exception& e) {
    std::printf("FAILED slow_check: %s\n", e.what());
    return 2;
  }
}
