// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/object_key.h"

#include <doctest/doctest.h>

#include "operator/kube/resources.h"

namespace plimsoll::kube {
namespace {

TEST_CASE("Resource: paths leave out what is empty") {
  CHECK(kPods.Path("") == "/api/v1/pods");
  CHECK(kPods.Path("shop", "cart-0", "resize") == "/api/v1/namespaces/shop/pods/cart-0/resize");
  CHECK(kNodes.Path("ignored", "n1") == "/api/v1/nodes/n1");
  CHECK(kLeases.Path("sys", "op") == "/apis/coordination.k8s.io/v1/namespaces/sys/leases/op");
}

TEST_CASE("Resource: a name cannot leave its path segment") {
  CHECK(kPods.Path("shop", "../secrets?x=1") ==
        "/api/v1/namespaces/shop/pods/..%2Fsecrets%3Fx%3D1");
}

TEST_CASE("ObjectKey: equal texts from different sources are one key") {
  StringPool pool;
  const ObjectKey pooled{pool.Intern("shop"), pool.Intern("cart-0")};

  CHECK(pooled == ObjectKey{"shop", "cart-0"});
  CHECK(std::hash<ObjectKey>()(pooled) == std::hash<ObjectKey>()(ObjectKey{"shop", "cart-0"}));
  CHECK(pooled.ToString() == "shop/cart-0");
}

}  // namespace
}  // namespace plimsoll::kube
