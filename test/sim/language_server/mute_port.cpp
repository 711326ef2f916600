#include "test/sim/language_server/mute_port.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim::ls {

using asio::ip::tcp;

tcp::acceptor open_port(asio::any_io_executor executor, std::uint16_t port) {
  return {std::move(executor), tcp::endpoint(asio::ip::address_v4::loopback(), port)};
}

asio::awaitable<void> hang_up_on_all(tcp::acceptor acceptor) {
  for (;;) {
    const auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
  }
}

}  // namespace sim::ls
