// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace kutrace::test {

// A directory of one test, `dir_` with its slash, removed behind it.
class TempDir : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kutrace.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern + "/";
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string dir_;
};

}  // namespace kutrace::test
