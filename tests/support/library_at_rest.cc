// SPDX-License-Identifier: Apache-2.0
#include "tests/support/library_at_rest.h"

#include <future>
#include <utility>

// After <utility>, which Boost.Asio forgets to ask for.
#include <pplx/threadpool.h>

namespace plimsoll::testing {

LibraryAtRest::LibraryAtRest() {
  static const bool once = [] { return crossplat::threadpool::initialize_with_threads(1), true; }();
  (void)once;
}

// With one thread in the pool everything that was posted before a marker has run when the marker
// does; a continuation posts at most a few more.
LibraryAtRest::~LibraryAtRest() {
  for (int round = 0; round < 16; ++round) {
    std::promise<void> marker;
    crossplat::threadpool::shared_instance().service().post([&marker] { marker.set_value(); });
    marker.get_future().wait();
  }
}

}  // namespace plimsoll::testing
