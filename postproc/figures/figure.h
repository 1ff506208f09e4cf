// SPDX-License-Identifier: BSD-3-Clause
// A figure: a question, a trace that answers it, and the claim that it does, as SQL over the trace's tables (book-figures/README.md).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "query/engine.h"

namespace kutrace {

struct Figure {
  std::string folder;
  std::string id, chapter, question, command, capture, sees, claim;
  // Two phases of which the second shows what the first is about not to be: with their names exchanged the claim must be false. Empty: there is one only.
  std::string control_a, control_b;
  // How often each phase is in the trace, as the program's log has it.
  std::vector<std::pair<std::string, int64_t>> phases;
  std::string trace() const { return folder + "/" + id + ".trace.gz"; }
};

// FOLDER/figure.json. Throws Error with what is missing or no text.
Figure read_figure(const std::string& folder, Budget* budget);

// What is wrong with a figure, a sentence each; nothing: it is true. Tests what holds for every figure (no gap, each phase all counted, none lost, as many
// phases as the program says, sound), the claim, and that the claim is false where its cause is not: with the names of the control exchanged, and of no trace.
std::vector<std::string> check_figure(const Figure& figure, Diagnostics& diagnostics);

// What a page of it opens on, as its address has it: the time of its phases, and of the threads those that marked them.
std::string figure_view(const Figure& figure, Diagnostics& diagnostics);

}  // namespace kutrace
