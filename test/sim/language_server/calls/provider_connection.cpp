#include "test/sim/language_server/calls/provider_connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/read.hpp>

namespace sim::ls {
namespace {

namespace http = boost::beast::http;

// As Go copies a body of unknown length.
constexpr std::size_t chunk_size = 32 * 1024;

std::string request_head(const provider_address& address, std::string_view target) {
  std::string text = "POST ";
  text.append(target).append(" HTTP/1.1\r\nHost: ").append(address.host);
  if (address.port != "443") text.append(":").append(address.port);
  return text.append(
      "\r\nUser-Agent: antigravity/1.22.2 linux/amd64\r\nTransfer-Encoding: chunked\r\n"
      "Authorization: Bearer sim-token\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n");
}

}  // namespace

provider_connection::provider_connection(asio::any_io_executor executor, asio::ssl::context& tls)
    : stream_(std::move(executor), tls) {}

asio::awaitable<void> provider_connection::open(const provider_address& address) {
  asio::ip::tcp::resolver resolver(stream_.get_executor());
  const bool elsewhere = !address.connect_host.empty();
  const auto found =
      co_await resolver.async_resolve(elsewhere ? address.connect_host : address.host,
                                      elsewhere ? address.connect_port : address.port, asio::use_awaitable);
  co_await asio::async_connect(stream_.next_layer(), found, asio::use_awaitable);
  stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
  SSL_set_tlsext_host_name(stream_.native_handle(), address.host.c_str());
  stream_.set_verify_callback(asio::ssl::host_name_verification(address.host));
  co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
}

asio::awaitable<void> provider_connection::send(const provider_address& address, std::string_view target,
                                                std::string_view body) {
  co_await asio::async_write(stream_, asio::buffer(request_head(address, target)), asio::use_awaitable);
  co_await send_body(body);
  // 100 and 103 come before the answer.
  do co_await read_head();
  while (head_.status < 200);
}

asio::awaitable<void> provider_connection::send_body(std::string_view body) {
  while (!body.empty()) {
    const auto piece = body.substr(0, chunk_size);
    co_await asio::async_write(stream_, http::make_chunk(asio::buffer(piece)), asio::use_awaitable);
    body.remove_prefix(piece.size());
  }
  co_await asio::async_write(stream_, http::make_chunk_last(), asio::use_awaitable);
}

asio::awaitable<void> provider_connection::read_head() {
  parser_.emplace();
  parser_->eager(true);
  parser_->body_limit(boost::none);
  co_await http::async_read_header(stream_, buffer_, *parser_, asio::use_awaitable);
  take_head();
}

void provider_connection::take_head() {
  const auto& message = parser_->get();
  head_ = {.status = message.result_int(), .reason = std::string(message.reason()), .fields = {}};
  for (const auto& field : message) head_.fields.emplace_back(field.name_string(), field.value());
  gunzip_.reset();
  if (head_.field("Content-Encoding") == "gzip") gunzip_.emplace();
}

asio::awaitable<std::string_view> provider_connection::read() {
  for (;;) {
    // The head may have brought the first piece along.
    piece_ = std::exchange(parser_->get().body(), {});
    if (gunzip_ && !piece_.empty()) piece_ = gunzip_->decode(piece_);
    if (!piece_.empty() || parser_->is_done()) co_return piece_;
    co_await http::async_read_some(stream_, buffer_, *parser_, asio::use_awaitable);
  }
}

}  // namespace sim::ls
