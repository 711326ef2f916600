#include "net/http_head.hpp"

#include <gtest/gtest.h>

#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/executor.hpp"
#include "test/support/run.hpp"
#include "test/support/split.hpp"

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class take_http_head : public testing::Test {
 protected:
  take_http_head() : ours_(pool_.strand()), theirs_(pool_.strand()) {
    tcp::acceptor acceptor(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
    ours_.connect(acceptor.local_endpoint());
    theirs_ = acceptor.accept();
    theirs_.set_option(tcp::no_delay(true));
  }
  ~take_http_head() override { pool_.stop(); }

  net::result<std::string> take(std::size_t most = 1000) { return test::run(pool_, net::take_http_head(ours_, most)); }
  void say(std::string_view text) { asio::write(theirs_, asio::buffer(text)); }

  net::worker_pool pool_{1};
  tcp::socket ours_;
  tcp::socket theirs_;
};

constexpr std::string_view head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";

TEST_F(take_http_head, takes_the_head_and_leaves_what_follows) {
  say(std::string(head) + "tunnel");
  EXPECT_EQ(*take(), head);
  std::string rest(6, '\0');
  asio::read(ours_, asio::buffer(rest));
  EXPECT_EQ(rest, "tunnel");
}

TEST_F(take_http_head, however_it_comes) {
  support::for_each_split(head, [this](const support::pieces& cut) {
    std::jthread saying([&] {
      for (const auto piece : cut) say(piece);
    });
    const auto taken = take();
    ASSERT_TRUE(taken.has_value()) << support::describe(cut);
    EXPECT_EQ(*taken, head) << support::describe(cut);
  });
}

TEST_F(take_http_head, two_in_a_row_are_two) {
  say(std::string(head) + std::string(head));
  EXPECT_EQ(*take(), head);
  EXPECT_EQ(*take(), head);
}

TEST_F(take_http_head, one_that_is_too_long_or_cut_off_is_an_error) {
  say(std::string(300, 'x'));
  EXPECT_EQ(take(200).error(), asio::error::message_size);
  say("HTTP/1.1 200");
  theirs_.close();
  EXPECT_EQ(take().error(), asio::error::eof);
}

}  // namespace
