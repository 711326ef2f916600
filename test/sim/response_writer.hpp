#pragma once

// Writes one HTTP/1.1 response in the way that the request asked for: framing, content coding, and how the bytes are
// cut into TLS writes. A connection's coroutine drives it: head, then pieces, then finish.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "test/sim/behaviour.hpp"
#include "test/sim/content_encoder.hpp"
#include "test/sim/digest.hpp"

namespace sim {

namespace asio = boost::asio;
using tls_stream = asio::ssl::stream<asio::ip::tcp::socket>;

struct response_outline {
  unsigned status = 200;
  std::string content_type;
  std::string fields = {};                   // complete lines
  std::optional<std::uint64_t> length = {};  // of the body before its coding; nothing: not known
};

class response_writer {
 public:
  /// Both outlive the writer. `head_only` answers a HEAD request.
  response_writer(tls_stream& stream, const behaviour& asked, bool head_only);

  asio::awaitable<void> head(const response_outline& outline);
  asio::awaitable<void> body(std::string_view piece);
  asio::awaitable<void> finish();

  /// The body ends with the connection.
  bool until_close() const noexcept { return framing_ == framing::until_close; }
  /// Of the body so far, as sent but dechunked. Call once.
  std::string body_sha256() { return sent_.finish(); }

 private:
  enum class framing : std::uint8_t { none, length, chunked, until_close };

  framing choose_framing(const response_outline& outline) const;
  std::string head_text(const response_outline& outline) const;
  std::string framed(std::string_view coded) const;
  asio::awaitable<void> send(std::string_view wire);

  tls_stream& stream_;
  const behaviour& asked_;
  bool head_only_;
  framing framing_ = framing::none;
  std::unique_ptr<content_encoder> encoder_;
  digest sent_;
};

}  // namespace sim
