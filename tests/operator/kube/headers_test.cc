// SPDX-License-Identifier: Apache-2.0
//
// Every public header of the client, instantiated for the kinds it serves.
#include "operator/kube/applier.h"
#include "operator/kube/event_recorder.h"
#include "operator/kube/informer.h"
#include "operator/kube/leader_elector.h"
#include "operator/kube/quantity.h"
#include "operator/kube/resources.h"
#include "operator/kube/server_version.h"
#include "operator/kube/work_queue.h"

namespace plimsoll::kube {

template class Informer<Pod>;
template class Informer<PartialObject>;
template class WorkQueue<ObjectKey>;

}  // namespace plimsoll::kube
