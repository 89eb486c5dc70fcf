// SPDX-License-Identifier: Apache-2.0
//
// cpprestsdk's last continuations of a connection run after its close() has returned, and those
// that the process's end overtakes are leaks to LeakSanitizer. While one of these lives the library
// has one thread; with the last listener or client gone before it, its end waits for them.
#pragma once

namespace plimsoll::testing {

class LibraryAtRest {
 public:
  LibraryAtRest();
  ~LibraryAtRest();
};

}  // namespace plimsoll::testing
