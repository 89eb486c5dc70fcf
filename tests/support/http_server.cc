// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <optional>
#include <stdexcept>

#include "operator/kube/transport.h"

namespace plimsoll::testing {
namespace {

// Whoever talks with a server of ours does so as the operator does: on one thread, so that a test
// hangs where the operator would.
[[maybe_unused]] const bool kHttpStackIsReady = (kube::InitializeHttpStack(), true);

std::string Decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void ParseTarget(std::string_view target, HttpRequest& request) {
  const std::size_t mark = target.find('?');
  request.path = Decode(target.substr(0, mark));
  if (mark == std::string_view::npos) return;
  std::string_view query = target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equal = pair.find('=');
    request.query[Decode(pair.substr(0, equal))] =
        equal == std::string_view::npos ? "" : Decode(pair.substr(equal + 1));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
}

// A TLS context from PEM texts.
SSL_CTX* MakeContext(const ServerTls& tls) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  BIO* bio = BIO_new_mem_buf(tls.certificate_pem.data(), -1);
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(tls.key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

}  // namespace

class HttpServer::Connection final : public HttpResponder {
 public:
  Connection(int socket, std::optional<ServerTls> tls, const Handler& handler,
             const std::atomic<bool>& stopping)
      : socket_(socket), handler_(handler), stopping_(stopping) {
    thread_ = std::thread([this, tls = std::move(tls)] {
      if (Handshake(tls)) Serve();
      done_ = true;
      Close();
    });
  }
  ~Connection() override {
    Break();
    thread_.join();
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (context_ != nullptr) SSL_CTX_free(context_);
    close(socket_);
  }

  [[nodiscard]] bool done() const { return done_; }
  // Wakes whatever the thread is doing.
  void Break() {
    broken_ = true;
    shutdown(socket_, SHUT_RDWR);
  }

  bool Send(int status, std::string_view content_type, std::string_view body,
            const std::map<std::string, std::string>& headers) override {
    std::string text = StatusLine(status, content_type);
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return Raw(text + std::string(body));
  }
  bool BeginChunked(int status, std::string_view content_type) override {
    return Raw(StatusLine(status, content_type) + "Transfer-Encoding: chunked\r\n\r\n");
  }
  bool Chunk(std::string_view bytes) override {
    if (bytes.empty()) return true;
    char size[32];
    const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    return Raw(std::string(size, end) + "\r\n" + std::string(bytes) + "\r\n");
  }
  bool End() override { return Raw("0\r\n\r\n"); }
  bool Raw(std::string_view bytes) override {
    while (!bytes.empty() && !broken_) {
      const ssize_t count = ssl_ != nullptr
                                ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return !broken_;
  }
  void Reset() override {
    const linger now{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    reset_ = true;
    broken_ = true;
  }
  bool Sleep(std::chrono::milliseconds duration) override {
    const auto until = std::chrono::steady_clock::now() + duration;
    do {
      pollfd peer{socket_, POLLIN | POLLRDHUP, 0};
      const int patience = duration > std::chrono::milliseconds(0) ? 5 : 0;
      if (poll(&peer, 1, patience) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
        return false;
      }
      if ((peer.revents & POLLIN) != 0 && patience > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    } while (!broken_ && !stopping_ && std::chrono::steady_clock::now() < until);
    return !broken_ && !stopping_;
  }

 private:
  static std::string StatusLine(int status, std::string_view content_type) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: " + std::string(content_type) + "\r\n";
  }
  bool Handshake(const std::optional<ServerTls>& tls) {
    if (!tls) return true;
    context_ = MakeContext(*tls);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    return SSL_accept(ssl_) == 1;
  }
  ssize_t Receive(char* to, std::size_t size) {
    return ssl_ != nullptr ? SSL_read(ssl_, to, static_cast<int>(size))
                           : recv(socket_, to, size, 0);
  }
  bool Fill() {
    char block[8192];
    const ssize_t count = Receive(block, sizeof block);
    if (count <= 0) return false;
    input_.append(block, static_cast<std::size_t>(count));
    return true;
  }
  bool Read(HttpRequest& request) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    std::string head = input_.substr(0, end + 2);
    input_.erase(0, end + 4);
    std::size_t at = head.find("\r\n");
    const std::string line = head.substr(0, at);
    request.method = line.substr(0, line.find(' '));
    const std::size_t target = request.method.size() + 1;
    ParseTarget(std::string_view(line).substr(target, line.rfind(' ') - target), request);
    for (at += 2; at < head.size();) {
      const std::size_t next = head.find("\r\n", at);
      const std::string field = head.substr(at, next - at);
      const std::size_t colon = field.find(':');
      if (colon != std::string::npos) {
        const std::size_t value = std::min(field.find_first_not_of(' ', colon + 1), field.size());
        request.headers[Lower(field.substr(0, colon))] = field.substr(value);
      }
      at = next + 2;
    }
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (input_.size() < size) {
      if (!Fill()) return false;
    }
    request.body = input_.substr(0, size);
    input_.erase(0, size);
    return true;
  }
  void Serve() {
    HttpRequest request;
    while (!broken_ && !stopping_ && Read(request)) {
      handler_(request, *this);
      request = {};
    }
  }
  void Close() {
    if (reset_) {
      // SO_LINGER acts on close, which the destructor makes later; disconnecting sends the RST now.
      sockaddr none{};
      none.sa_family = AF_UNSPEC;
      connect(socket_, &none, sizeof none);
      return;
    }
    shutdown(socket_, SHUT_RDWR);
  }

  const int socket_;
  const Handler& handler_;
  const std::atomic<bool>& stopping_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string input_;
  std::atomic<bool> broken_ = false;
  bool reset_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

HttpServer::HttpServer(Handler handler, ServerTls tls)
    : handler_(std::move(handler)), tls_(!tls.key_pem.empty()), material_(std::move(tls)) {
  std::signal(SIGPIPE, SIG_IGN);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback port for a test server");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  connections_.clear();
}

std::string HttpServer::url() const {
  return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_);
}

void HttpServer::UseTls(ServerTls tls) {
  const std::lock_guard lock(mutex_);
  material_ = std::move(tls);
}

void HttpServer::DropConnections() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) connection->Break();
}

void HttpServer::Accept() {
  while (!stopping_) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    std::erase_if(connections_, [](const auto& connection) { return connection->done(); });
    connections_.push_back(std::make_unique<Connection>(
        socket, tls_ ? std::optional(material_) : std::nullopt, handler_, stopping_));
  }
}

}  // namespace plimsoll::testing
