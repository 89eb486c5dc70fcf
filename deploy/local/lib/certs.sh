# shellcheck shell=bash
# Keys, certificates and kubeconfigs of one cluster, in STATE/pki and STATE/*.kubeconfig. What is
# there is kept. Needs: STATE.

readonly CERT_DAYS=3650

# certs_key FILE makes an EC P-256 private key.
certs_key() {
  [ -s "$1" ] && return 0
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.new")
  mv "$1.new" "$1"
}

# certs_authority NAME makes a certificate authority STATE/pki/NAME.{key,crt}.
certs_authority() {
  local path=$STATE/pki/$1
  [ -s "$path.crt" ] && return 0
  certs_key "$path.key"
  openssl req -x509 -new -key "$path.key" -sha256 -days "$CERT_DAYS" -subj "/CN=plimsoll-local-$1" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -out "$path.crt.new"
  mv "$path.crt.new" "$path.crt"
}

# certs_leaf NAME AUTHORITY SUBJECT [SAN] makes STATE/pki/NAME.{key,crt}, for clients or, with a
# subjectAltName, for servers.
certs_leaf() {
  local path=$STATE/pki/$1 authority=$STATE/pki/$2 subject=$3 san=${4:-} usage=clientAuth
  [ -s "$path.crt" ] && return 0
  certs_key "$path.key"
  [ -z "$san" ] || usage=serverAuth
  {
    echo 'basicConstraints=critical,CA:FALSE'
    echo 'keyUsage=critical,digitalSignature'
    echo "extendedKeyUsage=$usage"
    [ -z "$san" ] || echo "subjectAltName=$san"
  } >"$path.ext"
  openssl req -new -key "$path.key" -subj "$subject" -out "$path.csr"
  rm -f "$authority.srl" # one that was cut short by a kill is refused; without it a random number is taken
  openssl x509 -req -in "$path.csr" -CA "$authority.crt" -CAkey "$authority.key" -CAcreateserial \
    -sha256 -days "$CERT_DAYS" -extfile "$path.ext" -out "$path.crt.new" 2>/dev/null
  mv "$path.crt.new" "$path.crt"
  rm -f "$path.csr" "$path.ext"
}

# certs_kubeconfig FILE SERVER CLIENT writes a kubeconfig with everything it needs inside, for the
# certificate STATE/pki/CLIENT.
certs_kubeconfig() {
  local file=$1 server=$2 client=$STATE/pki/$3
  (
    umask 077
    cat >"$file.new" <<EOF
apiVersion: v1
kind: Config
clusters:
- name: plimsoll
  cluster:
    server: $server
    certificate-authority-data: $(base64 -w0 "$STATE/pki/ca.crt")
users:
- name: $3
  user:
    client-certificate-data: $(base64 -w0 "$client.crt")
    client-key-data: $(base64 -w0 "$client.key")
contexts:
- name: plimsoll
  context: {cluster: plimsoll, user: $3}
current-context: plimsoll
EOF
  )
  mv "$file.new" "$file"
}

# certs_control_plane SAN makes all that the control plane needs; SAN is the subjectAltName of the
# API server's certificate. The aggregation layer has an authority of its own: kube-apiserver
# refuses one that is also the clients'.
certs_control_plane() {
  local san=$1
  mkdir -p "$STATE/pki"
  certs_authority ca
  certs_authority front-proxy-ca
  certs_key "$STATE/pki/service-account.key"
  if [ ! -s "$STATE/pki/service-account.pub" ]; then
    openssl pkey -in "$STATE/pki/service-account.key" -pubout -out "$STATE/pki/service-account.pub.new"
    mv "$STATE/pki/service-account.pub.new" "$STATE/pki/service-account.pub"
  fi
  certs_leaf apiserver ca /CN=kube-apiserver "$san"
  certs_leaf apiserver-kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client
  certs_leaf front-proxy-client front-proxy-ca /CN=front-proxy-client
  certs_leaf admin ca /O=system:masters/CN=admin
  certs_leaf controller-manager ca /CN=system:kube-controller-manager
  certs_leaf scheduler ca /CN=system:kube-scheduler
}
