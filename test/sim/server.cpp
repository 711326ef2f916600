#include "test/sim/server.hpp"

#include <array>
#include <iostream>
#include <stdexcept>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim {
namespace {

using asio::ip::tcp;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  constexpr std::string_view ours = "\x08http/1.1";
  unsigned char* found = nullptr;
  const auto verdict = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(ours.data()),
                                             static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = found;
  return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

asio::awaitable<void> serve(tcp::socket socket, asio::ssl::context& tls, site& shared) {
  socket.set_option(tcp::no_delay(true));
  tls_stream stream(std::move(socket), tls);
  if (const auto [error] = co_await stream.async_handshake(tls_stream::server, as_result); error) co_return;
  beast::flat_buffer buffer;
  for (bool more = true; more;) {
    exchange x(stream, buffer, shared);
    more = co_await x.read_head() && co_await route(x);
  }
  if (stream.lowest_layer().is_open()) co_await stream.async_shutdown(as_result);
}

void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error&) {
    // A client that leaves in the middle is everyday life here.
  } catch (const std::exception& error) {
    std::cerr << "connection failed: " << error.what() << '\n';
  }
}

/// A client's half-close is not answered either; the connection is kept until the process ends.
asio::awaitable<void> hold(tcp::socket socket) {
  std::array<char, 4096> room;
  for (boost::system::error_code over; !over;)
    std::tie(over, std::ignore) = co_await socket.async_read_some(asio::buffer(room), as_result);
  asio::steady_timer for_ever(socket.get_executor(), asio::steady_timer::time_point::max());
  co_await for_ever.async_wait(asio::use_awaitable);
}

}  // namespace

asio::ssl::context make_tls_context(const certificate_files& files) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.use_certificate_chain_file(files.chain.string());
  context.use_private_key_file(files.key.string(), asio::ssl::context::pem);
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, nullptr);
  return context;
}

tcp::endpoint parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) throw std::runtime_error("expected ADDR:PORT, got " + text);
  auto address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[') address = address.substr(1, address.size() - 2);
  return {asio::ip::make_address(address), static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))};
}

tcp::acceptor listen_on(asio::io_context& io, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(io, endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(4096);
  return acceptor;
}

asio::awaitable<void> accept_all(tcp::acceptor acceptor, asio::ssl::context& tls, site& shared) {
  for (;;) {
    const auto strand = asio::make_strand(acceptor.get_executor());
    auto [error, socket] = co_await acceptor.async_accept(strand, as_result);
    if (!error) asio::co_spawn(strand, serve(std::move(socket), tls, shared), report);
  }
}

asio::awaitable<void> accept_and_stay_mute(tcp::acceptor acceptor) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (!error) asio::co_spawn(acceptor.get_executor(), hold(std::move(socket)), asio::detached);
  }
}

}  // namespace sim
