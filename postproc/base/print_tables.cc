// SPDX-License-Identifier: BSD-3-Clause
// Part of the build: prints viewer/src/format/tables.js, the page's form of file_kinds.def, limits.def and the table of findings; with the argument
// `why`, viewer/src/format/why-tables.js, that of why_kinds.def and of what wakers tell. A test compares.
#include <cstdio>
#include <string>
#include <string_view>

#include "base/budget.h"
#include "base/diagnostics.h"
#include "base/file_kind.h"
#include "span/wait_reason.h"

namespace {

using namespace kutrace;

const char* how_name(FileHow how) { return how == FileHow::packed ? "packed" : how == FileHow::mark ? "mark" : "refused"; }

const char* id_name(FileKind::Id id) {
  static constexpr const char* kNames[] = {
#define KUTRACE_FILE_KIND(id, offset, magic, how, words, remedy) #id,
#include "base/file_kinds.def"
#undef KUTRACE_FILE_KIND
  };
  return kNames[static_cast<size_t>(id)];
}

void print_kinds() {
  std::printf("/**\n * Kinds of files by their first bytes: hex digits at an offset, `?` for any. The first that fits counts.\n"
              " * @type {{id: string, offset: number, magic: string, how: 'packed'|'mark'|'refused', words: string, remedy: string}[]}\n */\n"
              "export const FILE_KINDS = [\n");
  for (const FileKind& kind : file_kinds()) {
    std::printf("  { id: '%s', offset: %zu, magic: '%.*s', how: '%s', words: '%s', remedy: '%s' },\n", id_name(kind.id), kind.offset,
                static_cast<int>(kind.magic.size()), kind.magic.data(), how_name(kind.how), kind.words, kind.remedy);
  }
  std::printf("];\n\n");
}

void print_limits() {
  std::printf("/**\n * What reading one input may take in all: base + perByte * its bytes.\n"
              " * @type {Record<string, {base: number, perByte: number, words: string, remedy: string}>}\n */\nexport const LIMITS = {\n");
  for (size_t i = 0; i < static_cast<size_t>(Limit::kCount); ++i) {
    const LimitInfo& row = limit_info(static_cast<Limit>(i));
    std::printf("  %s: { base: %llu, perByte: %llu, words: '%s', remedy: '%s' },\n", row.id, static_cast<unsigned long long>(row.base),
                static_cast<unsigned long long>(row.per_byte), row.words, row.remedy);
  }
  std::printf("};\n\n/** The largest that one thing may be. */\nexport const SIZES = {\n");
#define KUTRACE_LIMIT(id, base, per_byte, words, remedy)
#define KUTRACE_SIZE(id, most, words) std::printf("  /** %s */\n  %s: %llu,\n", words, #id, static_cast<unsigned long long>(most));
#include "base/limits.def"
#undef KUTRACE_LIMIT
#undef KUTRACE_SIZE
  std::printf("};\n");
}

// So that a span JSON tells in the page what it tells to the programs.
void print_findings() {
  std::printf("\n/**\n * What is found in a trace, by the name that documents give it.\n"
              " * @type {Record<string, {severity: string, text: string}>}\n */\nexport const FINDINGS = {\n");
  for (size_t i = 0; i < static_cast<size_t>(Finding::kCount); ++i) {
    const FindingInfo& row = info(static_cast<Finding>(i));
    const char quote = std::string_view(row.text).find('\'') == std::string_view::npos ? '\'' : '"';
    std::printf("  %s: { severity: '%s', text: %c%s%c },\n", row.id, severity_name(row.severity), quote, row.text, quote);
  }
  std::printf("};\n");
}

void print_why() {
  std::printf(
      "// SPDX-License-Identifier: BSD-3-Clause\n// Made by print_tables of postproc/analysis/why_kinds.def and span/wait_reason.cc, which the programs read too; do not edit.\n\n"
      "/**\n * What a moment was spent in. {name} is a call, an interrupt, a lock; {actor} a thread.\n"
      " * @type {{id: string, state: string, cause: string, words: string}[]}\n */\nexport const WHY_KINDS = [\n");
#define KUTRACE_WHY_KIND(id, state, cause, words) std::printf("  { id: '%s', state: '%s', cause: '%s', words: '%s' },\n", #id, #state, #cause, words);
#include "analysis/why_kinds.def"
  std::printf("];\n\n/** Why the path goes on in another thread. @type {Record<string, string>} */\nexport const WHY_LINKS = {\n");
#define KUTRACE_WHY_LINK(id, words) std::printf("  %s: '%s',\n", #id, words);
#include "analysis/why_kinds.def"
  std::printf("};\n\n/** How a wait is told that leads to no other thread. @type {Record<string, string>} */\nexport const WHY_ENDS = {\n");
#define KUTRACE_WHY_END(id, words) std::printf("  %s: '%s',\n", #id, words);
#include "analysis/why_kinds.def"
  std::printf("};\n\n/** What time is added up by, in the order of the table; {object} is a call, a lock, a program. @type {{id: string, words: string}[]} */\nexport const WHY_CAUSES = [\n");
#define KUTRACE_WHY_CAUSE(id, words) std::printf("  { id: '%s', words: '%s' },\n", #id, words);
#include "analysis/why_kinds.def"
  std::printf("];\n\n/** Names that the rules ask for: of calls, and of `between_cpus` parts of names of interrupts. @type {[string, string][]} */\nexport const WHY_CALLS = [\n");
#define KUTRACE_WHY_CALL(list, name) std::printf("  ['%s', '%s'],\n", #list, name);
#include "analysis/why_kinds.def"
  std::printf("];\n\n/** Numbers of the rules. */\nexport const WHY_NUMBERS = {\n");
#define KUTRACE_WHY_NUMBER(id, value) std::printf("  %s: %d,\n", #id, value);
#include "analysis/why_kinds.def"
  std::printf("};\n\n/** What a waker tells by its name: the letter of a reason. @type {[string, string][]} */\nexport const WAKER_REASONS = [\n");
  for (const auto& [name, letter] : waker_reasons()) std::printf("  ['%.*s', '%c'],\n", static_cast<int>(name.size()), name.data(), letter);
  std::printf("];\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "why") {
    print_why();
    return 0;
  }
  std::printf("// SPDX-License-Identifier: BSD-3-Clause\n// Made by print_tables of postproc/base/file_kinds.def, limits.def and diagnostics.cc, which the programs read too; do not edit.\n\n");
  print_kinds();
  print_limits();
  print_findings();
  return 0;
}
