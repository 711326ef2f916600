#include "app/http/h2_session.hpp"

#include <atomic>

#include "test/app/http/api_fixture.hpp"
#include "test/app/http/h2_client.hpp"

namespace app {
namespace {

class api_h2_session : public api_fixture {
 protected:
  ~api_h2_session() override {
    if (server_) drain(milliseconds(0)).get();
    server_.reset();
  }

  /// Handlers that wait until they are cancelled or told to go on.
  asio::awaitable<api_response> wait() {
    asio::steady_timer timer(co_await asio::this_coro::executor, never);
    {
      std::lock_guard lock(mutex_);
      timers_.push_back(&timer);
    }
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) ++cancelled_;
    std::lock_guard lock(mutex_);
    std::erase(timers_, &timer);
    co_return api_response{200, "waited"};
  }

  void release() {
    std::lock_guard lock(mutex_);
    for (auto* timer : timers_) asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  }

  std::size_t waiting() {
    std::lock_guard lock(mutex_);
    return timers_.size();
  }

  void serve() {
    settings_.routes.push_back({"GET", "/wait", [this](api_request) { return wait(); }, false, true});
    settings_.routes.push_back({"GET", "/short", [this](api_request) { return wait(); }, false, false});
    start();
  }

  std::vector<asio::steady_timer*> timers_;
  std::atomic<int> cancelled_ = 0;
};

TEST_F(api_h2_session, a_connection_without_streams_gives_way_to_another_and_one_with_them_does_not) {
  settings_.limits.connections = 2;
  serve();
  h2_client busy(address_);
  busy.ask("GET", "/wait");
  busy.flush();
  eventually([&] { return waiting() == 1; });
  h2_client idle(address_);
  EXPECT_EQ(idle.answer_to("GET", "/").body, "root");
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  EXPECT_TRUE(idle.end().failed());
  EXPECT_EQ(waiting(), 1u);
  release();
}

TEST_F(api_h2_session, the_preface_may_come_in_any_pieces_and_http_1_1_is_as_before) {
  start();
  for (const std::size_t size : {1, 7, 23, 24, 25}) {
    h2_client peer(address_);
    const auto id = peer.ask("GET", "/");
    const auto bytes = peer.take();
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      asio::write(peer.socket(), asio::buffer(bytes.substr(at, size)));
    }
    EXPECT_EQ(peer.answer(id).body, "root") << size;
  }
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  auto like = client();
  EXPECT_EQ(like.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r").end_output().answer().result_int(), 400u);
  EXPECT_EQ(client().send("PRI * HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().result_int(), 404u);
}

TEST_F(api_h2_session, half_a_preface_is_a_head_that_does_not_come_in_time) {
  settings_.limits.head = milliseconds(200);
  start();
  EXPECT_EQ(client().send("PRI * HT").answer().result_int(), 408u);
}

TEST_F(api_h2_session, many_requests_of_one_connection_are_answered_at_once) {
  serve();
  h2_client peer(address_);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(peer.ask("GET", "/wait"));
  peer.flush();
  eventually([&] { return waiting() == 100; });
  ids.push_back(peer.ask("GET", "/wait"));  // keeps to limits.api_h2_streams, so waits for another's end
  peer.flush();
  release();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(peer.answer(ids[i]).body, "waited");
  eventually([&] { return waiting() == 1; });
  release();
  EXPECT_EQ(peer.answer(ids.back()).body, "waited");
}

TEST_F(api_h2_session, a_client_is_told_how_many_streams_it_may_open) {
  settings_.limits.h2_streams = 3;
  serve();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  EXPECT_EQ(peer.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 3u);
}

TEST_F(api_h2_session, a_client_that_resets_what_it_asks_for_finds_an_end) {
  settings_.limits.h2_streams = 3;
  serve();
  h2_client peer(address_);
  for (std::size_t i = 1; i <= 6; ++i) {
    const auto id = peer.ask("GET", "/short");  // goes on without its client
    peer.flush();
    eventually([&] { return waiting() == i; });
    peer.reset(id);
  }
  EXPECT_EQ(peer.answer_to("GET", "/").error, NGHTTP2_REFUSED_STREAM);
  release();
  eventually([&] { return peer.answer_to("GET", "/").body == "root"; });
}

TEST_F(api_h2_session, a_stream_that_the_client_resets_cancels_its_handler_and_no_other) {
  serve();
  h2_client peer(address_);
  const auto gone = peer.ask("GET", "/wait");
  const auto kept = peer.ask("GET", "/wait");
  peer.flush();
  eventually([&] { return waiting() == 2; });
  peer.reset(gone);
  peer.flush();
  eventually([&] { return cancelled_ == 1; });
  EXPECT_EQ(waiting(), 1u);
  release();
  EXPECT_EQ(peer.answer(kept).body, "waited");
  EXPECT_EQ(cancelled_, 1);
  EXPECT_TRUE(faults().empty());
}

TEST_F(api_h2_session, a_client_that_goes_away_cancels_all_that_is_watched) {
  serve();
  {
    h2_client peer(address_);
    for (int i = 0; i < 3; ++i) peer.ask("GET", "/wait");
    peer.ask("GET", "/short");
    peer.flush();
    eventually([&] { return waiting() == 4; });
  }
  eventually([&] { return cancelled_ == 3; });
  EXPECT_EQ(waiting(), 1u);
  EXPECT_EQ(server_->connections(), 1u);
  release();
  eventually([&] { return server_->connections() == 0; });
  EXPECT_TRUE(faults().empty());
}

TEST_F(api_h2_session, a_connection_without_a_request_ends_with_a_goodbye) {
  settings_.limits.idle = milliseconds(200);
  serve();
  h2_client peer(address_);
  const auto id = peer.ask("GET", "/wait");
  peer.flush();
  eventually([&] { return waiting() == 1; });
  std::this_thread::sleep_for(milliseconds(300));  // not idle
  release();
  EXPECT_EQ(peer.answer(id).body, "waited");
  EXPECT_EQ(peer.end(), asio::error::eof);
  EXPECT_EQ(peer.goaway(), NGHTTP2_NO_ERROR);
}

TEST_F(api_h2_session, a_head_that_does_not_come_to_its_end_ends_the_connection) {
  settings_.limits.head = milliseconds(200);
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  peer.ask("GET", "/", {{"x-large", std::string(500, 'x')}});
  asio::write(peer.socket(), asio::buffer(peer.take().substr(0, 100)));
  EXPECT_EQ(peer.end(), asio::error::eof);
  EXPECT_EQ(peer.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(api_h2_session, what_is_no_http_2_gets_a_goodbye_and_the_end) {
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  asio::write(peer.socket(), asio::buffer(std::string(100, '\0')));  // DATA on no stream
  EXPECT_EQ(peer.end(), asio::error::eof);
  EXPECT_EQ(peer.goaway(), NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(api_h2_session, a_client_that_takes_nothing_from_its_socket_is_given_up) {
  settings_.limits.write = milliseconds(200);
  std::atomic<int> broken = 0;
  settings_.routes.push_back({"GET", "/flood", [&](api_request) -> asio::awaitable<api_response> {
                                co_return api_response{
                                    .stream = [&](api_stream& to, api_response&) -> asio::awaitable<stream_end> {
                                      while ((co_await to.write(std::string(1 << 16, 'x'))).has_value()) {
                                      }
                                      ++broken;
                                      co_return stream_end::broken;
                                    }};
                              }});
  start();
  h2_client peer(address_);
  nghttp2_submit_window_update(peer.session(), 0, 0, 1 << 30);
  const auto id = peer.ask("GET", "/flood");
  peer.flush();
  nghttp2_submit_window_update(peer.session(), 0, id, 1 << 30);
  peer.flush();
  eventually([&] { return broken == 1 && server_->connections() == 0; });
}

TEST_F(api_h2_session, an_answer_goes_on_when_the_socket_takes_it_again) {
  constexpr std::size_t size = 64 << 20;  // more than two sockets hold
  settings_.routes.push_back(
      {"GET", "/large", [](api_request) -> asio::awaitable<api_response> { return say(std::string(size, 'x')); }});
  start();
  h2_client peer(address_);
  nghttp2_submit_window_update(peer.session(), 0, 0, 1 << 30);
  const auto id = peer.ask("GET", "/large");
  peer.flush();
  nghttp2_submit_window_update(peer.session(), 0, id, 1 << 30);
  peer.flush();
  std::this_thread::sleep_for(milliseconds(50));  // so that the server comes to wait; it need not
  EXPECT_EQ(peer.answer(id).body.size(), size);
  EXPECT_TRUE(peer.at(id).whole);
}

TEST_F(api_h2_session, a_drain_ends_an_idle_connection_at_once) {
  serve();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  drain(never).get();
  EXPECT_EQ(peer.end(), asio::error::eof);
  EXPECT_EQ(peer.goaway(), NGHTTP2_NO_ERROR);
}

TEST_F(api_h2_session, a_drain_lets_answers_under_way_be_given_whatever_their_length) {
  settings_.routes.push_back({"GET", "/long",
                              [this](api_request) -> asio::awaitable<api_response> {
                                co_await wait();
                                co_return api_response{200, std::string(1 << 20, 'x')};
                              },
                              false, true});
  serve();
  h2_client peer(address_);
  const auto id = peer.ask("GET", "/long");
  peer.flush();
  eventually([&] { return waiting() == 1; });
  auto drained = drain(never);
  peer.until([&] { return peer.goaway().has_value(); });
  release();
  EXPECT_EQ(peer.answer(id).body.size(), 1u << 20);
  EXPECT_EQ(peer.end(), asio::error::eof);
  peer.socket().close();
  drained.get();
  server_.reset();
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(api_h2_session, a_drain_cuts_what_lasts_longer_than_its_limit) {
  serve();
  h2_client peer(address_);
  peer.ask("GET", "/short");
  peer.ask("GET", "/wait");
  peer.flush();
  eventually([&] { return waiting() == 2; });
  drain(milliseconds(200)).get();
  EXPECT_EQ(cancelled_, 2);
  EXPECT_TRUE(peer.end().failed());
  EXPECT_TRUE(faults().empty());
}

TEST_F(api_h2_session, a_cut_ends_handlers_whose_client_has_gone) {
  serve();
  {
    h2_client peer(address_);
    peer.ask("GET", "/short");
    peer.flush();
    eventually([&] { return waiting() == 1; });
  }
  auto drained = drain(never);
  EXPECT_EQ(drained.wait_for(milliseconds(20)), std::future_status::timeout);
  server_->cut();
  drained.get();
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(api_h2_session, many_connections_with_many_streams_are_all_answered) {
  start();
  std::vector<std::future<int>> clients;
  for (int c = 0; c < 4; ++c) {
    clients.push_back(std::async(std::launch::async, [this] {
      h2_client peer(address_);
      int answered = 0;
      for (int round = 0; round < 5; ++round) {
        std::vector<std::int32_t> ids;
        for (int i = 0; i < 100; ++i) ids.push_back(peer.ask("POST", "/echo", {}, std::to_string(i)));
        for (int i = 0; i < 100; ++i) answered += peer.answer(ids[i]).body == std::to_string(i) ? 1 : 0;
      }
      return answered;
    }));
  }
  for (auto& one : clients) EXPECT_EQ(one.get(), 500);
}

}  // namespace
}  // namespace app
