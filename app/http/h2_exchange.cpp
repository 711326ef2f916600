#include "app/http/h2_exchange.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/base/random_id.hpp"
#include "app/http/answer_fields.hpp"
#include "app/http/error_answer.hpp"
#include "app/http/socket_session.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"

namespace app {
namespace {

using clock = std::chrono::steady_clock;

// After answering an incomplete request, discard the rest of it for this long before resetting the stream. Some clients
// (curl 7) drop a complete answer if a reset follows at once (RFC 9113 §8.1).
constexpr std::chrono::seconds stream_linger_time{2};

class h2_carrier final : public api_carrier, public api_stream {
 public:
  h2_carrier(h2_session& session, h2_stream& stream, asio::any_io_executor strand)
      : api_carrier({random_id("req_"), clock::now(), stream.head.method == "HEAD"}),
        session_(session),
        stream_(stream),
        changed_(strand, clock::time_point::max()) {
    listen();
  }
  ~h2_carrier() { stream_.on_change = nullptr; }

  asio::awaitable<body_result> body(bool expected) override;
  asio::awaitable<next_step> answer(api_response made) override;
  asio::awaitable<next_step> talk(const api_talk& talk, api_request request) override;
  asio::awaitable<void> departure() override;
  bool reserved() const override { return session_.peer().place.reserved(); }
  asio::awaitable<void> linger();

  asio::awaitable<net::result<void>> write(std::string_view bytes) override;
  void write_now(std::string_view bytes) override;
  bool begun() const override { return begun_; }

 private:
  /// Error: the client has reset the stream, or the caller was cancelled.
  template <class F>
  asio::awaitable<net::result<int>> until(F reached);
  asio::awaitable<net::result<void>> send();
  asio::awaitable<next_step> answer_whole(api_response made);
  asio::awaitable<next_step> answer_as_it_is_made(api_response made);
  void begin();
  void listen() {
    stream_.on_change = [this] { changed_.cancel(); };
  }

  const api_limits& limits() const { return session_.peer().limits(); }

  h2_session& session_;
  h2_stream& stream_;
  asio::steady_timer changed_;  // cancelled to wake whoever waits for the stream
  h2_protocol::fields head_;    // of an answer that is written as it is made
  unsigned status_ = 0;
  bool begun_ = false;
};

asio::awaitable<void> h2_carrier::linger() {
  if (stream_.body_whole || stream_.closed) co_return;
  session_.protocol().drop_body(stream_);
  session_.pump();
  const auto client_is_done = [&stream = stream_] { return stream.body_whole; };
  const auto done = co_await net::by(net::after(stream_linger_time), until(client_is_done));
  if (done.has_error()) session_.protocol().reset(stream_, NGHTTP2_NO_ERROR);
}

template <class F>
asio::awaitable<net::result<int>> h2_carrier::until(F reached) {
  while (!reached()) {
    if (stream_.closed) co_return make_error_code(asio::error::connection_reset);
    co_await changed_.async_wait(net::as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return make_error_code(asio::error::operation_aborted);
  }
  co_return 0;
}

/// Of an unexpected body only the first window arrives.
asio::awaitable<api_carrier::body_result> h2_carrier::body(bool expected) {
  const auto limit = expected ? limits().body_size : read_at_once;
  if (stream_.head.content_length > limit) co_return to_response(body_too_large(limit));
  if (!stream_.body_whole) {
    if (expected) session_.protocol().want_body(stream_);
    session_.pump();
    const auto arrived = [&stream = stream_] {
      return stream.body_whole || stream.body_too_large || stream.body_refused;
    };
    const auto ended = co_await net::by(net::after(limits().body), until(arrived));
    if (ended.has_error() && ended.error() == asio::error::timed_out) co_return to_response(request_timeout());
    if (ended.has_error()) co_return std::optional<api_response>();
  }
  if (stream_.body_too_large) co_return to_response(body_too_large(limit));
  if (stream_.body_refused) co_return no_room_for_bodies();
  co_return received_body{std::move(stream_.body), std::move(stream_.held)};
}

asio::awaitable<next_step> h2_carrier::talk(const api_talk& talk, api_request request) {
  const auto ended = co_await serve_socket(session_, stream_, talk, std::move(request));
  listen();
  co_return ended;
}

asio::awaitable<void> h2_carrier::departure() {
  while (!stream_.closed || stream_.answered) {
    co_await changed_.async_wait(net::as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
  }
}

/// Sends the stream's `out`. Usually there is room for it at once, and then it needs no timer.
asio::awaitable<net::result<void>> h2_carrier::send() {
  session_.protocol().go_on(stream_);
  session_.pump();
  if (stream_.closed && !stream_.answered) co_return make_error_code(asio::error::connection_reset);
  if (stream_.out.empty()) co_return net::result<void>();
  const auto all_is_taken = [&stream = stream_] { return stream.out.empty(); };
  const auto taken = co_await net::by(net::after(limits().write), until(all_is_taken));
  if (taken.has_error()) co_return taken.error();
  co_return net::result<void>();
}

asio::awaitable<next_step> h2_carrier::answer_whole(api_response made) {
  auto head = answer_fields(made, exchange);
  if (made.status != 204) head.emplace_back("Content-Length", std::to_string(made.body.size()));
  const bool with_body = !exchange.head_only && !made.body.empty();
  if (with_body) stream_.out = std::move(made.body);
  stream_.out_ended = true;
  session_.protocol().answer(stream_, made.status, head, with_body);
  co_return (co_await send()).has_value() ? next_step::another : next_step::reset;
}

asio::awaitable<next_step> h2_carrier::answer_as_it_is_made(api_response made) {
  head_ = answer_fields(made, exchange);
  status_ = made.status;
  api_response instead;
  const auto ended = co_await made.stream(*this, instead);
  if (ended == stream_end::instead && !begun_) co_return co_await answer_whole(std::move(instead));
  if (ended != stream_end::whole) co_return next_step::reset;
  begin();
  stream_.out_ended = true;
  co_return (co_await send()).has_value() ? next_step::another : next_step::reset;
}

asio::awaitable<next_step> h2_carrier::answer(api_response made) {
  if (made.stream && !exchange.head_only) return answer_as_it_is_made(std::move(made));
  return answer_whole(std::move(made));
}

void h2_carrier::begin() {
  if (std::exchange(begun_, true)) return;
  session_.protocol().answer(stream_, status_, head_, true);
}

asio::awaitable<net::result<void>> h2_carrier::write(std::string_view bytes) {
  begin();
  stream_.out += bytes;
  return send();
}

void h2_carrier::write_now(std::string_view bytes) {
  if (!stream_.out.empty() || session_.blocked() || stream_.closed) return;
  begin();
  stream_.out = bytes;
  session_.protocol().go_on(stream_);
  session_.pump();
}

api_head head_of(const h2_request& request, const api_connection& peer) {
  api_head head;
  head.method = request.method;
  head.target = request.target;
  head.hosts = request.hosts;
  head.host = request.host;
  head.authorization = request.authorization;
  head.origin = request.origin;
  head.fetch_site = request.fetch_site;
  head.requested_headers = request.requested_headers;
  head.content_type = request.content_type;
  head.content_encoding = request.content_encoding;
  head.socket = request.method == "CONNECT" && request.protocol == "websocket" && request.socket_version == "13";
  head.repeated = request.repeated;
  head.local = peer.local;
  head.client = peer.client;
  return head;
}

asio::awaitable<next_step> serve(h2_session& session, h2_stream& stream) {
  auto& peer = session.peer();
  const auto most = peer.limits().head_size;
  h2_carrier carrier(session, stream, co_await asio::this_coro::executor);
  const auto head = head_of(stream.head, peer);
  const auto next = stream.head.size > most ? co_await carrier.answer(to_response(head_too_large(most)))
                                            : co_await serve_exchange(carrier, head, peer.service);
  if (next == next_step::another) co_await carrier.linger();
  co_return next;
}

}  // namespace

asio::awaitable<void> serve_h2_stream(h2_session& session, std::shared_ptr<h2_stream> stream) {
  auto next = next_step::reset;
  std::exception_ptr fault;
  try {
    if (!stream->closed) next = co_await serve(session, *stream);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) fault = std::current_exception();  // else a shutdown
  } catch (...) {
    fault = std::current_exception();
  }
  // Ends without END_STREAM, so that nobody takes the answer for complete.
  if (next != next_step::another) session.protocol().reset(*stream, NGHTTP2_INTERNAL_ERROR);
  session.served();
  session.pump();
  if (fault) std::rethrow_exception(fault);
}

}  // namespace app
