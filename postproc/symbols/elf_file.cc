// SPDX-License-Identifier: BSD-3-Clause
#include "symbols/elf_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#ifdef KUTRACE_HAVE_ELF
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/fd.h"
#include "base/hex.h"

namespace kutrace {
namespace {

struct EndElf {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfPointer = std::unique_ptr<Elf, EndElf>;

constexpr uint32_t kBuildIdNote = 3;  // NT_GNU_BUILD_ID

// A file that is open as long as its tables are read.
struct OpenElf {
  explicit OpenElf(const std::string& path) {
    // No device or pipe that a list of mappings names is waited for.
    fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat st;
    if (fd.get() < 0 || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode) || elf_version(EV_CURRENT) == EV_NONE) return;
    elf.reset(elf_begin(fd.get(), ELF_C_READ_MMAP, nullptr));
    if (elf != nullptr && elf_kind(elf.get()) != ELF_K_ELF) elf.reset();
  }
  Fd fd;
  ElfPointer elf;
};

// The build-id in a note; "" when it holds none.
std::string build_id_in(Elf_Data* data) {
  GElf_Nhdr note;
  size_t name, description;
  for (size_t at = 0; data != nullptr && data->d_buf != nullptr && (at = gelf_getnote(data, at, &note, &name, &description)) > 0;) {
    const auto* bytes = static_cast<const uint8_t*>(data->d_buf);
    if (note.n_type == kBuildIdNote && note.n_namesz == 4 && std::memcmp(bytes + name, "GNU", 3) == 0)
      return hex_text({bytes + description, note.n_descsz});
  }
  return "";
}

// Notes of a file do not lie in each other: those that do have been looked through.
std::string build_id_of(Elf* elf) {
  size_t count = 0, left = 0;
  elf_getphdrnum(elf, &count);
  elf_rawfile(elf, &left);
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr p;
    if (gelf_getphdr(elf, static_cast<int>(i), &p) == nullptr || p.p_type != PT_NOTE || p.p_filesz > left) continue;
    left -= p.p_filesz;
    const std::string id =
        build_id_in(elf_getdata_rawchunk(elf, static_cast<int64_t>(p.p_offset), p.p_filesz, p.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR));
    if (!id.empty()) return id;
  }
  return "";
}

// Functions of one table, the first of its kind, of which a file has no more than one; how many.
size_t read_functions(Elf* elf, uint32_t type, SymbolTable& to, Diagnostics& diagnostics) {
  size_t found = 0;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr head;
    if (gelf_getshdr(section, &head) == nullptr || head.sh_type != type || head.sh_entsize == 0) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) break;
    const size_t count = data->d_size / head.sh_entsize;
    for (size_t i = 0; i < count && i < INT32_MAX && !diagnostics.spent(); ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
      const int kind = GELF_ST_TYPE(symbol.st_info);
      if ((kind != STT_FUNC && kind != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) continue;
      const char* name = elf_strptr(elf, head.sh_link, symbol.st_name);
      if (name == nullptr || *name == '\0') continue;
      const std::string_view versioned(name, ::strnlen(name, size_limit::name));
      const std::string raw(versioned.substr(0, versioned.find('@')));  // "realpath@@GLIBC_2.3"
      diagnostics.take(Limit::memory, sizeof(SymbolTable::Symbol) + raw.size());
      to.add({symbol.st_value, symbol.st_size == 0 ? 0 : symbol.st_value + symbol.st_size, raw});
      ++found;
    }
    break;
  }
  return found;
}

}  // namespace

bool can_read_elf() { return true; }

ElfFile::ElfFile(const std::string& path, const std::vector<std::string>& debug_folders, Diagnostics& diagnostics) {
  const OpenElf file(path);
  if (file.elf == nullptr) throw Error(path, std::nullopt, "is no ELF file that can be read", "give the file that was mapped, or a copy of it");
  build_id_ = build_id_of(file.elf.get());
  size_t count = 0;
  elf_getphdrnum(file.elf.get(), &count);
  uint64_t behind = 0;
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr p;
    if (gelf_getphdr(file.elf.get(), static_cast<int>(i), &p) == nullptr || p.p_type != PT_LOAD) continue;
    segments_.push_back({p.p_offset, p.p_filesz, p.p_vaddr});
    if ((p.p_flags & PF_X) != 0) behind = std::max(behind, p.p_vaddr + p.p_filesz);
  }
  std::stable_sort(segments_.begin(), segments_.end(), [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
  size_t found = read_functions(file.elf.get(), SHT_SYMTAB, symbols_, diagnostics);
  for (size_t i = 0; found == 0 && build_id_.size() > 2 && i < debug_folders.size(); ++i) {
    const OpenElf debug(debug_folders[i] + "/.build-id/" + build_id_.substr(0, 2) + "/" + build_id_.substr(2) + ".debug");
    // A file that stands in the wrong place would give wrong names.
    if (debug.elf != nullptr && build_id_of(debug.elf.get()) == build_id_) found = read_functions(debug.elf.get(), SHT_SYMTAB, symbols_, diagnostics);
  }
  if (found == 0) read_functions(file.elf.get(), SHT_DYNSYM, symbols_, diagnostics);
  symbols_.finish(behind);
}

std::optional<uint64_t> ElfFile::address_of(uint64_t offset) const {
  const auto next = std::upper_bound(segments_.begin(), segments_.end(), offset, [](uint64_t at, const Segment& s) { return at < s.offset; });
  if (next == segments_.begin() || offset - (next - 1)->offset >= (next - 1)->bytes) return std::nullopt;
  return offset - (next - 1)->offset + (next - 1)->address;
}

}  // namespace kutrace

#else

#include "base/error.h"

namespace kutrace {

bool can_read_elf() { return false; }

ElfFile::ElfFile(const std::string& path, const std::vector<std::string>&, Diagnostics&) {
  throw Error(path, std::nullopt, "cannot be read: this build has no libelf", "build with libelf-dev installed");
}

std::optional<uint64_t> ElfFile::address_of(uint64_t) const { return std::nullopt; }

}  // namespace kutrace

#endif
