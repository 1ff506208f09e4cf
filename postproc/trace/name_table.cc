// SPDX-License-Identifier: BSD-3-Clause
#include "trace/name_table.h"

#include <cstdio>

#include "kutrace/memory.h"
#include "trace/kinds.h"

namespace kutrace {
namespace {

constexpr const char* kPrefix[16] = {"nam#",  "nam#",  "spl#",  "spl#",  "trp#", "irq#", "/trp#", "/irq#",
                                     "sys#",  "sys#",  "/sys#", "/sys#", "s32#", "s32#", "/s32#", "/s32#"};

uint64_t key(uint32_t kind, uint32_t number) { return static_cast<uint64_t>(kind) << 32 | number; }

}  // namespace

std::string special_label(uint32_t num) {
  const Kind* kind = find_kind(static_cast<int32_t>(num));
  return kind != nullptr && *kind->label != '\0' ? kind->label : unknown_label(static_cast<int32_t>(num));
}

std::string fallback_call_name(uint32_t num) {
  switch (num) {
    case KUTRACE_SCHED_SYSCALL:
    case KUTRACE_SCHED:
      return "-sched-";
    case KUTRACE_SCHED_SYSCALL_EXIT:
    case KUTRACE_SCHED_EXIT:
      return "/-sched-";
    default:
      return kPrefix[(num >> 8) & 15] + std::to_string(num & (num < 0x800 ? 0xffu : 0x1ffu));
  }
}

NameTable::NameTable(StringPool& pool) : pool_(pool) {
  calls_[KUTRACE_SCHED_SYSCALL] = calls_[KUTRACE_SCHED] = pool_.intern("-sched-");
  for (uint32_t i = 0; i < 16; ++i) softirqs_[i] = pool_.intern(std::string("BH:") + softirq_label(i));
}

void NameTable::add(uint16_t kind, uint32_t number, const std::string& text) {
  switch (kind) {
    case KUTRACE_KERNEL_VERSION:
      kernel_version_ = text;
      return;
    case KUTRACE_MODEL_NAME:
      cpu_model_ = text;
      return;
    case KUTRACE_HOST_NAME:
      host_name_ = text;
      return;
    case KUTRACE_TRAPNAME:
    case KUTRACE_INTERRUPTNAME:
    case KUTRACE_SYSCALL64NAME:
    case KUTRACE_SYSCALL32NAME: {
      uint32_t num = static_cast<uint32_t>(kind) << 8 | (number & 0xffff);
      if (num >= 4096 || !kutrace_is_call(num)) return;
      if (num == KUTRACE_SCHED_SYSCALL || num == KUTRACE_SCHED || num == KUTRACE_BOTTOM_HALF) return;
      calls_[num] = pool_.intern(text);
      return;
    }
    default:
      if (kind == KUTRACE_METHODNAME) number &= 0xffff;
      texts_[key(kind, number)] = text;
      // clear() alone would keep, and sweep each time, as many buckets as there ever were.
      if (!made_.empty()) std::unordered_map<uint64_t, NameId>().swap(made_);
  }
}

const std::string* NameTable::find(uint16_t kind, uint32_t number) const {
  auto found = texts_.find(key(kind, number));
  return found == texts_.end() ? nullptr : &found->second;
}

NameId NameTable::call(uint32_t num, uint32_t arg) {
  if (num == KUTRACE_BOTTOM_HALF) return softirqs_[arg & 15];
  NameId& id = calls_[num & 0xfff];
  if (id == 0) id = pool_.intern(fallback_call_name(num));
  return id;
}

NameId NameTable::numbered(uint16_t kind, uint32_t number, const char* prefix, bool append_number) {
  NameId& id = made_[key(static_cast<uint32_t>(kind) << 8 | static_cast<uint8_t>(prefix[0]), number)];
  if (id == 0) {
    const std::string* text = find(kind, number);
    std::string name = prefix;
    if (text != nullptr) name += *text;
    if (append_number) name += "." + std::to_string(number);
    if (text == nullptr && !append_number) name += std::to_string(number);
    id = pool_.intern(name);
  }
  return id;
}

NameId NameTable::pc(uint64_t address) {
  char text[40];
  std::snprintf(text, sizeof(text), "PC=%012llx", static_cast<unsigned long long>(address));
  return pool_.intern(text);
}

NameId NameTable::special(uint32_t num, uint32_t arg) {
  NameId& cached = made_[key(num | 0x10000, num == KUTRACE_MARKD || kutrace_is_sampling(num) != 0 ? 0 : arg)];
  if (cached != 0) return cached;
  std::string name = special_label(num);
  switch (num) {
    case KUTRACE_RPCIDREQ:
    case KUTRACE_RPCIDRESP:
    case KUTRACE_RPCIDMID:
    case KUTRACE_RPCIDRXMSG:
    case KUTRACE_RPCIDTXMSG: {
      NameId id = method(arg);
      return made_[key(num | 0x10000, arg)] = id;
    }
    case KUTRACE_RUNNABLE:
      name += "." + std::to_string(arg);
      break;
    case KUTRACE_MARKA:
    case KUTRACE_MARKB:
    case KUTRACE_MARKC:
      name += "=" + base40_text(arg);
      break;
    case KUTRACE_LOCKNOACQUIRE:
    case KUTRACE_LOCKACQUIRE:
    case KUTRACE_LOCKWAKEUP: {
      const std::string* text = find(KUTRACE_LOCKNAME, arg);
      name += text != nullptr ? *text : std::to_string(arg);
      break;
    }
    case KUTRACE_RX_PKT:
    case KUTRACE_TX_PKT:
    case KUTRACE_RX_USER:
    case KUTRACE_TX_USER: {
      char hash[8];
      std::snprintf(hash, sizeof(hash), ".%04X", ((arg >> 16) ^ arg) & 0xffff);
      name += hash;
      break;
    }
    case KUTRACE_ENQUEUE:
    case KUTRACE_DEQUEUE: {
      const std::string* text = find(KUTRACE_QUEUE_NAME, arg);
      name += "(" + (text != nullptr ? *text : std::to_string(arg)) + ")";
      break;
    }
    case KUTRACE_RESOURCE: {
      const std::string* text = find(KUTRACE_RESOURCE_NAME, arg);
      if (text != nullptr) name += "_" + *text;
      break;
    }
    case KUTRACE_GAUGE:
      name += std::to_string(arg >> 24) + "=" + std::to_string(arg & 0xffffff);
      break;
    case KUTRACE_MWAIT:
      if (cpu_model_.find("Raspberry") != std::string::npos) name = "wfi";
      break;
    default:
      break;
  }
  NameId id = pool_.intern(name);
  made_[key(num | 0x10000, num == KUTRACE_MARKD ? 0 : arg)] = id;
  return id;
}

}  // namespace kutrace
