#pragma once

// One TLS connection to the provider and the exchange on it. The provider drives it; nothing here is shared.

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "test/sim/language_server/calls/gunzip.hpp"
#include "test/sim/language_server/calls/provider.hpp"

namespace sim::ls {

class provider_connection {
 public:
  provider_connection(asio::any_io_executor, asio::ssl::context&);

  asio::awaitable<void> open(const provider_address&);
  /// Throws before any byte of an answer if the connection went stale while idle.
  asio::awaitable<void> send(const provider_address&, std::string_view target, std::string_view body);
  asio::awaitable<std::string_view> read();

  const answer_head& head() const { return head_; }
  /// The answer was read to its end and the next request may follow.
  bool reusable() const { return parser_ && parser_->is_done() && parser_->keep_alive(); }

 private:
  using parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  asio::awaitable<void> send_body(std::string_view body);
  asio::awaitable<void> read_head();
  void take_head();

  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  std::optional<gunzip> gunzip_;
  answer_head head_;
  std::string piece_;
};

}  // namespace sim::ls
