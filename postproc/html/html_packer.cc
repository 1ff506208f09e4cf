// SPDX-License-Identifier: BSD-3-Clause
#include "html/html_packer.h"

#include "base/error.h"
#include "html/base91.h"

extern "C" {
extern const char kutrace_template_begin[];
extern const char kutrace_template_end[];
}

namespace kutrace {
namespace {

constexpr std::string_view kMeta = "@KUTRACE_META@";
constexpr std::string_view kData = "@KUTRACE_DATA@";
constexpr std::string_view kMark0 = "<!-- selfcontained0 -->";
constexpr std::string_view kMark1 = "<!-- selfcontained1 -->";

size_t find_once(std::string_view page, std::string_view what) {
  size_t at = page.find(what);
  if (at == std::string_view::npos || page.find(what, at + 1) != std::string_view::npos) {
    throw Error("template", std::nullopt, "must hold " + std::string(what) + " exactly once",
                "use the template of this version");
  }
  return at;
}

size_t after_line(std::string_view page, size_t at) {
  size_t end = page.find('\n', at);
  return end == std::string_view::npos ? page.size() : end + 1;
}

}  // namespace

std::string_view builtin_template() {
  return {kutrace_template_begin, static_cast<size_t>(kutrace_template_end - kutrace_template_begin)};
}

bool is_reference_template(std::string_view page) { return page.find(kMark1) != std::string_view::npos; }

bool is_page(std::string_view text) {
  size_t at = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return at != std::string_view::npos && text[at] == '<';
}

void pack_page(std::string_view page, const std::string& meta, const std::vector<std::string>& data, Output& out) {
  const size_t meta_at = find_once(page, kMeta);
  const size_t data_at = find_once(page, kData);
  if (data_at < meta_at) throw Error("template", data_at, "has the data before the meta", "use the template of this version");
  out.write(page.substr(0, meta_at));
  out.write(meta);
  out.write(page.substr(meta_at + kMeta.size(), data_at - meta_at - kMeta.size()));
  Base91Writer text(out);
  for (const std::string& piece : data) text.put(piece);
  text.end();
  out.write(page.substr(data_at + kData.size()));
}

void pack_reference_page(std::string_view page, std::string_view library, std::string_view json, Output& out) {
  const size_t mark0 = page.find(kMark0);
  const size_t mark1 = page.find(kMark1);
  if (mark1 == std::string_view::npos || (mark0 != std::string_view::npos && mark0 > mark1)) {
    throw Error("template", std::nullopt, "lacks its selfcontained1 line", "give an unpacked template");
  }
  size_t from = 0;
  if (mark0 != std::string_view::npos) {
    size_t line = after_line(page, mark0);
    out.write(page.substr(0, line));
    out.write("<script>");
    out.write(library);
    out.write("</script>\n");
    from = after_line(page, line);  // the line that would load the library
  }
  size_t line = after_line(page, mark1);
  out.write(page.substr(from, line - from));
  // A JavaScript string in single quotes: nothing may end the string or the script.
  out.write("var myString = '");
  std::string literal;
  for (size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (c == '\n' || c == '\r') {
      literal += ' ';
    } else if (c == '\\' || c == '\'') {
      literal += '\\';
      literal += c;
    } else if (c == '<') {
      literal += "\\x3c";
    } else if (json.substr(i).starts_with("\xe2\x80\xa8") || json.substr(i).starts_with("\xe2\x80\xa9")) {
      literal += json[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      literal += c;
    }
    if (literal.size() > 65536) {
      out.write(literal);
      literal.clear();
    }
  }
  out.write(literal);
  out.write("';\n");
  out.write(page.substr(line));
}

std::string reference_page_json(std::string_view page) {
  const size_t mark = page.find(kMark1);
  if (mark == std::string_view::npos) return "";
  const size_t open = page.find('\'', mark);
  if (open == std::string_view::npos) return "";
  // The reference writes the text on one line and escapes nothing, so the string ends at the line's last quote.
  size_t line_end = page.find('\n', open);
  if (line_end == std::string_view::npos) line_end = page.size();
  const size_t close = page.substr(0, line_end).rfind("';");
  if (close == std::string_view::npos || close <= open) return "";
  std::string_view body = page.substr(open + 1, close - open - 1);
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 >= body.size()) {
      out += body[i];
      continue;
    }
    char c = body[++i];
    if (c == 'x' && i + 2 < body.size() && body.substr(i + 1, 2) == "3c") {
      out += '<';
      i += 2;
    } else if (c == 'u' && (body.substr(i + 1, 4) == "2028" || body.substr(i + 1, 4) == "2029")) {
      out += body[i + 4] == '8' ? "\xe2\x80\xa8" : "\xe2\x80\xa9";
      i += 4;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace kutrace
