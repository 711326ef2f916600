#include "net/original_destination.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace {

using boost::asio::ip::tcp;

// The redirected case takes netfilter and root: test/e2e/redirect_test.sh and isolation_test.sh have it.
TEST(original_destination, of_a_connection_made_to_the_listener_itself_is_refused) {
  boost::asio::io_context loop;
  for (const boost::asio::ip::address& address : {boost::asio::ip::address(boost::asio::ip::address_v4::loopback()),
                                                  boost::asio::ip::address(boost::asio::ip::address_v6::loopback())}) {
    boost::system::error_code unavailable;
    tcp::acceptor acceptor(loop);
    acceptor.open(address.is_v4() ? tcp::v4() : tcp::v6());
    acceptor.bind({address, 0}, unavailable);
    if (unavailable) continue;  // a machine without IPv6
    acceptor.listen();
    tcp::socket client(loop);
    client.connect(acceptor.local_endpoint());
    tcp::socket accepted = acceptor.accept();
    const auto destination = net::original_destination(accepted);
    ASSERT_TRUE(destination.has_error());
    EXPECT_EQ(destination.error(), net::errc::not_redirected);
  }
}

}  // namespace
