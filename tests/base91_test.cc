// SPDX-License-Identifier: BSD-3-Clause
// Bytes as text of a page, and the viewer in it.
#include "html/base91.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <utility>
#include <vector>

#include "base/input.h"
#include "html/html_packer.h"

namespace kutrace {
namespace {

std::string encode(const std::vector<std::string>& pieces) {
  std::string text;
  Output out(&text);
  Base91Writer writer(out);
  for (const std::string& piece : pieces) writer.put(piece);
  writer.end();
  out.flush();
  return text;
}

// Made by arithmetic on one large number; postproc/viewer/src/format/payload.test.mjs has the same.
const std::vector<std::pair<std::string, std::string>> kWords = {
    {std::string("", 0), ""},
    {std::string("\x00", 1), "!!"},
    {std::string("\xff", 1), "m#"},
    {std::string("\x6b\x75", 2), "9`$"},
    {std::string("\x01\x02\x03", 3), "^':!"},
    {std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 13), "\"~\"~\"~\"~\"~\"~\"~\"~"},
    {std::string("\x6b\x75\x74\x72\x61\x63\x65", 7), "9`8[Th@B("},
};

TEST(Base91, KnownWordsBothWays) {
  for (const auto& [bytes, text] : kWords) {
    EXPECT_EQ(text, encode({bytes}));
    EXPECT_EQ(bytes, decode_base91(text).bytes);
  }
}

TEST(Base91, EveryLengthInPiecesOfEveryLength) {
  std::string all;
  for (int i = 0; i < 90; ++i) all += static_cast<char>(255 - i * 89);
  for (size_t length = 0; length <= all.size(); ++length) {
    const std::string bytes = all.substr(0, length);
    const std::string text = encode({bytes});
    EXPECT_EQ((length * 16 + 12) / 13, text.size()) << length;
    EXPECT_EQ(std::string::npos, text.find_first_of("&<> \n")) << text;
    EXPECT_EQ(bytes, decode_base91(text).bytes);
    EXPECT_TRUE(decode_base91(text).sound);
    std::vector<std::string> pieces;
    for (size_t at = 0; at < length; at += 1 + length % 7) pieces.push_back(bytes.substr(at, 1 + length % 7));
    EXPECT_EQ(text, encode(pieces));
  }
}

TEST(Base91, LongPiecesFillMoreThanOneBuffer) {
  std::string bytes;
  for (uint32_t i = 0, x = 1; i < 300000; ++i, x = x * 1664525 + 1013904223) bytes += static_cast<char>(x >> 24);
  EXPECT_EQ(encode({bytes}), encode({bytes.substr(0, 100001), bytes.substr(100001)}));
  EXPECT_EQ(bytes, decode_base91(encode({bytes})).bytes);
}

TEST(Base91, WhiteSpaceIsPassedOverAndWhatIsNotOfTheCodeCostsItsOwnBytesOnly) {
  const std::string bytes(26, 'x');
  std::string text = encode({bytes});
  std::string spaced = text;
  spaced.insert(7, " \r\n\t");
  EXPECT_EQ(bytes, decode_base91(spaced).bytes);
  for (const char* wrong : {"&<", "\xff\xfe", "~~"}) {
    text.replace(16, 2, wrong);
    const Base91Decoded out = decode_base91(text);
    EXPECT_FALSE(out.sound) << wrong;
    EXPECT_EQ(bytes.size(), out.bytes.size());
    EXPECT_EQ(bytes.substr(0, 13), out.bytes.substr(0, 13));
    EXPECT_EQ(bytes.substr(15), out.bytes.substr(15));
  }
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const size_t at = text.find(open);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + open.size());
  return rest.substr(0, rest.find(close));
}

TEST(Page, TheViewerStandsInItCompressed) {
  MappedInput built(KUTRACE_TEMPLATE);
  const std::string_view whole = built.text(), page = builtin_template(), id = "<script id=\"kutrace-viewer\"";
  const std::string_view plain = between(whole, "<script id=\"kutrace-viewer\">", "</script>");
  ASSERT_GT(plain.size(), 100000u);
  EXPECT_EQ(std::string::npos, page.find(plain.substr(0, 1000)));
  const std::string_view element = between(page, id, "</script>");
  EXPECT_EQ(" type=\"text/plain\" data-size=\"" + std::to_string(plain.size()) + "\"", element.substr(0, element.find('>')));
  const std::string packed = decode_base91(element.substr(element.find('>') + 1)).bytes;
  std::string script(plain.size(), '\0');
  uLongf size = script.size();
  ASSERT_EQ(Z_OK, uncompress(reinterpret_cast<Bytef*>(script.data()), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()));
  EXPECT_EQ(plain, script);
  // All else is as it was built.
  EXPECT_EQ(whole.substr(0, whole.find(id)), page.substr(0, page.find(id)));
  EXPECT_EQ(whole.substr(whole.find("</script>", whole.find(id))), page.substr(page.find("</script>", page.find(id))));
}

}  // namespace
}  // namespace kutrace
