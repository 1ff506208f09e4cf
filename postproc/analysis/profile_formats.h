// SPDX-License-Identifier: BSD-3-Clause
// A profile as text for a person, and as what other programs read.
#pragma once

#include <string>
#include <vector>

#include "analysis/profile.h"

namespace kutrace {

struct ProfileTitle {
  std::string file, part;  // which part of the trace, in words; empty: all of it
};

// What the numbers are: "ns running", "samples".
std::string profile_value(const Profile& profile);
// At most `rows` rows of each table; 0: all.
std::string profile_text(const Profile& profile, const ProfileTitle& title, size_t rows);
// Every node of the tree, all numbers in ns or samples.
std::string profile_json(const Profile& profile, const ProfileTitle& title);
// A line a stack, root first, as flame graphs are made of.
std::string profile_folded(const Profile& profile);
// gzip of a protobuf, as `pprof` reads it.
std::string profile_pprof(const Profile& profile);
std::string profile_speedscope(const Profile& profile, const ProfileTitle& title);

// Two profiles of one kind, stack by stack: threads and RPCs by their names without numbers, which differ from recording to recording.
struct ProfilePair {
  struct Row {
    std::string stack;  // folded
    int64_t a = 0, b = 0;
  };
  std::vector<Row> rows;  // what changed most, per second (or request), first
  double base_a = 1, base_b = 1;
  std::string base;  // "second", "RPC"
};
// `per_rpc`: divided by the RPCs that were answered. Throws Error when a side has nothing to divide by.
ProfilePair compare_profiles(const Profile& a, const Profile& b, bool per_rpc);
std::string pair_text(const ProfilePair& pair, const Profile& a, size_t rows);
std::string pair_json(const ProfilePair& pair, const Profile& a);
// A line a stack with two numbers: of A, of B.
std::string pair_folded(const ProfilePair& pair);

}  // namespace kutrace
