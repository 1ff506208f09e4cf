// SPDX-License-Identifier: BSD-3-Clause
// The field recorder against a model of the module: what it saves when, what it takes away, what a wrong configuration is told. The
// service itself runs in guests (tests/vm/guest/field.sh).
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "control/failure.h"
#include "field/config.h"
#include "field/recorder.h"
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
