#pragma once

// The streams that relays move bytes over. Reads and writes never block or suspend; they report what to wait for, and
// wait_until() is the only suspension. So a block can live in the thread's scratch buffer, and an idle connection holds
// no buffer.

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/errc.hpp"

namespace net {

namespace asio = boost::asio;
using asio::ip::tcp;

/// The outcome of one attempt: bytes moved, or what to wait for, or an error (asio::error::eof for a clean end).
struct io_step {
  enum class wait_for : unsigned char { nothing, readable, writable };

  std::size_t bytes = 0;
  wait_for next = wait_for::nothing;
  boost::system::error_code error{};

  static io_step moved(std::size_t count) { return {count, wait_for::nothing, {}}; }
  static io_step blocked(wait_for what) { return {0, what, {}}; }
  static io_step failed(boost::system::error_code error) { return {0, wait_for::nothing, error}; }
};

/// Asio's name for it. Anything but `writable` means readable.
inline tcp::socket::wait_type wait_type(io_step::wait_for what) {
  return what == io_step::wait_for::writable ? tcp::socket::wait_write : tcp::socket::wait_read;
}

/// Suspends until the socket is ready; error operation_aborted after cancel().
asio::awaitable<boost::system::error_code> wait_until(tcp::socket& socket, io_step::wait_for what);

/// Makes close() send RST, so that the peer does not take a broken connection for a finished one.
void reset_on_close(tcp::socket& socket);

/// Plain TCP, for connections that are not decrypted.
class plain_stream {
 public:
  explicit plain_stream(tcp::socket socket);

  io_step read(std::span<char> buffer);
  io_step write(std::string_view bytes);
  /// Whether more input may be available without the socket becoming readable.
  bool buffered() const { return false; }
  void release_buffers() {}
  /// Ends our direction. The peer may still send.
  void shutdown_send();
  tcp::socket& socket() { return socket_; }

 private:
  tcp::socket socket_;
};

/// The calling thread's scratch buffer, valid until the next suspension. 16 KiB, one TLS record.
std::span<char> scratch_block();

/// True if the peer has neither ended nor sent data. TLS's own messages do not count: session tickets may come late.
/// Consumes a byte if there is one.
template <class Stream>
bool is_quiet(Stream& stream) {
  std::array<char, 1> said{};
  const io_step got = stream.read(said);
  return !got.error && got.bytes == 0 && got.next == io_step::wait_for::readable;
}

/// Writes all of `bytes`, waiting as often as needed. `bytes` must outlive the call.
template <class Stream>
asio::awaitable<boost::system::error_code> write_all(Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const io_step step = stream.write(bytes);
    if (step.error) co_return step.error;
    bytes.remove_prefix(step.bytes);
    if (step.next == io_step::wait_for::nothing) continue;
    if (auto error = co_await wait_until(stream.socket(), step.next)) co_return error;
  }
  co_return boost::system::error_code{};
}

}  // namespace net
