// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/tls.h"

namespace plimsoll::agents {

std::shared_ptr<grpc::ChannelCredentials> MutualTls(const Pem& pem) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = pem.authority;
  options.pem_cert_chain = pem.certificate;
  options.pem_private_key = pem.key;
  return grpc::SslCredentials(options);
}

}  // namespace plimsoll::agents
