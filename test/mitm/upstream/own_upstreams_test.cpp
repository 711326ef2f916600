#include "mitm/upstream/own_upstreams.hpp"

#include <gtest/gtest.h>

#include <optional>

#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class own_upstreams : public testing::Test {
 protected:
  own_upstreams() : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), ours_(io_), at_(acceptor_.local_endpoint()) {
    ours_.connect(at_);
    accepted_.emplace(acceptor_.accept());
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  tcp::socket ours_;
  tcp::endpoint at_;
  std::optional<tcp::socket> accepted_;
  mitm::own_upstreams own_;
};

TEST_F(own_upstreams, a_connection_that_we_opened_and_accept_came_back) {
  EXPECT_FALSE(own_.made(*accepted_, at_)) << "nobody has told of it";
  own_.opened(ours_);
  EXPECT_FALSE(own_.came_back(ours_));
  EXPECT_TRUE(own_.made(*accepted_, at_));
  EXPECT_TRUE(own_.came_back(ours_));
  EXPECT_TRUE(own_.any_came_back());
  own_.forget();
  EXPECT_FALSE(own_.any_came_back());
}

TEST_F(own_upstreams, anybody_elses_is_not_ours) {
  tcp::socket theirs(io_);
  theirs.connect(at_);
  auto accepted = acceptor_.accept();
  own_.opened(ours_);
  EXPECT_FALSE(own_.made(accepted, at_));
  EXPECT_FALSE(own_.any_came_back());
}

TEST_F(own_upstreams, one_of_ours_that_goes_elsewhere_from_the_same_address_is_not_this_one) {
  tcp::acceptor other(io_, {asio::ip::address_v4::loopback(), 0});
  own_.opened(ours_);
  // Bound to the very address that ours has: two connections may share it, if they lead to different places.
  tcp::socket twin(io_);
  twin.open(tcp::v4());
  const int on = 1;
  ::setsockopt(twin.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(ours_.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  boost::system::error_code error;
  twin.bind(ours_.local_endpoint(), error);
  ASSERT_FALSE(error) << error.message();
  twin.connect(other.local_endpoint());
  auto at_other = other.accept();
  EXPECT_FALSE(own_.made(at_other, other.local_endpoint()));
}

TEST_F(own_upstreams, one_that_was_closed_is_forgotten_by_itself) {
  own_.opened(ours_);
  ours_.close();
  EXPECT_FALSE(own_.made(*accepted_, at_));
}

}  // namespace
