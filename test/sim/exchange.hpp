#pragma once

// One request of a connection while it is being read and answered. The connection makes it once the head is there; the
// route that answers reads the body in the way it needs.

#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "test/sim/digest.hpp"
#include "test/sim/journal.hpp"
#include "test/sim/response_writer.hpp"

namespace sim {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// What all connections share.
struct site {
  journal& calls;
  unsigned refuse_websockets = 0;  // with this HTTP status; 0: they are accepted
};

class exchange {
 public:
  exchange(tls_stream& stream, beast::flat_buffer& buffer, site& shared);

  /// False: the client has no further request.
  asio::awaitable<bool> read_head();
  /// Each piece is shown to the digest; kept as text when `keep` is not null.
  asio::awaitable<void> read_body(std::string* keep);

  const http::request_header<>& head() const { return parser_.get().base(); }
  std::string_view path() const { return path_; }
  std::string_view query() const { return query_; }
  std::string field(std::string_view name) const;
  bool is(std::string_view method) const;
  bool client_keeps_alive() const { return parser_.get().keep_alive(); }

  std::uint64_t body_bytes() const noexcept { return body_bytes_; }
  std::string body_sha256() { return received_.finish(); }

  tls_stream& stream() noexcept { return stream_; }
  beast::flat_buffer& buffer() noexcept { return buffer_; }
  site& shared() noexcept { return shared_; }

 private:
  tls_stream& stream_;
  beast::flat_buffer& buffer_;
  site& shared_;
  http::request_parser<http::buffer_body> parser_;
  std::string path_, query_;
  digest received_;
  std::uint64_t body_bytes_ = 0;
};

/// Sends a whole body that is at hand.
asio::awaitable<bool> answer_whole(exchange& x, const behaviour& asked, response_outline outline,
                                   std::string_view body);

/// Waits until the client goes away, whatever it sends.
asio::awaitable<void> wait_for_end(exchange& x);

asio::awaitable<void> pause(std::size_t milliseconds);

/// Each answers one exchange; true: the connection may carry another one.
asio::awaitable<bool> route(exchange& x);              // routes.cpp: picks one of those below
asio::awaitable<bool> answer_model_call(exchange& x);  // model_calls.cpp
bool is_model_call(const exchange& x);
asio::awaitable<bool> answer_bytes(exchange& x);    // transfers.cpp: GET /bytes/N
asio::awaitable<bool> answer_upload(exchange& x);   // POST /upload
asio::awaitable<bool> answer_echo(exchange& x);     // x-sim: echo=1
asio::awaitable<bool> answer_upgrade(exchange& x);  // /upgrade
bool asks_for_websocket(const exchange& x);         // websocket/handshake.cpp
asio::awaitable<bool> answer_websocket(exchange& x);

}  // namespace sim
