// SPDX-License-Identifier: Apache-2.0
//
// Transport on cpprestsdk, and the only file of this library that knows it. What was measured and
// is heeded here: its own stream buffers have no back-pressure, so bodies go through SinkBuffer; an
// exception from a buffer ends the process, so failures are returned as tasks; nothing ever waits
// on a pplx task from a pool thread; the certificate store is our own, or every CA of the machine
// would be trusted; HTTP/1.1 has no pings, so TCP keep-alive and an idle time-out find a dead peer.
#define _TURN_OFF_PLATFORM_STRING
#include <cpprest/http_client.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>

#include "operator/kube/system_roots.h"
#include "operator/kube/tls_context.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {
namespace {

using web::http::http_request;
using web::http::http_response;
using web::http::client::http_client;
using web::http::client::http_client_config;

// --- One exchange -----------------------------------------------------------------------------

// How an exchange broke, read on the thread that caught it: an exception is not handed on.
struct Failure {
  std::string text;
  int code = 0;              // errno's, where the library gives one
  bool is_protocol = false;  // not of the connection
};

Failure CurrentFailure() {
  try {
    throw;
  } catch (const web::http::http_exception& error) {
    return {.text = error.what(), .code = error.error_code().value()};
  } catch (const std::exception& error) {
    return {.text = error.what(), .is_protocol = true};
  }
}

// While a sink is called, its thread must not begin an exchange: it would wait for itself.
class SinkCall {
 public:
  SinkCall() { running_ = true; }
  ~SinkCall() { running_ = false; }
  SinkCall(const SinkCall&) = delete;
  SinkCall& operator=(const SinkCall&) = delete;
  static bool IsRunning() { return running_; }

 private:
  static inline thread_local bool running_ = false;
};

// Shared by the waiting caller, the body's buffer and the continuations: lives until the last of
// them is done, however an exchange ends. The response it holds owns the body's buffer, and that
// owns this state: Detach() breaks the ring.
class ExchangeState {
 public:
  explicit ExchangeState(HttpSink& sink) : sink_(&sink) {}

  // Bytes of the body, on a pool thread. They may come before the caller has seen the head; then
  // they wait here (the server sends little before we answer with TCP acknowledgements).
  Status Deliver(std::string_view bytes) {
    const std::lock_guard lock(sink_mutex_);
    if (sink_ == nullptr) return Fail(ErrorCode::kCanceled, "the exchange has ended");
    if (!head_seen_) {
      early_.append(bytes);
      return {};
    }
    const SinkCall call;
    return Remember(sink_->OnBody(bytes));
  }

  // The head, on the caller's thread, then what came early.
  Status Head(const HttpHead& head) {
    const std::lock_guard lock(sink_mutex_);
    const SinkCall call;
    Status status = sink_->OnHead(head);
    if (status && !early_.empty()) status = sink_->OnBody(early_);
    early_ = {};
    head_seen_ = true;
    return Remember(std::move(status));
  }

  // No call to the sink begins after this returns, and no response is held.
  void Detach() {
    {
      const std::lock_guard lock(sink_mutex_);
      sink_ = nullptr;
    }
    const std::lock_guard lock(mutex_);
    detached_ = true;
    head_.reset();
  }
  std::optional<Error> sink_error() {
    const std::lock_guard lock(sink_mutex_);
    return sink_error_;
  }

  // The two stages a caller waits for.
  void Complete(http_response response) {
    const std::lock_guard lock(mutex_);
    if (!detached_) head_ = std::move(response);
    changed_.notify_all();
  }
  void CompleteBody() { Set(body_done_, true); }
  void FailWith(Failure failure) { Set(failure_, std::move(failure)); }

  // Waits for the head; false when `timeout` passed without it.
  bool WaitForHead(Duration timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return head_ || failure_; });
  }
  void WaitForEnd() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return body_done_ || failure_; });
  }
  void WaitForFailure() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return head_ || failure_; });
  }
  std::optional<http_response> head() {
    const std::lock_guard lock(mutex_);
    return head_;
  }
  std::optional<Failure> failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  template <class Field, class Value>
  void Set(Field& field, Value value) {
    const std::lock_guard lock(mutex_);
    field = std::move(value);
    changed_.notify_all();
  }
  Status Remember(Status status) {
    if (!status && !sink_error_) sink_error_ = status.error();
    return status;
  }

  std::mutex sink_mutex_;
  HttpSink* sink_;
  bool head_seen_ = false;
  std::string early_;
  std::optional<Error> sink_error_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool detached_ = false;
  std::optional<http_response> head_;
  std::optional<bool> body_done_;
  std::optional<Failure> failure_;
};

// --- The body's way in ------------------------------------------------------------------------

using Char = std::uint8_t;
using BufferBase = Concurrency::streams::details::streambuf_state_manager<Char>;

// A write-only stream buffer that hands each chunk on and returns when it was taken.
class SinkBuffer final : public BufferBase {
 public:
  explicit SinkBuffer(std::shared_ptr<ExchangeState> exchange)
      : BufferBase(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return traits::eof(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return traits::eof(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
    return traits::eof();
  }
  bool acquire(Char*& pointer, size_t& count) override {
    pointer = nullptr;
    count = 0;
    return false;
  }
  void release(Char*, size_t) override {}

 protected:
  pplx::task<size_t> _putn(const Char* pointer, size_t count) override {
    const std::string_view bytes(reinterpret_cast<const char*>(pointer), count);
    try {
      if (exchange_->Deliver(bytes)) return pplx::task_from_result(count);
    } catch (...) {
      return pplx::task_from_exception<size_t>(std::current_exception());
    }
    return pplx::task_from_exception<size_t>(std::runtime_error("the sink refused the body"));
  }
  pplx::task<int_type> _putc(Char c) override {
    return _putn(&c, 1).then([c](size_t) { return static_cast<int_type>(c); });
  }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  Char* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}
  // Nothing can be read.
  pplx::task<int_type> _bumpc() override { return NoData(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return NoData(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return NoData(); }
  pplx::task<int_type> _ungetc() override { return NoData(); }
  pplx::task<size_t> _getn(Char*, size_t) override { return pplx::task_from_result<size_t>(0); }
  size_t _scopy(Char*, size_t) override { return 0; }

 private:
  static pplx::task<int_type> NoData() { return pplx::task_from_result<int_type>(traits::eof()); }

  const std::shared_ptr<ExchangeState> exchange_;
};

// --- TCP --------------------------------------------------------------------------------------

// The address family every address of `host` has; nothing when they differ or cannot be found.
std::optional<int> FamilyOf(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != found->ai_family) return std::nullopt;
  }
  return found->ai_family;
}

void KeepAlive(int socket) {
  const auto set = [socket](int level, int option, int value) {
    setsockopt(socket, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

// The socket is not open yet when the library lets us at it, so it is opened here.
void OpenWithKeepAlive(boost::asio::ip::tcp::socket& socket, const std::string& host) {
  if (socket.is_open()) return;  // a connection that is used again
  const std::optional<int> family = FamilyOf(host);
  if (!family) return;
  boost::system::error_code error;
  socket.open(*family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4(), error);
  if (!error) KeepAlive(socket.native_handle());
}

// --- The transport ----------------------------------------------------------------------------

class CpprestTransport final : public Transport {
 public:
  explicit CpprestTransport(HttpEndpoint endpoint)
      : endpoint_(std::move(endpoint)), base_(endpoint_.url) {}

  TransportResult Exchange(const HttpRequest& request, HttpSink& sink,
                           std::stop_token stop) override;

 private:
  using State = ExchangeState;

  std::shared_ptr<http_client> ClientFor(Duration idle_timeout);
  [[nodiscard]] http_client_config MakeConfig(Duration idle_timeout);
  [[nodiscard]] http_request MakeRequest(const HttpRequest& request,
                                         const std::shared_ptr<State>& state) const;
  [[nodiscard]] TransportError Classify(const std::shared_ptr<State>& state, bool head_timed_out,
                                        bool canceled);
  void NoteTlsProblem(std::string problem) {
    const std::lock_guard lock(mutex_);
    tls_problem_ = std::move(problem);
  }

  const HttpEndpoint endpoint_;
  const web::uri base_;
  std::mutex mutex_;
  // The idle time-out is a property of a client, so there is one per time-out in use (two or
  // three).
  std::map<Duration, std::shared_ptr<http_client>> clients_;
  std::string tls_problem_;  // why the last connection could not be prepared
};

http_client_config CpprestTransport::MakeConfig(Duration idle_timeout) {
  http_client_config config;
  config.set_timeout(idle_timeout);
  config.set_max_redirects(0);
  config.set_validate_certificates(!endpoint_.insecure_skip_tls_verify);
  // An IP address is no server name; a configured name travels in the Host header.
  const bool is_address =
      base_.host().find_first_not_of("0123456789.:[]abcdefABCDEF") == std::string::npos &&
      base_.host().find_first_of(".:") != std::string::npos && FamilyOf(base_.host()).has_value();
  config.set_tlsext_sni_enabled(!is_address || !endpoint_.tls_server_name.empty());
  if (!endpoint_.proxy_url.empty()) config.set_proxy(web::web_proxy(web::uri(endpoint_.proxy_url)));
  config.set_ssl_context_callback([this](boost::asio::ssl::context& context) {
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    const Result<TlsMaterial> material = endpoint_.tls();
    Status status = material ? ConfigureTls(context.native_handle(), *material)
                             : std::unexpected(material.error());
    NoteTlsProblem(status ? "" : status.error().message());
    // Without its credentials a connection must not come about: no protocol version is left for it.
    if (!status) SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_VERSION);
  });
  const bool tls = base_.scheme() == "https";
  const std::string host =
      endpoint_.proxy_url.empty() ? base_.host() : web::uri(endpoint_.proxy_url).host();
  config.set_nativehandle_options([tls, host](web::http::client::native_handle handle) {
    using Socket = boost::asio::ip::tcp::socket;
    if (handle == nullptr) return;
    if (tls) {
      OpenWithKeepAlive(static_cast<boost::asio::ssl::stream<Socket&>*>(handle)->next_layer(),
                        host);
    } else {
      OpenWithKeepAlive(*static_cast<Socket*>(handle), host);
    }
  });
  return config;
}

std::shared_ptr<http_client> CpprestTransport::ClientFor(Duration idle_timeout) {
  const std::lock_guard lock(mutex_);
  auto& client = clients_[idle_timeout];
  if (!client) client = std::make_shared<http_client>(base_, MakeConfig(idle_timeout));
  return client;
}

http_request CpprestTransport::MakeRequest(const HttpRequest& request,
                                           const std::shared_ptr<State>& state) const {
  http_request wire(request.method);
  wire.set_request_uri(web::uri(request.path));
  if (!request.body.empty()) wire.set_body(request.body);
  for (const auto& [name, value] : request.headers) {
    wire.headers().remove(name);  // set_body has put a content type there
    wire.headers().add(name, value);
  }
  if (!endpoint_.tls_server_name.empty()) wire.headers().add("Host", endpoint_.tls_server_name);
  wire.set_response_stream(
      Concurrency::streams::streambuf<Char>(std::make_shared<SinkBuffer>(state)).create_ostream());
  return wire;
}

TransportResult CpprestTransport::Exchange(const HttpRequest& request, HttpSink& sink,
                                           std::stop_token stop) {
  if (stop.stop_requested()) {
    return std::unexpected(TransportError{TransportErrorKind::kCanceled, "stopped"});
  }
  if (SinkCall::IsRunning()) {
    return std::unexpected(TransportError{TransportErrorKind::kProtocol,
                                          "begun in a sink, whose thread would have to serve it"});
  }
  const auto state = std::make_shared<State>(sink);
  pplx::cancellation_token_source cancel;
  bool head_timed_out = false;
  try {
    const std::stop_callback on_stop(stop, [&cancel] { cancel.cancel(); });
    ClientFor(request.idle_timeout)
        ->request(MakeRequest(request, state), cancel.get_token())
        .then([state](const pplx::task<http_response>& task) {
          try {
            state->Complete(task.get());
          } catch (...) {
            state->FailWith(CurrentFailure());
          }
        });
    if (!state->WaitForHead(request.head_timeout)) {
      head_timed_out = true;
      cancel.cancel();
      state->WaitForFailure();
    }
    if (const std::optional<http_response> response = state->head(); response && !head_timed_out) {
      response->content_ready().then([state](const pplx::task<http_response>& task) {
        try {
          task.get();
          state->CompleteBody();
        } catch (...) {
          state->FailWith(CurrentFailure());
        }
      });
      HttpHead head{.status = response->status_code(), .headers = {}};
      for (const auto& [name, value] : response->headers()) head.headers.emplace_back(name, value);
      if (!state->Head(head)) cancel.cancel();
      state->WaitForEnd();
    }
  } catch (const std::exception& error) {
    state->Detach();
    return std::unexpected(TransportError{TransportErrorKind::kProtocol, error.what()});
  }
  const bool failed = head_timed_out || state->failure().has_value() || state->sink_error();
  state->Detach();
  if (!failed) return {};
  return std::unexpected(Classify(state, head_timed_out, stop.stop_requested()));
}

TransportError CpprestTransport::Classify(const std::shared_ptr<State>& state, bool head_timed_out,
                                          bool canceled) {
  using Kind = TransportErrorKind;
  if (canceled) return {Kind::kCanceled, "stopped"};
  if (const std::optional<Error> refused = state->sink_error()) {
    return {Kind::kSink, refused->message()};
  }
  if (head_timed_out) return {Kind::kTimeout, "no answer from " + endpoint_.url + " in time"};
  const Failure failure = state->failure().value_or(Failure{});
  if (failure.is_protocol) return {Kind::kProtocol, failure.text};
  if (failure.code == ETIMEDOUT) {
    return {Kind::kTimeout, "the server at " + endpoint_.url + " fell silent"};
  }
  const auto says = [&](const char* words) {
    return failure.text.find(words) != std::string::npos;
  };
  const std::string message = failure.text + " (" + endpoint_.url + ")";
  if (says("SSL") || says("handshake")) {
    const std::lock_guard lock(mutex_);
    if (!tls_problem_.empty()) return {Kind::kTls, tls_problem_};
    return {Kind::kTls,
            message + ": check certificate-authority, tls-server-name and the client certificate"};
  }
  if (says("connect") || says("resolving")) return {Kind::kConnect, message};
  if (says("read") || says("write") || says("send") || says("Retrieving")) {
    return {Kind::kReset, message};
  }
  return {Kind::kProtocol, message};
}

// Time-outs are set anew with every chunk of a body. The reactor tells the kernel of the earliest
// timer only: with one that is always earlier, none of these costs a system call.
void KeepAnEarlierTimer() {
  // Never destroyed: the pool's threads outlive what is destroyed at exit.
  static auto& timer =
      *new boost::asio::steady_timer(crossplat::threadpool::shared_instance().service());
  timer.expires_after(std::chrono::seconds(1));
  timer.async_wait([](const boost::system::error_code& error) {
    if (!error) KeepAnEarlierTimer();
  });
}

// The library puts each step of a chunk into the pool's queue, four a chunk, and the reactor looks
// at its sockets between any two. A step that comes up on the pool's thread is done there and then.
// The stack does not grow by it: each chunk begins with a read, and asio calls back for one from
// its loop alone, even when the bytes were there already.
class InPlaceScheduler final : public pplx::scheduler_interface {
 public:
  void schedule(pplx::TaskProc_t step, void* parameter) override {
    boost::asio::dispatch(crossplat::threadpool::shared_instance().service(),
                          [step, parameter] { step(parameter); });
  }
};

constexpr int kMaxPort = 65535;

}  // namespace

Result<std::unique_ptr<Transport>> MakeHttpTransport(HttpEndpoint endpoint) {
  try {
    const web::uri url(endpoint.url);
    if ((url.scheme() != "https" && url.scheme() != "http") || url.host().empty()) {
      return Fail(
          ErrorCode::kInvalid,
          "server: \"" + endpoint.url + "\" is no URL of an API server; write https://HOST:PORT");
    }
    if (url.port() > kMaxPort) {
      return Fail(ErrorCode::kInvalid, "server: \"" + endpoint.url +
                                           "\" names a port above 65535; write https://HOST:PORT");
    }
    if (!endpoint.proxy_url.empty() && web::uri(endpoint.proxy_url).scheme() != "http") {
      return Fail(ErrorCode::kInvalid, "proxy-url: \"" + endpoint.proxy_url +
                                           "\": only http://HOST:PORT proxies are supported");
    }
    return std::make_unique<CpprestTransport>(std::move(endpoint));
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInvalid,
                "server: \"" + endpoint.url + "\" or proxy-url: " + error.what());
  }
}

void InitializeHttpStack() {
  HideSystemRoots();
  // Before the threads, so that OpenSSL is cleaned up after they have ended: what it keeps for each
  // thread is freed when that one ends.
  OPENSSL_init_ssl(0, nullptr);
  try {
    crossplat::threadpool::initialize_with_threads(1);
    pplx::set_ambient_scheduler(std::make_shared<InPlaceScheduler>());
    KeepAnEarlierTimer();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // Somebody was first; their threads stand.
  }
}

}  // namespace plimsoll::kube
