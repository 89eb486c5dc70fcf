// SPDX-License-Identifier: Apache-2.0
//
// How much garbage is worth keeping: the square-root rule (MemBalancer; gc-tuning.md §0, §2).
// Collecting costs u = g (L + R) / (s E) cores, keeping E bytes of garbage costs c E; the sum is
// least at
//   E* = sqrt(g (L + R) / (s c))
//   g = 100 MiB/s, L + R = 100 MiB, s = 2.8 GiB per GC CPU second, c = 1.1e-10 cores/B:
//   E* = 174 MiB, as much as GOGC 173, and the collector costs 0.02 cores
#pragma once

namespace plimsoll::runtime {

// Cloud list prices give 0.11 to 0.13 cores for a GiB.
inline constexpr double kCoresPerByte = 1.1e-10;

struct Collector {
  double allocation_rate = 0;  // g, bytes a second
  double marked = 0;           // L + R, bytes marked in one collection
  double mark_speed = 0;       // s, bytes a GC CPU second
};

// Bytes of garbage worth keeping; 0 when the collector's figures are not positive.
[[nodiscard]] double GarbageWorthKeeping(const Collector& collector,
                                         double cores_per_byte = kCoresPerByte);

// How far a heap overshoots L + E, by what is allocated while marking: 1.15, 1.5 or 1.8
// (gc-tuning.md §0).  A = g (L + R) / (0.25 P s);  A/E < 0.25 -> 1.15; < 0.5 -> 1.5; else 1.8
[[nodiscard]] double Overshoot(const Collector& collector, double garbage, double processors);

}  // namespace plimsoll::runtime
