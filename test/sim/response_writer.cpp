#include "test/sim/response_writer.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>

namespace sim {
namespace {

// A fixed date keeps two answers to the same request equal byte for byte.
constexpr std::string_view date = "Date: Sun, 01 Jun 2025 12:00:00 GMT\r\n";

bool bodiless(unsigned status) {
  return status == 204 || status == 304;
}

void append_chunk(std::string& wire, std::string_view bytes, bool extension) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  wire.append(size.data(), end);
  if (extension) wire += ";name=value;quoted=\"a;b\"";
  wire.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace

response_writer::response_writer(tls_stream& stream, const behaviour& asked, bool head_only)
    : stream_(stream), asked_(asked), head_only_(head_only) {}

response_writer::framing response_writer::choose_framing(const response_outline& outline) const {
  if (bodiless(outline.status)) return framing::none;
  if (asked_.close) return framing::until_close;
  if (outline.length && asked_.coding.empty() && !asked_.no_content_length) return framing::length;
  return framing::chunked;
}

std::string response_writer::head_text(const response_outline& outline) const {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(http::int_to_status(outline.status));
  std::string text = "HTTP/1.1 " + std::to_string(outline.status) + " ";
  text.append(reason.data(), reason.size()).append("\r\n").append(date).append(outline.fields);
  if (!bodiless(outline.status)) text += "Content-Type: " + outline.content_type + "\r\n";
  if (encoder_) text += "Content-Encoding: " + asked_.coding + "\r\n";
  if (framing_ == framing::length) text += "Content-Length: " + std::to_string(*outline.length) + "\r\n";
  if (framing_ == framing::chunked) text += "Transfer-Encoding: chunked\r\n";
  if (framing_ == framing::chunked && asked_.trailers) text += "Trailer: X-Sim-Trailer\r\n";
  if (asked_.close) text += "Connection: close\r\n";
  return text + "\r\n";
}

asio::awaitable<void> response_writer::head(const response_outline& outline) {
  if (!bodiless(outline.status)) encoder_ = make_content_encoder(asked_.coding);
  framing_ = choose_framing(outline);
  std::string text;
  if (asked_.interim) text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  co_await send(text + head_text(outline));
}

std::string response_writer::framed(std::string_view coded) const {
  if (framing_ != framing::chunked) return std::string(coded);
  std::string wire;
  const auto size = asked_.chunk > 0 ? asked_.chunk : coded.size();
  for (; !coded.empty(); coded.remove_prefix(std::min(size, coded.size())))
    append_chunk(wire, coded.substr(0, size), asked_.ext);
  return wire;
}

asio::awaitable<void> response_writer::body(std::string_view piece) {
  if (head_only_ || framing_ == framing::none || piece.empty()) co_return;
  std::string coded;
  if (encoder_) {
    coded = encoder_->encode(piece);
    piece = coded;
  }
  sent_.add(piece);
  if (framing_ == framing::chunked) {
    co_await send(framed(piece));
  } else {
    co_await send(piece);
  }
}

asio::awaitable<void> response_writer::finish() {
  if (head_only_ || framing_ == framing::none) co_return;
  std::string wire;
  if (encoder_) {
    const auto coded = encoder_->finish();
    sent_.add(coded);
    wire = framed(coded);
  }
  if (framing_ == framing::chunked) {
    wire += "0\r\n";
    if (asked_.trailers) wire += "X-Sim-Trailer: done\r\n";
    wire += "\r\n";
  }
  if (!wire.empty()) co_await send(wire);
}

asio::awaitable<void> response_writer::send(std::string_view wire) {
  const auto size = asked_.chop > 0 ? asked_.chop : wire.size();
  while (!wire.empty()) {
    const auto piece = wire.substr(0, size);
    co_await asio::async_write(stream_, asio::buffer(piece), asio::use_awaitable);
    wire.remove_prefix(piece.size());
  }
}

}  // namespace sim
