// SPDX-License-Identifier: Apache-2.0
//
// Transport on cpprestsdk, and the only file of this library that knows it. What was measured and
// is heeded here: its own stream buffers have no back-pressure, so bodies go through SinkBuffer; an
// exception from a buffer ends the process, so failures are returned as tasks; nothing ever waits
// on a pplx task from a pool thread; the certificate store is our own, or every CA of the machine
// would be trusted; HTTP/1.1 has no pings, so TCP keep-alive and an idle time-out find a dead peer.
#define _TURN_OFF_PLATFORM_STRING
#include <cpprest/http_client.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>

#include "operator/kube/exchange_failure.h"
#include "operator/kube/sink_gate.h"
#include "operator/kube/system_roots.h"
#include "operator/kube/tcp_socket.h"
#include "operator/kube/tls_context.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {
namespace {

using web::http::http_request;
using web::http::http_response;
using web::http::client::http_client;
using web::http::client::http_client_config;

// Read on the thread that caught it: an exception is not handed on.
ExchangeFailure CurrentFailure() {
  try {
    throw;
  } catch (const web::http::http_exception& error) {
    return {.text = error.what(), .code = error.error_code().value()};
  } catch (const std::exception& error) {
    return {.text = error.what(), .is_protocol = true};
  }
}

// Shared by the waiting caller, the body's buffer and the continuations: lives until the last of
// them is done, however an exchange ends. The response it holds owns the body's buffer, and that
// owns this state: Detach() breaks the ring.
class ExchangeState {
 public:
  explicit ExchangeState(HttpSink& sink) : sink_(sink) {}

  [[nodiscard]] SinkGate& sink() { return sink_; }

  // No call to the sink begins after this returns, and no response is held.
  void Detach() {
    sink_.Close();
    const std::lock_guard lock(mutex_);
    detached_ = true;
    head_.reset();
  }

  // The two stages a caller waits for.
  void Complete(http_response response) {
    const std::lock_guard lock(mutex_);
    if (!detached_) head_ = std::move(response);
    changed_.notify_all();
  }
  void CompleteBody() { Set(body_done_, true); }
  void FailWith(ExchangeFailure failure) { Set(failure_, std::move(failure)); }

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
  std::optional<ExchangeFailure> failure() {
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

  SinkGate sink_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool detached_ = false;
  std::optional<http_response> head_;
  std::optional<bool> body_done_;
  std::optional<ExchangeFailure> failure_;
};

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
      if (exchange_->sink().Body(bytes)) return pplx::task_from_result(count);
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

// The socket is not open yet when the library lets us at it, so it is opened here.
void OpenWithKeepAlive(boost::asio::ip::tcp::socket& socket, const std::string& host) {
  if (socket.is_open()) return;  // a connection that is used again
  const std::optional<int> family = FamilyOf(host);
  if (!family) return;
  boost::system::error_code error;
  socket.open(*family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4(), error);
  if (!error) KeepAlive(socket.native_handle());
}

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
  config.set_tlsext_sni_enabled(!IsAddress(base_.host()) || !endpoint_.tls_server_name.empty());
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
  if (SinkGate::IsCalling()) {
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
      if (!state->sink().Head(head)) cancel.cancel();
      state->WaitForEnd();
    }
  } catch (const std::exception& error) {
    state->Detach();
    return std::unexpected(TransportError{TransportErrorKind::kProtocol, error.what()});
  }
  const bool failed = head_timed_out || state->failure().has_value() || state->sink().refused();
  state->Detach();
  if (!failed) return {};
  return std::unexpected(Classify(state, head_timed_out, stop.stop_requested()));
}

TransportError CpprestTransport::Classify(const std::shared_ptr<State>& state, bool head_timed_out,
                                          bool canceled) {
  using Kind = TransportErrorKind;
  if (canceled) return {Kind::kCanceled, "stopped"};
  if (const std::optional<Error> refused = state->sink().refused()) {
    return {Kind::kSink, refused->message()};
  }
  if (head_timed_out) return {Kind::kTimeout, "no answer from " + endpoint_.url + " in time"};
  const std::lock_guard lock(mutex_);
  return ErrorOf(state->failure().value_or(ExchangeFailure{}), endpoint_.url, tls_problem_);
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
