#include "mitm/upstream/upstream_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mitm/upstream/upstream.hpp"
#include "test/support/run.hpp"
#include "test/support/tls_origin.hpp"

namespace {

using testing::ElementsAre;
namespace asio = boost::asio;

class upstream_sessions : public testing::Test {
 protected:
  /// Whether the handshake with the origin resumed a session.
  bool connect(const std::string& name) {
    return test::run(pool_, [](upstream_sessions& self, std::string host) -> asio::awaitable<bool> {
      net::tcp::socket socket(co_await asio::this_coro::executor);
      co_await socket.async_connect(self.origin_.endpoint(), asio::use_awaitable);
      net::tls_stream stream(std::move(socket), self.context_.get(), net::tls_stream::role::client);
      mitm::prepare_upstream(stream, host, {});
      self.sessions_.offer(stream.native());
      const auto shaken = co_await stream.handshake();
      EXPECT_FALSE(shaken.has_error());
      // Tickets come behind the handshake, with the first bytes that are read.
      co_await test::read_to_end(stream);
      co_return SSL_session_reused(stream.native()) == 1;
    }(*this, name));
  }

  static asio::awaitable<void> greet(net::tls_stream& client) {
    co_await net::write_all(client, "hello");
    client.shutdown_send();
    co_await test::read_to_end(client);
  }

  net::worker_pool pool_{2};
  test::temp_dir dir_;
  test::test_authority theirs_{dir_ / "origin", {"origin.test"}};
  test::tls_origin origin_{pool_, theirs_.context({"a.origin.test", "b.origin.test"}), greet};
  net::ssl_context_ptr context_ = mitm::make_upstream_context({theirs_.file(), ""}).value();
  mitm::upstream_sessions sessions_{context_.get()};
};

TEST_F(upstream_sessions, are_resumed_by_the_next_connection_to_the_same_name) {
  EXPECT_FALSE(connect("a.origin.test"));
  EXPECT_TRUE(connect("a.origin.test"));
}

TEST_F(upstream_sessions, are_never_offered_to_another_name) {
  EXPECT_FALSE(connect("a.origin.test"));
  EXPECT_FALSE(connect("b.origin.test"));
}

}  // namespace
