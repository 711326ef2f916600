#include "app/http/peer.hpp"

#include <optional>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace app {
namespace {

using asio::ip::tcp;

constexpr std::uint32_t other_user = 61'003;

class api_peer_test : public testing::Test {
 protected:
  void connect(tcp::socket& client) {
    client.connect(acceptor_.local_endpoint());
    accepted_.emplace(acceptor_.accept());
  }

  /// As another user, whose connection outlives the process that made it until TearDown().
  void connect_as(std::uint32_t uid) {
    ASSERT_EQ(::pipe(held_), 0);
    child_ = ::fork();
    if (child_ == 0) hold_connection_as(uid);
    accepted_.emplace(acceptor_.accept());
  }

  void TearDown() override {
    if (child_ == 0) return;
    ::close(held_[1]);
    ::waitpid(child_, nullptr, 0);
    ::close(held_[0]);
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::optional<api_socket> accepted_;

 private:
  [[noreturn]] void hold_connection_as(std::uint32_t uid) {
    ::close(held_[1]);
    if (::setresuid(uid, uid, uid) != 0) ::_exit(1);
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto at = acceptor_.local_endpoint();
    if (::connect(client, at.data(), static_cast<socklen_t>(at.size())) != 0) ::_exit(1);
    char end = 0;
    if (::read(held_[0], &end, 1) < 0) ::_exit(1);
    ::_exit(0);
  }

  pid_t child_ = 0;
  int held_[2] = {-1, -1};
};

TEST_F(api_peer_test, a_connection_of_our_own_is_the_same_users) {
  tcp::socket client(io_);
  connect(client);
  const auto peer = find_api_peer(*accepted_);
  EXPECT_EQ(peer.uid, ::geteuid());
  EXPECT_TRUE(peer.loopback);
  EXPECT_TRUE(peer.is_same_user());
  EXPECT_EQ(local_address(*accepted_), asio::ip::address(asio::ip::address_v4::loopback()));
}

TEST_F(api_peer_test, a_client_that_has_only_ended_its_output_is_known) {
  tcp::socket client(io_);
  connect(client);
  client.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(find_api_peer(*accepted_).is_same_user());
}

TEST_F(api_peer_test, a_client_that_has_closed_its_socket_is_nobody_although_the_kernel_says_root) {
  tcp::socket client(io_);
  connect(client);
  client.close();
  const auto peer = find_api_peer(*accepted_);
  EXPECT_FALSE(peer.uid);
  EXPECT_FALSE(peer.is_same_user());
}

TEST_F(api_peer_test, a_connection_that_was_reset_is_nobodys) {
  tcp::socket client(io_);
  connect(client);
  client.set_option(tcp::socket::linger(true, 0));
  client.close();
  EXPECT_FALSE(find_api_peer(*accepted_).uid);
}

TEST_F(api_peer_test, another_users_connection_is_theirs) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  connect_as(other_user);
  const auto peer = find_api_peer(*accepted_);
  EXPECT_EQ(peer.uid, other_user);
  EXPECT_FALSE(peer.is_same_user());
}

TEST_F(api_peer_test, the_user_that_stands_for_all_without_a_number_is_nobody) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  connect_as(65'534);
  EXPECT_FALSE(find_api_peer(*accepted_).uid);
}

TEST_F(api_peer_test, root_can_read_the_key_and_so_needs_none) {
  EXPECT_TRUE((api_peer{.uid = 0, .loopback = true}.is_same_user()));
  EXPECT_TRUE((api_peer{.uid = 0, .unix_socket = true}.is_same_user()));
}

TEST_F(api_peer_test, a_user_of_elsewhere_is_never_the_same) {
  EXPECT_FALSE((api_peer{.uid = ::geteuid()}.is_same_user()));
  EXPECT_FALSE((api_peer{.loopback = true}.is_same_user()));
}

TEST_F(api_peer_test, a_client_learns_who_serves_it_before_and_after_it_is_accepted) {
  tcp::socket connected(io_);
  connected.connect(acceptor_.local_endpoint());
  api_socket client(std::move(connected));
  EXPECT_EQ(find_server_owner(client), ::geteuid());
  accepted_.emplace(acceptor_.accept());
  EXPECT_EQ(find_server_owner(client), ::geteuid());
  acceptor_.close();
  EXPECT_EQ(find_server_owner(client), ::geteuid());
  accepted_->close();
  EXPECT_FALSE(find_server_owner(client));
}

TEST_F(api_peer_test, a_unix_socket_says_who_connected) {
  asio::local::stream_protocol::socket client(io_);
  asio::local::stream_protocol::socket accepted(io_);
  asio::local::connect_pair(client, accepted);
  accepted_.emplace(std::move(accepted));
  const auto peer = find_api_peer(*accepted_);
  EXPECT_TRUE(peer.unix_socket);
  EXPECT_FALSE(peer.loopback);
  EXPECT_EQ(peer.uid, ::geteuid());
  EXPECT_TRUE(peer.is_same_user());
  EXPECT_TRUE(local_address(*accepted_).is_unspecified());
}

}  // namespace
}  // namespace app
