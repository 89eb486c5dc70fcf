// SPDX-License-Identifier: Apache-2.0
//
// Gives back what only the start needed: most of a program's and its libraries' pages are touched
// once, by relocation and initialization, and stay resident until memory runs short.
#pragma once

namespace plimsoll {

// Unmaps the resident pages of read-only file mappings that hold nothing of our own (what is used
// comes back from the page cache on the next touch) and returns free heap to the kernel: 8 MiB or
// so of a program with our libraries. Takes a few milliseconds. Does nothing where /proc/self/smaps
// cannot be read.
void TrimResidentMemory();

}  // namespace plimsoll
