#include "app/http/answer.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include <sys/socket.h>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include "app/http/answer_fields.hpp"
#include "net/as_result.hpp"
#include "net/by.hpp"

namespace app {
namespace {

namespace http = boost::beast::http;

template <class Message>
void set_head(Message& message, const api_response& answer, const api_exchange& exchange) {
  message.result(answer.status);
  for (const auto& [name, value] : answer_fields(answer, exchange)) message.set(name, value);
}

asio::awaitable<net::result<std::size_t>> write_message(api_connection& peer,
                                                        http::response<http::string_body>& message, bool head_only) {
  http::response_serializer<http::string_body> serializer(message);
  auto [error, bytes] = head_only ? co_await http::async_write_header(peer.socket, serializer, net::as_result)
                                  : co_await http::async_write(peer.socket, serializer, net::as_result);
  if (error) co_return error;
  co_return bytes;
}

asio::awaitable<next_step> write_whole(api_connection& peer, api_response answer, const api_exchange& exchange) {
  http::response<http::string_body> message{http::status::ok, 11};
  set_head(message, answer, exchange);
  const bool keep_alive = exchange.keep_alive && !peer.place.ended();
  message.keep_alive(keep_alive);
  message.body() = std::move(answer.body);
  message.prepare_payload();
  const auto limit = net::after(peer.limits().write);
  const auto written = co_await net::by(limit, write_message(peer, message, exchange.head_only));
  if (written.has_error()) co_return next_step::close;
  co_return keep_alive ? next_step::another : next_step::linger;
}

using pieces = std::span<const asio::const_buffer>;

asio::awaitable<net::result<std::size_t>> write_rest(api_connection& peer, std::vector<asio::const_buffer> rest) {
  auto [error, bytes] = co_await asio::async_write(peer.socket, rest, net::as_result);
  if (error) co_return error;
  co_return bytes;
}

/// The rest of `all` after its first `done` bytes.
std::vector<asio::const_buffer> after(pieces all, std::size_t done) {
  std::vector<asio::const_buffer> rest;
  for (auto piece : all) {
    const auto skipped = std::min(done, piece.size());
    done -= skipped;
    if (piece += skipped; piece.size() != 0) rest.push_back(piece);
  }
  return rest;
}

/// Writes the chunks of one answer. The head is sent with the first.
class chunk_writer final : public api_stream {
 public:
  chunk_writer(api_connection& peer, std::string head, bool chunked)
      : peer_(peer), head_(std::move(head)), chunked_(chunked) {}

  asio::awaitable<net::result<void>> write(std::string_view bytes) override {
    if (bytes.empty()) return send({});
    return send(chunk(bytes));
  }

  void write_now(std::string_view bytes) override {
    if (waiting_ || !kept_.empty()) return;
    std::string all = std::exchange(head_, {});
    for (const auto& piece : chunk(bytes)) all.append(static_cast<const char*>(piece.data()), piece.size());
    boost::system::error_code error;
    const auto sent = peer_.socket.write_some(asio::buffer(all), error);
    kept_ = all.substr(error ? 0 : sent);  // a started chunk must be finished first
  }

  bool begun() const override { return begun_; }

  asio::awaitable<net::result<void>> finish() {
    return chunked_ ? send({asio::const_buffer("0\r\n\r\n", 5)}) : send({});
  }

 private:
  using piece_list = std::array<asio::const_buffer, 3>;

  piece_list chunk(std::string_view bytes) {
    begun_ = true;
    if (!chunked_) return {asio::const_buffer(bytes.data(), bytes.size())};
    const auto end = std::to_chars(size_text_.data(), size_text_.data() + size_text_.size() - 2, bytes.size(), 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    const auto size_length = static_cast<std::size_t>(end + 2 - size_text_.data());
    return {asio::const_buffer(size_text_.data(), size_length), asio::const_buffer(bytes.data(), bytes.size()),
            asio::const_buffer("\r\n", 2)};
  }

  // An event usually fits into the socket's buffer, and then costs one system call and no timer.
  asio::awaitable<net::result<void>> send(piece_list body) {
    const auto head = std::exchange(head_, {}) + std::exchange(kept_, {});
    const std::array<asio::const_buffer, 4> all{asio::buffer(head), body[0], body[1], body[2]};
    boost::system::error_code error;
    const auto sent = peer_.socket.write_some(all, error);
    if (error && error != asio::error::would_block) co_return error;
    if (sent == asio::buffer_size(all)) co_return net::result<void>();
    waiting_ = true;
    const auto rest = co_await net::by(net::after(peer_.limits().write), write_rest(peer_, after(all, sent)));
    waiting_ = false;
    if (rest.has_error()) co_return rest.error();
    co_return net::result<void>();
  }

  api_connection& peer_;
  std::string head_;
  std::string kept_;  // of write_now()
  bool chunked_;
  bool begun_ = false;
  bool waiting_ = false;  // for room, in the middle of a chunk
  std::array<char, 20> size_text_;
};

std::string stream_head(const api_response& answer, const api_exchange& exchange, bool keep_alive) {
  http::response<http::empty_body> message{http::status::ok, 11};
  set_head(message, answer, exchange);
  message.keep_alive(keep_alive);
  if (!exchange.http_1_0) message.chunked(true);
  std::ostringstream text;
  text << message.base();
  return std::move(text).str();
}

asio::awaitable<next_step> write_stream(api_connection& peer, api_response answer, const api_exchange& exchange) {
  const bool keep_alive = exchange.keep_alive && !exchange.http_1_0 && !peer.place.ended();
  chunk_writer stream(peer, stream_head(answer, exchange, keep_alive), !exchange.http_1_0);
  api_response instead;
  const auto ended = co_await answer.stream(stream, instead);
  if (ended == stream_end::instead && !stream.begun())
    co_return co_await write_whole(peer, std::move(instead), exchange);
  if (ended == stream_end::whole && (co_await stream.finish()).has_value()) {
    co_return keep_alive ? next_step::another : next_step::linger;
  }
  // Most clients take a clean end in the middle of an answer for success, but not a reset.
  co_return next_step::reset;
}

}  // namespace

asio::awaitable<next_step> write_answer(api_connection& peer, api_response answer, const api_exchange& exchange) {
  if (answer.stream && !exchange.head_only) return write_stream(peer, std::move(answer), exchange);
  return write_whole(peer, std::move(answer), exchange);
}

}  // namespace app
