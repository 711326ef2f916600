#include "net/tls_stream.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "mitm/upstream/upstream.hpp"
#include "test/support/run.hpp"
#include "test/support/tls_origin.hpp"

namespace {

namespace asio = boost::asio;
using net::tcp;

class tls_stream : public testing::Test {
 protected:
  using talk = std::function<asio::awaitable<void>(net::tls_stream&)>;

  /// A client that trusts `trusted` and asks for `name`, against an origin that runs `serve`.
  net::result<void> connect(const std::string& name, talk serve, talk client, std::string trusted = "") {
    test::tls_origin origin(pool_, theirs_.context({"origin.test"}), std::move(serve));
    auto context = mitm::make_upstream_context({trusted.empty() ? theirs_.file() : trusted, ""}).value();
    return test::run(pool_,
                     [](tcp::endpoint to, SSL_CTX* with, std::string host, talk then,
                        std::string& words) -> asio::awaitable<net::result<void>> {
                       tcp::socket socket(co_await asio::this_coro::executor);
                       co_await socket.async_connect(to, asio::use_awaitable);
                       net::tls_stream stream(std::move(socket), with, net::tls_stream::role::client);
                       mitm::prepare_upstream(stream, host, {});
                       const auto shaken = co_await stream.handshake();
                       words = stream.why();
                       if (!shaken.has_error()) co_await then(stream);
                       co_return shaken;
                     }(origin.endpoint(), context.get(), name, std::move(client), why_));
  }

  net::worker_pool pool_{2};
  test::temp_dir dir_;
  test::test_authority theirs_{dir_ / "origin", {"origin.test"}};
  test::test_authority others_{dir_ / "others", {"others.test"}};
  std::string why_;
};

asio::awaitable<void> echo(net::tls_stream& stream) {
  const std::string text = co_await test::read_to_end(stream);
  co_await net::write_all(stream, text);
  stream.shutdown_send();
}

TEST_F(tls_stream, carries_megabytes_both_ways_after_half_a_close) {
  const std::string big(3 << 20, 'b');
  std::string got;
  boost::system::error_code end;
  const auto done = connect("origin.test", echo, [&](net::tls_stream& stream) -> asio::awaitable<void> {
    co_await net::write_all(stream, big);
    stream.shutdown_send();
    got = co_await test::read_to_end(stream, &end);
  });
  EXPECT_FALSE(done.has_error());
  EXPECT_EQ(got, big);
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(tls_stream, tells_a_cut_connection_from_a_finished_one) {
  boost::system::error_code end;
  const auto cut = [](net::tls_stream& stream) -> asio::awaitable<void> {
    co_await net::write_all(stream, "half");
    stream.truncate();
    co_await test::read_to_end(stream);
  };
  connect("origin.test", cut,
          [&end](net::tls_stream& stream) -> asio::awaitable<void> { co_await test::read_to_end(stream, &end); });
  EXPECT_EQ(end, net::errc::truncated);
}

TEST_F(tls_stream, refuses_a_certificate_of_an_unknown_authority_in_the_verifiers_words) {
  const auto done = connect("origin.test", echo, echo, others_.file());
  ASSERT_TRUE(done.has_error());
  EXPECT_EQ(done.error(), net::errc::certificate_untrusted);
  EXPECT_NE(why_, "");
}

TEST_F(tls_stream, refuses_a_certificate_for_another_name) {
  const auto done = connect("elsewhere.test", echo, echo);
  ASSERT_TRUE(done.has_error());
  EXPECT_EQ(done.error(), net::errc::certificate_untrusted);
}

TEST_F(tls_stream, goes_on_with_the_same_connection_on_another_executor) {
  std::string got;
  bool waited_elsewhere = false;
  const auto done = connect("origin.test", echo, [&](net::tls_stream& stream) -> asio::awaitable<void> {
    co_await net::write_all(stream, "one ");
    const auto there = pool_.strand();
    EXPECT_FALSE(stream.move_to(there));
    waited_elsewhere = stream.socket().get_executor() == there;
    co_await net::write_all(stream, "two");
    stream.shutdown_send();
    got = co_await test::read_to_end(stream);
  });
  EXPECT_FALSE(done.has_error());
  EXPECT_TRUE(waited_elsewhere);
  EXPECT_EQ(got, "one two");
}

TEST_F(tls_stream, that_is_closed_cannot_go_on_elsewhere) {
  boost::system::error_code error;
  connect("origin.test", echo, [&](net::tls_stream& stream) -> asio::awaitable<void> {
    stream.socket().close();
    error = stream.move_to(pool_.strand());
    co_return;
  });
  EXPECT_TRUE(error);
}

}  // namespace
