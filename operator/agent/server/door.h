// SPDX-License-Identifier: Apache-2.0
//
// A TCP port that every pod of the cluster may reach, kept narrow: gRPC bounds neither how many
// connections it takes nor what they cost before they have shown a certificate. 4000 that said
// nothing cost 58 MiB for two minutes, ones that began a TLS handshake ten times that, and the
// agent's container has 64. So the door accepts, gRPC is handed at most kMaxGuests connections at a
// time, and for one more another is shut; which, says admission.h.
//
// Why not grpc::ResourceQuota: above it gRPC refuses whoever comes next and ends streams that are
// well, so that a flood would shut out the operator and not itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"
#include "operator/agent/server/admission.h"

namespace plimsoll::agent {

// At each door: two operators and the kubelet's probes need a handful. Each costs two descriptors
// and 20 KiB, in its handshake up to 150.
inline constexpr std::size_t kMaxGuests = 32;

// How long a connection may take to prove itself; the server ends it then.
inline constexpr Duration kTrial = std::chrono::seconds(5);

class Door {
 public:
  // Is given each connection let in, and owns it from then on. It must shut the connection down
  // before it closes it, as gRPC does: by that the door sees that it is gone.
  using Enter = std::function<void(Fd)>;

  // `address` as for ListenOn; `enter` is called on the door's own thread.
  // Errors: as ListenOn.
  [[nodiscard]] static Result<std::unique_ptr<Door>> Open(const std::string& address, Enter enter);
  // Lets nobody in any more; those inside stay.
  ~Door();

  [[nodiscard]] int port() const { return port_; }

 private:
  Door(Fd listener, int port, Fd wake, Enter enter);
  void Run(const std::stop_token& stop);
  void Admit();
  void Leave(std::size_t index);

  const Fd listener_;
  const int port_;
  const Fd wake_;  // an eventfd
  const Enter enter_;
  // Oldest first; a descriptor of our own for each, by which it is watched and shut.
  std::vector<Guest> guests_;
  std::vector<Fd> lines_;
  std::jthread thread_;
};

}  // namespace plimsoll::agent
