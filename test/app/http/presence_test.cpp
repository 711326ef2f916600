#include "app/http/presence.hpp"

#include "test/app/http/api_fixture.hpp"

namespace app {
namespace {

class api_presence : public api_fixture {
 protected:
  /// A handler that waits until it is cancelled or told to go on.
  asio::awaitable<api_response> wait() {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    {
      std::lock_guard lock(mutex_);
      timer_ = &timer;
    }
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) cancelled_ = true;
    co_return api_response{200, "waited"};
  }

  void go_on() {
    std::lock_guard lock(mutex_);
    asio::post(timer_->get_executor(), [timer = timer_] { timer->cancel(); });
  }

  bool waits() {
    std::lock_guard lock(mutex_);
    return timer_ != nullptr;
  }

  void serve() {
    settings_.routes.push_back({"GET", "/wait", [this](api_request) { return wait(); }, false, true});
    start();
  }

  asio::steady_timer* timer_ = nullptr;
  std::atomic<bool> cancelled_ = false;
};

constexpr std::string_view get_wait = "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(api_presence, a_client_that_goes_away_cancels_the_handler) {
  serve();
  {
    auto peer = client();
    peer.send(get_wait);
    eventually([&] { return waits(); });
    EXPECT_FALSE(cancelled_);
  }
  eventually([&] { return cancelled_.load(); });
  EXPECT_TRUE(faults().empty());
}

TEST_F(api_presence, requests_that_come_meanwhile_keep_their_turn) {
  serve();
  auto peer = client();
  peer.send(get_wait);
  eventually([&] { return waits(); });
  peer.send(get_root);
  go_on();
  EXPECT_EQ(peer.answer().body(), "waited");
  EXPECT_EQ(peer.answer().body(), "root");
}

TEST_F(api_presence, a_client_that_sends_more_than_there_is_room_for_is_still_answered) {
  serve();
  auto peer = client();
  peer.send(get_wait);
  eventually([&] { return waits(); });
  std::string crowd;
  while (crowd.size() < 4 * (settings_.limits.head_size + api_connection::read_ahead)) crowd += get_root;
  std::thread sending([&] { peer.send(crowd); });
  go_on();
  EXPECT_EQ(peer.answer().body(), "waited");
  for (std::size_t i = 0; i < crowd.size() / get_root.size(); ++i) ASSERT_EQ(peer.answer().body(), "root");
  sending.join();
}

TEST_F(api_presence, a_shutdown_is_not_taken_for_the_clients_leaving) {
  serve();
  auto peer = client();
  peer.send(get_wait);
  eventually([&] { return waits(); });
  auto drained = drain(std::chrono::duration_cast<milliseconds>(never));
  // Until the drain has ended the session's input; another connection is refused from then on.
  eventually([&] {
    boost::system::error_code refused;
    asio::io_context context;
    tcp::socket(context).connect(address_, refused);
    return refused.failed();
  });
  go_on();
  EXPECT_EQ(peer.answer().body(), "waited");
  drained.get();
  server_.reset();
  EXPECT_FALSE(cancelled_);
}

}  // namespace
}  // namespace app
