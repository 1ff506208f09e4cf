// SPDX-License-Identifier: BSD-3-Clause
// The field recorder against a model of the module: what it saves when, what it takes away, what a wrong configuration is told. The
// service itself runs in guests (tests/vm/guest/field.sh).
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "control/failure.h"
#include "field/config.h"
#include "field/recorder.h"
#include "field/saving_file.h"
#include "field/trace_folder.h"
#include "field/trigger.h"
#include "support/chain_run.h"
#include "support/fake_module.h"
#include "support/temp_dir.h"

namespace {

using namespace kutrace::field;
using kutrace::capture::Failure;
using kutrace::test::FakeModule;
namespace fs = std::filesystem;

std::string why(const std::string& text) {
  try {
    parse_config(text, "f.conf");
  } catch (const Failure& f) {
    return f.what();
  }
  return "";
}

TEST(FieldConfig, TakesWhatTheExampleHas) {
  const Config example = read_config(std::string(KUTRACE_SOURCE) + "/user-code/field/kutrace-field.conf"), none;
  EXPECT_EQ(example.folder, none.folder);
  EXPECT_EQ(example.trigger, none.trigger);
  EXPECT_EQ(example.group, none.group);
  EXPECT_EQ(example.led, none.led);
  EXPECT_EQ(example.files, none.files);
  EXPECT_EQ(example.quota, none.quota);
  EXPECT_EQ(example.after_ms, none.after_ms);
  const Config other = parse_config("quota=5MB\n after = 2 s # long\n\nfiles=3", "f");
  EXPECT_EQ(other.quota, 5'000'000u);
  EXPECT_EQ(other.after_ms, 2000u);
  EXPECT_EQ(other.files, 3u);
}

TEST(FieldConfig, SaysWhichLineAndWhatIsAllowed) {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{{"\n\nfiles = 0", "f.conf:3: `0` cannot be that; give a number from 1"},
                                                                                   {"files = -1", "f.conf:1: `-1`"},
                                                                                   {"files = 3x", "f.conf:1: `3x`"},
                                                                                   {"quota = 5", "f.conf:1: `5` cannot be that; give a size"},
                                                                                   {"quota = 99999999999999999999 GB", "give a size"},
                                                                                   {"after = 2 h", "give a time"},
                                                                                   {"after = 61 s", "give a time"},
                                                                                   {"folder = here", "begins with /"},
                                                                                   {"led = ../../x", "/sys/class/leds"},
                                                                                   {"colour = red", "names are folder"},
                                                                                   {"nonsense", "NAME = VALUE"},
                                                                                   {"files = 3\nfiles = 4", "f.conf:2: `files`"}}) {
    EXPECT_NE(why(text).find(words), std::string::npos) << text << ": " << why(text);
  }
  EXPECT_THROW(read_config("/nowhere/f.conf"), Failure);
}

class FieldTest : public kutrace::test::TempDir {
 protected:
  Config config() const {
    Config c;
    c.folder = dir_ + "traces";
    c.files = 3;
    return c;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const SavedTrace& t : TraceFolder(config().folder).traces()) out.push_back(t.name);
    return out;
  }
  std::string state() const { return kutrace::capture::read_text(config().folder + "/state").value_or(""); }
  bool said(const std::string& words) const {
    for (const std::string& line : said_) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }
  Recorder recorder(const Config& c) {
    return Recorder(module_, machine_, c, [this](const std::string& line) { said_.push_back(line); });
  }

  FakeModule module_;
  kutrace::capture::Machine machine_;
  std::vector<std::string> said_;
};

TEST_F(FieldTest, SavesAndRecordsOn) {
  Recorder r = recorder(config());
  r.begin();
  EXPECT_TRUE(module_.tracing());
  EXPECT_NE(state().find("state: recording since"), std::string::npos) << state();
  module_.activity(20000);
  EXPECT_TRUE(r.ask("a stall/../x"));
  EXPECT_FALSE(r.ask("another"));
  ASSERT_EQ(module_.marks.size(), 1u);
  EXPECT_EQ(module_.marks[0] >> KUTRACE_EVENT_SHIFT & 0xfff, static_cast<uint64_t>(KUTRACE_MARKA));
  r.save();
  EXPECT_TRUE(module_.tracing());
  ASSERT_EQ(names().size(), 1u);
  EXPECT_TRUE(names()[0].starts_with("field_000001_"));
  EXPECT_TRUE(names()[0].ends_with("_a-stall----x.trace")) << names()[0];
  EXPECT_TRUE(said("for: a stall/../x; and 1 more"));
  EXPECT_TRUE(said("nothing was recorded for 0."));
  EXPECT_NE(state().find("saved: 1\nnot saved: 0\nlast trace: field_000001_"), std::string::npos) << state();
  struct stat s {};
  ASSERT_EQ(stat((config().folder + "/" + names()[0]).c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
  EXPECT_EQ(kutrace::test::shell(std::string(KUTRACE_TOOLS) + "/kutrace check " + config().folder + "/" + names()[0] + " >/dev/null 2>&1"), 0);
  r.end("end");
  EXPECT_FALSE(module_.tracing());
  EXPECT_EQ(names().size(), 2u);
  EXPECT_TRUE(state().starts_with("state: ended"));
}

TEST_F(FieldTest, KeepsARingOfFilesAndNoOthers) {
  Recorder r = recorder(config());
  r.begin();
  std::ofstream(config().folder + "/field_notes.trace") << "mine";
  for (int i = 0; i < 5; ++i) {
    module_.activity(20000);
    r.save("turn");
  }
  ASSERT_EQ(names().size(), 3u);
  EXPECT_TRUE(names()[0].starts_with("field_000003_"));
  EXPECT_TRUE(names()[2].starts_with("field_000005_"));
  EXPECT_TRUE(fs::exists(config().folder + "/field_notes.trace"));
  EXPECT_TRUE(said("took away field_000002_"));
}

TEST_F(FieldTest, KeepsToTheQuota) {
  Config c = config();
  c.files = 100;
  c.quota = 1'000'000;
  Recorder r = recorder(c);
  r.begin();
  for (int i = 0; i < 8; ++i) {
    module_.activity(20000);
    r.save("turn");
    uint64_t sum = 0;
    for (const SavedTrace& t : TraceFolder(c.folder).traces()) sum += t.bytes;
    EXPECT_LE(sum, c.quota);
  }
  EXPECT_LT(names().size(), 8u);
  EXPECT_GE(names().size(), 2u);
}

TEST_F(FieldTest, SaysThatTheLastRunDidNotEndAndSavesWhatItLeft) {
  {
    Recorder r = recorder(config());
    r.begin();
    module_.activity(20000);
  }
  module_.command(0, KUTRACE_IOC_STOP, 0);  // what the module does when its owner is killed
  Recorder r = recorder(config());
  r.begin();
  EXPECT_TRUE(said("the last run did not end"));
  ASSERT_EQ(names().size(), 1u);
  EXPECT_TRUE(names()[0].ends_with("_left-by-an-earlier-run.trace"));
  r.end("end");
  said_.clear();
  recorder(config()).begin();
  EXPECT_FALSE(said("the last run did not end"));
}

TEST_F(FieldTest, WhatCannotBeSavedIsSaidAndRecordingGoesOn) {
  Recorder r = recorder(config());
  r.begin();
  module_.activity(20000);
  fs::remove_all(config().folder);
  r.save("lost");
  EXPECT_TRUE(said("NOT SAVED: "));
  EXPECT_TRUE(module_.tracing());
  fs::create_directory(config().folder);
  module_.activity(20000);
  r.save("kept");
  EXPECT_EQ(names().size(), 1u);
  EXPECT_NE(state().find("saved: 1\nnot saved: 1\n"), std::string::npos) << state();
}

// Blocks that say which they are, written from the newest on, as they are when the power fails after `written` of them.
class CutTest : public FieldTest {
 protected:
  static constexpr uint64_t kBlocks = 200;
  static std::string block(uint64_t index) {
    std::string bytes(KUTRACE_BLOCK_BYTES, static_cast<char>('a' + index % 26));
    bytes.replace(0, 8, std::to_string(10'000'000 + index));
    return bytes;
  }
  // What is there then; the folder in which it stands.
  TraceFolder cut_off(uint64_t written) const {
    const TraceFolder saving = TraceFolder::made(dir_ + "saving"), cut = TraceFolder::made(dir_ + "cut" + std::to_string(written));
    const std::string name = "field_000007_20261129_101112_x.trace";
    SavingFile file(saving, name, kBlocks);
    for (uint64_t i = 0; i < written; ++i) file.put(i == 0 ? 0 : kBlocks - i, block(i == 0 ? 0 : kBlocks - i));
    fs::copy(saving.path_of(name + ".saving"), cut.path_of(name + ".saving"));
    return cut;
  }
  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
};

TEST_F(CutTest, WhatWasOnTheDiskBecomesATrace) {
  for (const uint64_t written : {uint64_t{0}, uint64_t{1}, uint64_t{63}, uint64_t{64}, uint64_t{65}, uint64_t{130}, kBlocks}) {
    const TraceFolder folder = cut_off(written);
    const std::vector<CutSave> cut = recover_cut_saves(folder);
    ASSERT_EQ(cut.size(), 1u);
    const uint64_t on_disk = written / 64 * 64;
    EXPECT_EQ(cut[0].of, kBlocks);
    EXPECT_EQ(cut[0].blocks, on_disk) << written;
    EXPECT_TRUE(folder.cut_saves().empty());
    if (on_disk == 0) {
      EXPECT_EQ(cut[0].name, "");
      EXPECT_TRUE(folder.traces().empty());
      continue;
    }
    EXPECT_EQ(cut[0].name, "field_000007_20261129_101112_x_cut.trace");
    ASSERT_EQ(folder.traces().size(), 1u);
    std::string expected = block(0);
    for (uint64_t index = kBlocks - on_disk + 1; index < kBlocks; ++index) expected += block(index);
    EXPECT_TRUE(content(folder.path_of(cut[0].name)) == expected) << written;
  }
}

// Between the moment when all is on the disk and the one when it has its name.
TEST_F(CutTest, ATraceThatOnlyLacksItsNameGetsIt) {
  const TraceFolder folder = TraceFolder::made(dir_ + "whole");
  std::ofstream(folder.path_of("field_000002_20261129_101112_x.trace.saving"), std::ios::binary) << block(0) << block(1) << block(2);
  const std::vector<CutSave> cut = recover_cut_saves(folder);
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].name, "field_000002_20261129_101112_x.trace");
  EXPECT_EQ(content(folder.path_of(cut[0].name)), block(0) + block(1) + block(2));
}

TEST_F(CutTest, WhatIsNoListIsTakenForNothing) {
  const TraceFolder folder = TraceFolder::made(dir_ + "damaged");
  const auto recovered = [&](const std::string& bytes) {
    std::ofstream(folder.path_of("field_000002_20261129_101112_x.trace.saving"), std::ios::binary) << bytes;
    const std::vector<CutSave> cut = recover_cut_saves(folder);
    EXPECT_EQ(cut.size(), 1u);
    EXPECT_TRUE(folder.cut_saves().empty());
    return cut.empty() ? "none" : cut[0].name;
  };
  EXPECT_EQ(recovered(""), "");
  EXPECT_EQ(recovered("x"), "");
  EXPECT_EQ(recovered(block(0) + "x"), "");
  EXPECT_EQ(recovered(block(0) + block(1) + std::string(20, '\xff')), "");
  std::string twice(20, '\0');
  twice[0] = twice[8] = 1;  // the first block twice, never the second
  EXPECT_EQ(recovered(block(0) + block(1) + twice), "");
}

TEST_F(CutTest, NobodyElsesFileIsChanged) {
  const TraceFolder folder = TraceFolder::made(dir_ + "link");
  const std::string other = dir_ + "other";
  std::ofstream(other, std::ios::binary) << block(0) << block(1);
  fs::create_hard_link(other, folder.path_of("field_000002_20261129_101112_x.trace.saving"));
  EXPECT_THROW(recover_cut_saves(folder), Failure);
  EXPECT_EQ(content(other), block(0) + block(1));
}

TEST_F(FieldTest, SaysWhatWasCutOff) {
  const TraceFolder folder = TraceFolder::made(config().folder);
  std::ofstream(folder.path_of("field_000002_20261129_101112_x.trace.saving"), std::ios::binary) << "x";
  Recorder r = recorder(config());
  r.begin();
  EXPECT_TRUE(said("a save was cut off before anything of it was on the disk"));
  EXPECT_TRUE(module_.tracing());
}

// The newest first on the way to the disk, and the same bytes as any other save of the same trace.
TEST_F(FieldTest, TheFileIsThatOfAnyOtherSave) {
  Recorder r = recorder(config());
  r.begin();
  module_.activity(60000);
  module_.command(0, KUTRACE_IOC_STOP, 0);
  kutrace::capture::Session session(module_, machine_);
  class Sink : public kutrace::capture::BlockSink {
   public:
    void put(uint64_t index, std::span<const char> block) override {
      order.push_back(index);
      blocks[index] = std::string(block.begin(), block.end());
    }
    std::vector<uint64_t> order;
    std::map<uint64_t, std::string> blocks;
  } sink;
  kutrace::capture::Module module(module_, machine_);
  const uint64_t blocks = session.stat().blocks;
  ASSERT_GT(blocks, 3u);
  kutrace::capture::read_out_newest_first(module, blocks, sink);
  ASSERT_EQ(sink.order.size(), blocks);
  EXPECT_EQ(sink.order.front(), 0u);
  std::vector<uint64_t> counters;
  for (size_t i = 1; i < sink.order.size(); ++i) {
    uint64_t word;
    std::memcpy(&word, sink.blocks[sink.order[i]].data(), 8);
    counters.push_back(word & KUTRACE_LOW56);
  }
  EXPECT_TRUE(std::is_sorted(counters.rbegin(), counters.rend()));
  kutrace::capture::TraceFile file(dir_ + "usual.trace", false);
  session.save(file);
  std::string all;
  for (const auto& [index, block] : sink.blocks) all += block;
  std::ifstream in(dir_ + "usual.trace", std::ios::binary);
  EXPECT_TRUE(all == std::string(std::istreambuf_iterator<char>(in), {}));
}

// From a folder that may hold anything, and from another machine: an ssh that runs the command here.
TEST_F(FieldTest, PullsWhatIsNotThere) {
  const TraceFolder card = TraceFolder::made(dir_ + "card");
  const std::string one = "field_000001_20261129_101112_x.trace", two = "field_000002_20261129_101113_y.trace";
  for (const std::string& name : {one, two, std::string("notes.txt"), std::string("field_x.trace")}) std::ofstream(card.path_of(name)) << name;
  fs::create_symlink("/etc/passwd", card.path_of("field_000003_20261129_101114_z.trace"));
  const std::string ssh = dir_ + "bin/ssh";
  fs::create_directory(dir_ + "bin");
  std::ofstream(ssh) << "#!/bin/sh\n[ \"$1 $2\" = '-- robot' ] || exit 255\nexec sh -c \"$3\"\n";
  fs::permissions(ssh, fs::perms::owner_all);
  const std::string field = std::string(KUTRACE_FIELD) + " pull ";
  for (const std::string& from : {card.path(), "robot:" + card.path()}) {
    const std::string to = dir_ + "here" + (from[0] == 'r' ? "2" : "1");
    const TraceFolder here = TraceFolder::made(to);
    std::ofstream(here.path_of(two)) << "mine";
    const int status = kutrace::test::shell("PATH=" + dir_ + "bin:$PATH " + field + from + " " + to + " >" + dir_ + "out 2>&1");
    const std::string said = kutrace::capture::read_text(dir_ + "out").value_or("");
    if (from[0] != 'r') {
      EXPECT_EQ(status, 0) << said;
      EXPECT_NE(said.find("1 came, 1 were here"), std::string::npos) << said;
    }
    EXPECT_EQ(kutrace::capture::read_text(here.path_of(one)), one) << said;
    EXPECT_EQ(kutrace::capture::read_text(here.path_of(two)), "mine");
    EXPECT_FALSE(fs::exists(here.path_of("notes.txt")));
  }
  EXPECT_NE(kutrace::test::shell("PATH=" + dir_ + "bin:$PATH " + field + "nobody:" + card.path() + " " + dir_ + "here3 2>/dev/null"), 0);
}

TEST_F(FieldTest, ThePipeGivesLinesAsReasons) {
  const std::string path = dir_ + "run/trigger";
  {
    TriggerPipe pipe(path, "");
    EXPECT_TRUE(pipe.take().empty());
    ask_to_save(path, "one\ntwo");
    ask_to_save(path, "");
    std::ofstream(path) << "half";
    EXPECT_EQ(pipe.take(), (std::vector<std::string>{"one two", ""}));
    std::ofstream(path) << std::string(5000, 'x') << "\nlast\n";
    EXPECT_EQ(pipe.take(), (std::vector<std::string>{"half" + std::string(196, 'x'), "last"}));
    TriggerPipe again(path, "");  // as after a run that was killed
    struct stat s {};
    ASSERT_EQ(stat(path.c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0600u);
  }
  EXPECT_THROW(ask_to_save(path, "nobody"), Failure);
  std::ofstream(path) << "a file";
  EXPECT_THROW(ask_to_save(path, "a file"), Failure);
  EXPECT_THROW(TriggerPipe(path, ""), Failure);
  EXPECT_THROW(TriggerPipe(dir_ + "p", "no such group"), Failure);
}

}  // namespace
