// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/give_back.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace plimsoll::cmd {
namespace {

// Segments that the file maps read-only were never written to, so nothing of them can be lost.
int DropReadOnlySegments(dl_phdr_info* object, std::size_t /*size*/, void* /*unused*/) {
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) from = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const ElfW(Addr) to = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): an address of our own mapping
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void GiveBackStartMemory() {
  ::dl_iterate_phdr(DropReadOnlySegments, nullptr);
  ::malloc_trim(0);
}

}  // namespace plimsoll::cmd
