#include "mitm/relay/relay.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "mitm/tap/exchange_tracker.hpp"
#include "net/executor.hpp"

namespace {

using namespace std::chrono_literals;
using net::tcp;
namespace asio = boost::asio;
using clock = net::watchdog::clock;

const std::string short_request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string answer_of(std::size_t length, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\n" + more + "Content-Length: " + std::to_string(length) + "\r\n\r\n" +
         std::string(length, 'x');
}

struct blind final : mitm::exchange_observer {
  std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head&) override { return nullptr; }
};

/// A relay between two plain connections whose far ends are the test's: it may keep its upstream for a minute.
class relay : public testing::Test {
 protected:
  static constexpr int little = 4096;  // bytes of a socket's buffer

  void SetUp() override {
    connect(client_, near_client_);
    connect(origin_, near_origin_);
    near_client_->set_option(tcp::socket::send_buffer_size(little));
  }
  ~relay() override { pool_.stop(); }

  void begin(std::chrono::milliseconds keep = 1min) {
    report_ = asio::co_spawn(strand_, run(*this, keep), asio::use_future);
  }

  static std::string read(tcp::socket& from, std::size_t count) {
    std::string text(count, '\0');
    asio::read(from, asio::buffer(text));
    return text;
  }
  static void write(tcp::socket& to, std::string_view text) { asio::write(to, asio::buffer(text)); }

  /// One exchange, which the client reads whole.
  void exchange(const std::string& answer) {
    write(client_, short_request);
    EXPECT_EQ(read(origin_, short_request.size()), short_request);
    write(origin_, answer);
    EXPECT_EQ(read(client_, answer.size()), answer);
  }

  static bool has_ended(tcp::socket& peer) {
    char byte = 0;
    boost::system::error_code error;
    peer.read_some(asio::buffer(&byte, 1), error);
    return error == asio::error::eof;
  }

  asio::io_context io_;
  net::worker_pool pool_{1};
  asio::any_io_executor strand_ = pool_.strand();
  tcp::socket client_{io_};
  tcp::socket origin_{io_};
  std::optional<tcp::socket> near_client_;
  std::optional<tcp::socket> near_origin_;
  std::optional<net::plain_stream> downstream_;
  std::optional<net::plain_stream> upstream_;
  mitm::limits bounds_;
  std::future<mitm::relay_report> report_;

 private:
  void connect(tcp::socket& far, std::optional<tcp::socket>& near) {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    far.open(tcp::v4());
    far.set_option(tcp::socket::receive_buffer_size(little));
    far.connect(acceptor.local_endpoint());
    near = acceptor.accept(strand_);
  }

  static asio::awaitable<mitm::relay_report> run(relay& self, std::chrono::milliseconds keep) {
    blind observer;
    mitm::exchange_tracker tracker(observer, {});
    self.downstream_.emplace(std::move(*self.near_client_));
    self.upstream_.emplace(std::move(*self.near_origin_));
    mitm::relay<net::plain_stream> pumps(*self.downstream_, *self.upstream_, {self.bounds_, &tracker, {}, {}, keep});
    co_return co_await pumps.run();
  }
};

TEST_F(relay, leaves_the_upstream_of_a_client_that_has_gone_as_it_is) {
  begin();
  exchange(answer_of(5));
  client_.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(has_ended(client_));
  const auto report = report_.get();
  ASSERT_TRUE(report.upstream_good_until);
  EXPECT_FALSE(report.failure);
  EXPECT_GT(*report.upstream_good_until, clock::now());
  EXPECT_LE(*report.upstream_good_until, clock::now() + 1min);
  write(upstream_->socket(), "more");
  EXPECT_EQ(read(origin_, 4), "more");
}

TEST_F(relay, leaves_an_upstream_for_as_long_as_its_origin_says) {
  begin();
  exchange(answer_of(5, "Keep-Alive: timeout=11\r\n"));
  client_.shutdown(tcp::socket::shutdown_send);
  const auto report = report_.get();
  ASSERT_TRUE(report.upstream_good_until);
  EXPECT_LE(*report.upstream_good_until, clock::now() + 10s);
}

TEST_F(relay, ends_the_upstream_with_its_client_where_it_may_not_be_kept) {
  begin(0ms);
  exchange(answer_of(5));
  client_.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(has_ended(origin_));
  origin_.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(has_ended(client_));
  EXPECT_FALSE(report_.get().upstream_good_until);
}

TEST_F(relay, does_not_take_a_client_that_has_ended_for_gone_before_it_has_its_whole_answer) {
  begin();
  // One block for the relay, which is done with it before the client is: its buffers are too little.
  const auto answer = answer_of(15'000);
  write(client_, short_request);
  read(origin_, short_request.size());
  write(origin_, answer);
  auto got = read(client_, 1);
  client_.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(has_ended(origin_));
  got += read(client_, answer.size() - 1);
  EXPECT_EQ(got, answer);
  origin_.shutdown(tcp::socket::shutdown_send);
  EXPECT_TRUE(has_ended(client_));
  EXPECT_FALSE(report_.get().upstream_good_until);
}

}  // namespace
