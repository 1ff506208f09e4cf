// SPDX-License-Identifier: BSD-3-Clause
// Part of the build: prints what is made of include/kutrace/kinds.def (scripts/kinds writes all of it; a test compares):
//   print_kinds header FILE     abi.h as it is in FILE, with the enumeration of the kinds as the table has it
//   print_kinds rules           include/kutrace/kinds.h
//   print_kinds viewer          postproc/viewer/src/format/kinds.js
//   print_kinds document FILE   docs/trace-format.md as it is in FILE, with the table as it is
// It needs nothing else of this project, so that it can be built before all of it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Row {
  enum Type { kKind, kOverlay, kConstant, kSection, kHeaderEnds } type;
  int64_t first = 0, last = 0;
  std::string value;  // as the table writes it
  std::string name, note, label, words, cls, category, group, maker, argument, returned;
};

struct Wait {
  char letter;
  std::string label, word, words, names;
};

struct Quantity {
  std::string name, source, word, unit;
};

struct Softirq {
  int number;
  std::string label;
};

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

std::vector<Row> rows() {
  return {
#define ROW(type, first, last, name, note, label, words, class, category, group, maker, argument, returned) \
  {Row::type, first, last, #first, #name, note, label, words, #class, #category, #group, #maker, argument, returned},
#define KUTRACE_RANGE(first, last, ...) ROW(kKind, first, last, __VA_ARGS__)
#define KUTRACE_KIND(number, ...) ROW(kKind, number, number, __VA_ARGS__)
#define KUTRACE_OVERLAY(number, ...) ROW(kOverlay, number, number, __VA_ARGS__)
#define KUTRACE_CONSTANT(value, name, note) {Row::kConstant, value, value, #value, #name, note, "", "", "", "", "", "", "", ""},
#define KUTRACE_SECTION(comment) {Row::kSection, 0, 0, "", "", text_of(comment), "", "", "", "", "", "", "", ""},
#define KUTRACE_HEADER_ENDS() {Row::kHeaderEnds, 0, 0, "", "", "", "", "", "", "", "", "", "", ""},
#include "kutrace/kinds.def"
#undef ROW
  };
}

std::vector<Wait> waits() {
  return {
#define KUTRACE_WAIT(letter, label, word, words, names) {letter, label, word, words, names},
#include "kutrace/kinds.def"
  };
}

std::vector<Quantity> quantities() {
  return {
#define KUTRACE_QUANTITY(name, source, word, unit) {#name, #source, word, unit},
#include "kutrace/kinds.def"
  };
}

std::vector<Softirq> softirqs() {
  return {
#define KUTRACE_SOFTIRQ(number, label) {number, label},
#include "kutrace/kinds.def"
  };
}

// ---- C ------------------------------------------------------------------------------------------------------

// Enumerators, one a line, with the comments of lines that follow each other below one another.
std::string enumerators(std::vector<Row> part) {
  std::string out;
  std::vector<std::string> lines, notes;
  size_t last_value = 0;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i].type == Row::kKind || part[i].type == Row::kConstant) last_value = i;
  }
  for (size_t i = 0; i < part.size(); ++i) {
    const Row& row = part[i];
    if (row.type == Row::kSection) {
      if (!lines.empty()) lines.push_back("");
      if (!row.note.empty()) lines.push_back("\t/* " + row.note + " */");
    } else {
      // The first number of the threads is idle's: 0 is its thread id.
      const std::string value = row.name == "USER" ? "0x10000" : row.value;
      lines.push_back("\tKUTRACE_" + row.name + " = " + value + (i == last_value ? "" : ","));
    }
    notes.resize(lines.size());
    if (row.type != Row::kSection) notes.back() = row.note;
  }
  for (size_t i = 0; i < lines.size();) {
    size_t end = i, width = 0;
    for (; end < lines.size() && !notes[end].empty(); ++end) width = std::max(width, lines[end].size());
    for (; i < end; ++i) out += lines[i] + std::string(width - lines[i].size(), ' ') + " /* " + notes[i] + " */\n";
    if (i < lines.size() && notes[i].empty()) out += lines[i++] + "\n";
  }
  return out;
}

// The rows of abi.h, or those behind them.
std::vector<Row> part_of(bool header) {
  std::vector<Row> out;
  bool before = true;
  for (const Row& row : rows()) {
    if (row.type == Row::kHeaderEnds) {
      before = false;
    } else if (before == header && row.type != Row::kOverlay) {
      out.push_back(row);
    }
  }
  return out;
}

std::string overlays() {
  std::string out;
  for (const Row& row : rows()) {
    if (row.type == Row::kOverlay) out += "#define KUTRACE_" + row.name + " (" + row.value + ")\n";
  }
  return out;
}

bool is_kind(const Row& row) { return row.type == Row::kKind || row.type == Row::kOverlay; }

void print_choice(const char* comment, const char* function, const char* category, std::initializer_list<const char*> makers) {
  std::string out = std::string("\n/* ") + comment + " */\nstatic inline int " + function + "(unsigned int kind)\n{\n\tswitch (kind) {\n";
  for (const Row& row : rows()) {
    const bool made = std::find(makers.begin(), makers.end(), row.maker) != makers.end();
    if (is_kind(row) && row.category == category && made) out += "\tcase KUTRACE_" + row.name + ":\n";
  }
  std::cout << out << "\t\treturn 1;\n\tdefault:\n\t\treturn 0;\n\t}\n}\n";
}

void print_rules() {
  std::cout << "/* SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause) */\n"
               "/*\n * Made by print_kinds of kinds.def; do not edit. Kinds that kernels need not know, and who may insert what.\n"
               " *\n * Plain C, for the module, the programs for eBPF, user programs and the tools alike.\n */\n"
               "#ifndef KUTRACE_KINDS_H\n#define KUTRACE_KINDS_H\n\n"
               "#ifndef KUTRACE_ABI_H /* the kernel has a copy of its own */\n#include \"kutrace/abi.h\"\n#endif\n\n"
               "enum kutrace_kind {\n"
            << enumerators(part_of(false)) << "};\n";
  std::cout << "\n/* The command of a mark: KUTRACE_IOC_MARK of abi.h is the same for the first 32 specials, and knows no others. */\n"
               "#define KUTRACE_MARK_COMMAND(event) _IO(0xe7, 0x80 + ((event) & 0x7f))\n";
  print_choice("Marks: entries of one word that programs may make.", "kutrace_is_mark", "point", {"program"});
  print_choice("Names that programs give to what is theirs; without length bits.", "kutrace_is_own_name", "name", {"program"});
  print_choice("Names that need the right to control, too; without length bits.", "kutrace_is_control_name", "name", {"program", "control"});
  std::cout << "\n#endif /* KUTRACE_KINDS_H */\n";
}

// ---- the page -----------------------------------------------------------------------------------------------

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string number(int64_t n) {
  char text[32];
  std::snprintf(text, sizeof(text), n < 0 ? "%lld" : "0x%03llx", static_cast<long long>(n));
  return text;
}

void print_viewer() {
  std::cout << "// SPDX-License-Identifier: BSD-3-Clause\n// Made by print_kinds of include/kutrace/kinds.def, which the programs read too; do not edit.\n\n"
               "/** Numbers of events by the names they have in C. */\nexport const EV = Object.freeze({\n";
  for (const Row& row : rows()) {
    if (is_kind(row) || row.type == Row::kConstant) std::cout << "  " << row.name << ": " << number(row.name == "USER" ? 0x10000 : row.first) << ",\n";
  }
  std::cout << "});\n\n/**\n * Kinds of events: all numbers from the first to the last. One that has a row of its own is not of the row around it.\n"
               " * @type {readonly {first: number, last: number, label: string, words: string, cls: string, category: string, group: string}[]}\n */\n"
               "export const KINDS = Object.freeze([\n";
  for (const Row& row : rows()) {
    if (!is_kind(row)) continue;
    std::cout << "  { first: " << number(row.first) << ", last: " << number(row.last) << ", label: " << quoted(row.label) << ", words: " << quoted(row.words)
              << ", cls: " << quoted(row.cls) << ", category: " << quoted(row.category) << ", group: " << quoted(row.group) << " },\n";
  }
  std::cout << "]);\n\n/**\n * Reasons of waits by letter: in a few letters, behind \"waits for\", what one may call them.\n"
               " * @type {Readonly<Record<string, {label: string, word: string, words: string, names: string[]}>>}\n */\nexport const WAITS = Object.freeze({\n";
  for (const Wait& wait : waits()) {
    std::cout << "  " << wait.letter << ": { label: " << quoted(wait.label) << ", word: " << quoted(wait.word) << ", words: " << quoted(wait.words) << ", names: [";
    std::istringstream names(wait.names);
    std::string name;
    for (const char* comma = ""; names >> name; comma = ", ") std::cout << comma << quoted(name);
    std::cout << "] },\n";
  }
  std::cout << "});\n\n/** Softirqs by number. @type {Readonly<Record<number, string>>} */\nexport const SOFTIRQS = Object.freeze({\n";
  for (const Softirq& softirq : softirqs()) std::cout << "  " << softirq.number << ": " << quoted(softirq.label) << ",\n";
  std::cout << "});\n";
  std::cout << "\n/** What samples of CPUs are of, by number. @type {Readonly<Record<number, {word: string, source: string, unit: string}>>} */\nexport const QUANTITIES = Object.freeze({\n";
  for (const Quantity& q : quantities()) {
    std::cout << "  [EV.USED_" << q.name << "]: { word: " << quoted(q.word) << ", source: " << quoted(q.source) << ", unit: " << quoted(q.unit) << " },\n";
  }
  std::cout << "});\n";
}

// ---- the document -------------------------------------------------------------------------------------------

std::string table() {
  std::ostringstream out;
  out << "| number | name | what it is | class | category | who inserts it | argument | returned |\n|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows()) {
    if (!is_kind(row)) continue;
    out << "| " << number(row.first) << (row.last == 0x7fffffff ? "…" : row.last != row.first ? "–" + number(row.last) : "") << " | " << row.name << " | "
        << row.words << " | " << row.cls << " | " << row.category << " | " << row.maker << " | " << row.argument << " | " << row.returned << " |\n";
  }
  return out.str();
}

// The text, with what stands between two pieces of it replaced. Nothing if they are not there.
std::string replaced(const std::string& all, const std::string& begins, const std::string& ends, const std::string& by) {
  const size_t begin = all.find(begins), end = begin == std::string::npos ? begin : all.find(ends, begin + begins.size());
  if (end == std::string::npos) {
    std::cerr << "print_kinds: nothing between \"" << begins << "\" and \"" << ends << "\"; take these lines from the last commit\n";
    return "";
  }
  return all.substr(0, begin + begins.size()) + "\n" + by + all.substr(end);
}

std::string contents(const char* file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

int print_document(const char* file) {
  const std::string text = replaced(contents(file), "<!-- kinds: made by scripts/kinds -->", "<!-- kinds end -->", table());
  std::cout << text;
  return text.empty() ? 1 : 0;
}

int print_header(const char* file) {
  std::string text = replaced(contents(file), "enum kutrace_event {", "};", enumerators(part_of(true)));
  text = replaced(text, "/* Overlay records, JSON only. */", "\n/*\n * Device interrupts", overlays());
  std::cout << text;
  return text.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "header" && argc == 3) return print_header(argv[2]);
  if (what == "document" && argc == 3) return print_document(argv[2]);
  if (what == "rules" && argc == 2) return print_rules(), 0;
  if (what == "viewer" && argc == 2) return print_viewer(), 0;
  std::cerr << "usage: print_kinds header FILE | rules | viewer | document FILE\n";
  return 2;
}
