#include "app/run/name_service.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_future.hpp>

namespace app::run {
namespace {

using asio::ip::udp;
using std::chrono::milliseconds;

constexpr milliseconds no_answer_for{200};     // for what must not come
constexpr milliseconds answer_within{30'000};  // for what must

/// An address of loopback that is this process's own, since the server's port is always 53.
asio::ip::address_v4 own_address() {
  return asio::ip::address_v4(0x7f000000u | (static_cast<std::uint32_t>(::getpid()) & 0x3fffff) << 1 | 1);
}

class name_service_test : public testing::Test {
 protected:
  void SetUp() override {
    boost::system::error_code error;
    server_.open(udp::v4());
    server_.bind({own_address(), 53}, error);
    if (error) GTEST_SKIP() << "port 53: " << error.message();
    service_socket_.open(udp::v4());
    service_socket_.bind({own_address(), 0});
    const int on = 1;
    ASSERT_EQ(::setsockopt(service_socket_.native_handle(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on), 0);
    client_.open(udp::v4());
    client_.connect(service_socket_.local_endpoint());
  }

  void start(const run_limits& bounds) {
    std::vector<net::descriptor> sockets;
    sockets.emplace_back(::dup(service_socket_.native_handle()));
    names_ = std::make_unique<name_service>(workers_, bounds, std::move(sockets));
  }

  void TearDown() override {
    if (names_) asio::co_spawn(workers_.strand(), names_->stop(), asio::use_future).get();
  }

  void ask(const std::string& text) { client_.send(asio::buffer(text)); }

  /// What comes to `socket` within `limit`; empty: nothing.
  static std::string got(udp::socket& socket, udp::endpoint& from, milliseconds limit) {
    pollfd ready{socket.native_handle(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(limit.count())) != 1) return {};
    std::string text(512, '\0');
    text.resize(socket.receive_from(asio::buffer(text), from));
    return text;
  }

  net::worker_pool workers_{1};
  asio::io_context io_;
  udp::socket server_{io_};
  udp::socket service_socket_{io_};
  udp::socket client_{io_};
  udp::endpoint asker_;
  std::unique_ptr<name_service> names_;
};

TEST_F(name_service_test, beyond_the_limit_a_query_waits_until_another_is_answered) {
  start({.dns_answer = answer_within * 10, .dns_queries = 1});
  ask("first");
  EXPECT_EQ(got(server_, asker_, answer_within), "first");
  ask("second");
  udp::endpoint nobody;
  EXPECT_EQ(got(server_, nobody, no_answer_for), "");
  server_.send_to(asio::buffer("answer", 6), asker_);
  udp::endpoint answered;
  EXPECT_EQ(got(client_, answered, answer_within), "answer");
  EXPECT_EQ(got(server_, asker_, answer_within), "second");
}

TEST_F(name_service_test, a_query_that_is_not_answered_in_time_makes_room) {
  start({.dns_answer = milliseconds(200), .dns_queries = 1});
  ask("first");
  EXPECT_EQ(got(server_, asker_, answer_within), "first");
  ask("second");
  EXPECT_EQ(got(server_, asker_, answer_within), "second");
}

TEST_F(name_service_test, within_the_limit_queries_do_not_wait_for_each_other) {
  start({.dns_answer = answer_within * 10, .dns_queries = 2});
  ask("first");
  EXPECT_EQ(got(server_, asker_, answer_within), "first");
  ask("second");
  EXPECT_EQ(got(server_, asker_, answer_within), "second");
}

}  // namespace
}  // namespace app::run
