#include "app/http/h2_tunnel.hpp"

#include <cstring>

#include <boost/asio/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace app {
namespace {

namespace http = boost::beast::http;

/// The fields that an HTTP/2 answer has of Beast's (RFC 8441 §5: Sec-WebSocket-Accept is not among them).
h2_protocol::fields fields_of(const http::response<http::empty_body>& handshake) {
  h2_protocol::fields head;
  for (const auto& field : handshake) {
    const bool connection_specific = field.name() == http::field::upgrade || field.name() == http::field::connection ||
                                     field.name() == http::field::sec_websocket_accept;
    if (!connection_specific) head.emplace_back(field.name_string(), field.value());
  }
  return head;
}

}  // namespace

h2_tunnel::h2_tunnel(h2_session& session, h2_stream& stream, asio::any_io_executor strand)
    : core_(std::make_shared<core>(session, stream, std::move(strand))) {
  stream.tunnel = true;
  stream.on_change = [shared = core_] { shared->changed.cancel(); };
}

h2_tunnel::core::core(h2_session& carrier, h2_stream& of, asio::any_io_executor strand)
    : session(&carrier), stream(&of), changed(std::move(strand), asio::steady_timer::time_point::max()) {}

std::optional<h2_tunnel::progress> h2_tunnel::core::read(asio::mutable_buffer room) {
  if (gone()) return progress{asio::error::connection_reset};
  if (stream->body.empty() && stream->body_whole) return progress{asio::error::eof};
  if (stream->body.empty() && room.size() != 0) return std::nullopt;
  const auto size = std::min(room.size(), stream->body.size());
  std::memcpy(room.data(), stream->body.data(), size);
  stream->body.erase(0, size);
  session->protocol().consumed(*stream, size);
  session->pump();
  return progress{{}, size};
}

void h2_tunnel::core::write(std::string_view bytes) {
  if (gone()) return;
  if (!accepted) {
    handshake += bytes;
    if (handshake.ends_with("\r\n\r\n")) accept();
    return;
  }
  stream->out += bytes;
  session->protocol().go_on(*stream);
  session->pump();
}

std::optional<h2_tunnel::progress> h2_tunnel::core::written(std::size_t size) const {
  if (gone()) return progress{asio::error::connection_reset};
  if (!stream->out.empty()) return std::nullopt;
  return progress{{}, size};
}

void h2_tunnel::core::accept() {
  http::response_parser<http::empty_body> parser;
  boost::system::error_code error;
  parser.put(asio::buffer(handshake), error);
  if (error || parser.get().result() != http::status::switching_protocols) return cut();
  accepted = true;
  session->protocol().answer(*stream, 200, fields_of(parser.get()), true);
  session->pump();
}

void h2_tunnel::core::end() {
  if (gone()) return;
  stream->out_ended = true;
  session->protocol().go_on(*stream);
  session->pump();
}

void h2_tunnel::core::cut() {
  if (gone()) return;
  session->protocol().reset(*stream, NGHTTP2_CANCEL);
  session->pump();
  changed.cancel();
}

void h2_tunnel::core::detach() {
  if (stream != nullptr) stream->on_change = nullptr;
  session = nullptr;
  stream = nullptr;
  changed.cancel();
}

}  // namespace app
