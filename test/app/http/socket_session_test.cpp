#include "app/http/socket_session.hpp"

#include <functional>
#include <random>
#include <string>

#include <boost/asio/write.hpp>

#include "net/wire/websocket_encoder.hpp"
#include "test/app/http/api_fixture.hpp"
#include "test/app/http/h2_client.hpp"
#include "test/app/http/socket_client.hpp"

namespace app {
namespace {

using testing::HasSubstr;

/// "/socket" says back what it is told. "work" makes it busy and "rest" idle, "throw" throws.
class api_socket_session : public api_fixture {
 protected:
  api_socket_session() {
    settings_.routes.push_back({"GET", "/socket", [](api_request) { return say("no socket"); }});
    settings_.routes.back().talk = [this](web_socket& socket, api_request request) {
      return echo(socket, std::move(request));
    };
  }

  /// Sockets speak to this object to their end.
  ~api_socket_session() override {
    if (server_) drain(milliseconds(0)).get();
    server_.reset();
  }

  asio::awaitable<void> echo(web_socket& socket, api_request request) {
    for (;;) {
      auto got = co_await socket.read();
      if (got.has_error()) break;
      if (got->text == "work") socket.busy(true);
      if (got->text == "rest") socket.busy(false);
      if (got->text == "throw") throw std::runtime_error("secret reason");
      if (got->text.starts_with('#')) got->text = std::to_string(std::hash<std::string>()(got->text));
      if (got->text == "key?") got->text = request.with_key ? "with key" : "without";
      if (got->text == "for ever") socket.spawn(for_ever());
      if (got->text == "much") socket.spawn(much(socket));
      if ((co_await socket.write(got->binary ? "binary " + got->text : got->text)).has_error()) break;
    }
    ++talks_over_;
  }

  asio::awaitable<void> for_ever() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    ++cancelled_;
  }

  static asio::awaitable<void> much(web_socket& socket) {
    const std::string words(1 << 20, 'x');
    while ((co_await socket.write(words)).has_value()) {
    }
  }

  socket_client connect(socket_client::fields more = {}, bool compressed = false) {
    return socket_client(address_, "/socket", std::move(more), compressed);
  }

  std::atomic<int> talks_over_ = 0;
  std::atomic<int> cancelled_ = 0;
};

constexpr std::string_view upgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

std::string asking(std::string_view target, std::string_view more) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(upgrade) + std::string(more) +
         "\r\n";
}

TEST_F(api_socket_session, messages_go_both_ways_and_the_handshake_has_the_id_of_its_request) {
  start();
  auto peer = connect();
  EXPECT_EQ(peer.answer().result_int(), 101u);
  EXPECT_THAT(std::string(peer.answer()["x-request-id"]), testing::StartsWith("req_"));
  EXPECT_EQ(peer.answer()[http::field::server], "zerogravity");
  EXPECT_EQ(peer.send("hello").next(), "hello");
  peer.send_binary("bytes");
  EXPECT_EQ(peer.next(), "binary bytes");
  peer.stream().close(websocket::close_code::normal);
  eventually([&] { return server_->connections() == 0; });
  EXPECT_EQ(talks_over_, 1);
}

TEST_F(api_socket_session, compressed_messages_of_any_size_are_read_as_they_were_sent) {
  using namespace net::wire;
  start();
  auto peer = connect({}, true);
  websocket_encoder encoder({.on = true});
  std::minstd_rand random(7);
  for (const std::size_t size : {1, 4095, 4096, 16'383, 16'384, 16'385, 32'768, 65'536, 98'304, 131'072, 262'144}) {
    for (const int letters : {1, 4, 64}) {
      std::string message = "#";
      while (message.size() < size) message += static_cast<char>(' ' + random() % letters);
      std::string frame;
      encoder.encode(websocket_opcode::text, true, message, websocket_mask{'a', 'b', 'c', 'd'}, frame);
      asio::write(peer.stream().next_layer(), asio::buffer(frame));
      ASSERT_EQ(peer.next(), std::to_string(std::hash<std::string>()(message))) << size << " of " << letters;
    }
  }
}

TEST_F(api_socket_session, messages_are_compressed_where_the_client_offers_it) {
  start();
  auto peer = connect({}, true);
  EXPECT_THAT(std::string(peer.answer()["Sec-WebSocket-Extensions"]), HasSubstr("permessage-deflate"));
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(peer.send(text).next(), text);
  EXPECT_EQ(connect().answer().count("Sec-WebSocket-Extensions"), 0u);
}

TEST_F(api_socket_session, where_no_socket_is_asked_for_or_served_the_route_answers) {
  start();
  EXPECT_EQ(client().send("GET /socket HTTP/1.1\r\nHost: localhost\r\n\r\n").answer().body(), "no socket");
  EXPECT_EQ(client().send(asking("/socket", "Sec-WebSocket-Version: 12\r\n")).answer().body(), "no socket");
  EXPECT_EQ(client().send(asking("/query?x", "Sec-WebSocket-Version: 13\r\n")).answer().body(), "x");
  EXPECT_EQ(talks_over_, 0);
}

TEST_F(api_socket_session, who_speaks_before_the_answer_is_refused) {
  start();
  const auto answer = client().send(asking("/socket", "Sec-WebSocket-Version: 13\r\n") + "\x81\x80\1\1\1\1").answer();
  EXPECT_EQ(answer.result_int(), 400u);
}

TEST_F(api_socket_session, a_foreign_page_opens_none_and_a_page_of_our_own_needs_the_key) {
  settings_.key = "a-key-of-some-length";
  settings_.cors_origins = {"https://app.example"};
  start();
  const auto status = [&](socket_client::fields more) { return connect(std::move(more)).answer().result_int(); };
  const auto ours = "http://127.0.0.1:" + std::to_string(address_.port());
  const auto our_host = ours.substr(7);
  const std::pair<std::string, std::string> bearer{"Authorization", "Bearer a-key-of-some-length"};
  EXPECT_EQ(status({{"Origin", "https://evil.example"}}), 403u);
  EXPECT_EQ(status({{"Origin", "https://evil.example"}, bearer}), 403u);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "cross-site"}}), 403u);
  EXPECT_EQ(status({{"Host", our_host}, {"Origin", ours}, {"Sec-Fetch-Site", "same-origin"}}), 401u);
  EXPECT_EQ(status({{"Host", our_host}, {"Origin", ours}, bearer}), 101u);
  EXPECT_EQ(status({{"Origin", "https://app.example"}}), 101u) << "as a POST of a page that is listed";
  EXPECT_EQ(status({}), 101u) << "the service's own user";
  EXPECT_EQ(status({{"Host", "attacker.test"}}), 421u);
}

TEST_F(api_socket_session, where_the_key_is_required_it_opens_sockets) {
  settings_.key = "a-key-of-some-length";
  settings_.require_key = true;
  start();
  EXPECT_EQ(connect().answer().result_int(), 401u);
  EXPECT_EQ(connect({{"Authorization", "Bearer any"}}).answer().result_int(), 401u);
  EXPECT_EQ(connect({{"Authorization", "Bearer a-key-of-some-length"}}).send("key?").next(), "with key");
}

TEST_F(api_socket_session, a_message_over_the_limit_of_bodies_ends_the_socket_compressed_or_not) {
  settings_.limits.body_size = 1024;
  start();
  for (const bool compressed : {false, true}) {
    auto peer = connect({}, compressed);
    EXPECT_EQ(peer.send(std::string(1024, 'x')).next(), std::string(1024, 'x'));
    EXPECT_EQ(peer.send(std::string(1025, 'x')).closed_with(), websocket::close_code::too_big) << compressed;
  }
}

TEST_F(api_socket_session, messages_are_held_to_the_budget_of_all_bodies) {
  net::memory_budget held(256 << 10);
  settings_.held = &held;
  start();
  auto peer = connect();
  EXPECT_EQ(peer.send(std::string(400'000, 'x')).closed_with(), 1013u);
  eventually([&] { return held.used() == 0; });
}

TEST_F(api_socket_session, an_idle_socket_ends_and_one_that_works_does_not) {
  settings_.limits.idle = milliseconds(2000);
  start();
  auto idle = connect();
  EXPECT_EQ(idle.closed_with(), websocket::close_code::going_away);
  auto working = connect();
  EXPECT_EQ(working.send("work").next(), "work");
  std::thread rests([&] {
    eventually([&] { return talks_over_ == 1; });
    std::this_thread::sleep_for(milliseconds(3000));
    boost::system::error_code ignored;
    working.stream().next_layer().write_some(asio::buffer(std::string_view("\x81\x84\0\0\0\0rest", 10)), ignored);
  });
  EXPECT_EQ(working.next(), "rest") << "it was pinged, and answered, meanwhile";
  EXPECT_EQ(working.closed_with(), websocket::close_code::going_away);
  rests.join();
}

TEST_F(api_socket_session, a_client_that_answers_no_ping_is_given_up) {
  settings_.limits.idle = milliseconds(200);
  start();
  auto peer = connect();
  peer.send("work");
  eventually([&] { return server_->connections() == 1; });
  eventually([&] { return server_->connections() == 0; });  // it reads nothing, so it answers nothing
}

TEST_F(api_socket_session, a_message_that_does_not_come_to_its_end_ends_the_socket) {
  settings_.limits.body = milliseconds(200);
  start();
  auto peer = connect();
  asio::write(peer.stream().next_layer(), asio::buffer(std::string_view("\x01\x83\0\0\0\0hal", 9)));
  eventually([&] { return server_->connections() == 0; });
}

TEST_F(api_socket_session, a_client_that_does_not_take_its_messages_is_let_go) {
  settings_.limits.write = milliseconds(200);
  start();
  auto peer = connect();
  peer.send("work").send("much");
  eventually([&] { return server_->connections() == 0; });
}

TEST_F(api_socket_session, a_client_that_goes_away_ends_the_tasks_of_its_socket) {
  start();
  {
    auto peer = connect();
    EXPECT_EQ(peer.send("work").next(), "work");
    EXPECT_EQ(peer.send("for ever").next(), "for ever");
  }
  eventually([&] { return server_->connections() == 0; });
  EXPECT_EQ(cancelled_, 1);
  EXPECT_THAT(faults(), testing::IsEmpty());
}

TEST_F(api_socket_session, what_its_route_throws_is_said_in_the_log_and_to_the_client_only_as_1011) {
  start();
  auto peer = connect();
  EXPECT_EQ(peer.send("throw").closed_with(), websocket::close_code::internal_error);
  EXPECT_THAT(faults(), testing::ElementsAre(std::string(peer.answer()["x-request-id"]) + " secret reason"));
}

TEST_F(api_socket_session, the_end_of_the_service_closes_idle_sockets_at_once_and_others_after_their_work) {
  start();
  auto idle = connect();
  auto working = connect();
  EXPECT_EQ(working.send("work").next(), "work");
  auto drained = drain(std::chrono::minutes(1));
  EXPECT_EQ(idle.closed_with(), websocket::close_code::going_away);
  EXPECT_EQ(working.send("more").next(), "more");
  EXPECT_EQ(working.send("rest").closed_with(), websocket::close_code::going_away);
  drained.get();
}

TEST_F(api_socket_session, the_end_of_the_service_waits_no_longer_than_it_is_to) {
  start();
  auto working = connect();
  EXPECT_EQ(working.send("work").next(), "work");
  EXPECT_EQ(working.send("for ever").next(), "for ever");
  drain(milliseconds(0)).get();
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(api_socket_session, the_oldest_idle_socket_gives_way_to_a_new_connection) {
  settings_.limits.connections = 2;
  start();
  auto working = connect();
  EXPECT_EQ(working.send("work").next(), "work");
  auto idle = connect();
  EXPECT_EQ(idle.send("x").next(), "x");
  auto late = client();
  late.send(get_root);
  EXPECT_EQ(idle.closed_with(), websocket::close_code::going_away);
  EXPECT_EQ(late.answer().body(), "root");
  EXPECT_EQ(working.send("still").next(), "still");
}

// ---- HTTP/2

constexpr std::string_view hello = {"\x81\x85\0\0\0\0hello", 11};  // of a client: masked, by zeros
constexpr std::string_view hello_back = "\x81\x05hello";

h2_fields extended(h2_fields more = {}) {
  h2_fields all{{":authority", "localhost"}, {":protocol", "websocket"}, {"sec-websocket-version", "13"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class api_socket_session_h2 : public api_socket_session {
 protected:
  /// An open socket.
  static std::int32_t open(h2_client& peer, h2_fields more = {}) {
    const auto id = peer.ask("CONNECT", "/socket", extended(std::move(more)), "", false);
    peer.until([&] { return !peer.at(id).status.empty(); });
    EXPECT_EQ(peer.at(id).status, "200");
    return id;
  }
};

TEST_F(api_socket_session_h2, an_extended_connect_opens_a_socket_beside_other_requests) {
  start();
  h2_client peer(address_);
  const auto id = open(peer);
  EXPECT_EQ(peer.setting(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL), 1u);
  EXPECT_THAT(peer.at(id).fields["x-request-id"], testing::StartsWith("req_"));
  for (const char* name : {"connection", "upgrade", "sec-websocket-accept"}) {
    EXPECT_EQ(peer.at(id).fields.count(name), 0u) << name;
  }
  peer.add_body(id, hello, false);
  peer.until([&] { return peer.at(id).body == hello_back; });
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
  const std::string_view bye("\x88\x82\0\0\0\0\x03\xe8", 8);  // 1000
  peer.add_body(id, bye, true);
  EXPECT_EQ(peer.answer(id).body, std::string(hello_back) + "\x88\x02\x03\xe8");
  EXPECT_TRUE(peer.at(id).whole);
  eventually([&] { return talks_over_ == 1; });
}

TEST_F(api_socket_session_h2, compression_is_negotiated_as_in_http_1_1) {
  start();
  h2_client peer(address_);
  const auto id = open(peer, {{"sec-websocket-extensions", "permessage-deflate"}});
  EXPECT_THAT(peer.at(id).fields["sec-websocket-extensions"], HasSubstr("permessage-deflate"));
}

TEST_F(api_socket_session_h2, many_bytes_pass_both_ways_through_the_windows) {
  start();
  h2_client peer(address_);
  const auto id = open(peer);
  const std::string words(300'000, 'x');
  std::string frame("\x81\xff\0\0\0\0\0\x04\x93\xe0\0\0\0\0", 14);
  peer.add_body(id, frame + words, false);
  const auto all = std::string("\x81\x7f\0\0\0\0\0\x04\x93\xe0", 10) + words;
  peer.until([&] { return peer.at(id).body.size() >= all.size(); });
  EXPECT_EQ(peer.at(id).body, all);
}

TEST_F(api_socket_session_h2, what_is_no_socket_gets_no_tunnel) {
  start();
  h2_client peer(address_);
  EXPECT_EQ(peer.answer_to("CONNECT", "/query", extended(), "").status, "405");
  EXPECT_EQ(peer.answer_to("CONNECT", "/nowhere", extended(), "").status, "404");
  EXPECT_EQ(
      peer.answer_to("CONNECT", "/socket", {{":authority", "localhost"}, {":protocol", "webtransport"}}, "").status,
      "405");
  EXPECT_EQ(peer.answer_to("CONNECT", "/socket", extended({{"origin", "https://evil.example"}}), "").status, "403");
  EXPECT_EQ(peer.answer_to("GET", "/socket").body, "no socket");
  EXPECT_EQ(talks_over_, 0);
}

TEST_F(api_socket_session_h2, a_stream_that_is_reset_ends_the_tasks_of_its_socket) {
  start();
  h2_client peer(address_);
  const auto id = open(peer);
  peer.add_body(id, {"\x81\x88\0\0\0\0for ever", 14}, false);
  peer.until([&] { return !peer.at(id).body.empty(); });
  peer.reset(id);
  peer.flush();
  eventually([&] { return cancelled_ == 1 && talks_over_ == 1; });
  EXPECT_EQ(peer.answer_to("GET", "/").body, "root");
}

TEST_F(api_socket_session_h2, the_end_of_the_service_closes_its_sockets) {
  start();
  h2_client peer(address_);
  const auto id = open(peer);
  auto drained = drain(std::chrono::minutes(1));
  peer.until([&] { return !peer.at(id).body.empty(); });
  EXPECT_EQ(peer.at(id).body, "\x88\x02\x03\xe9") << "1001";
  peer.add_body(id, {"\x88\x82\0\0\0\0\x03\xe9", 8}, true);
  peer.answer(id);
  EXPECT_EQ(peer.goaway(), NGHTTP2_NO_ERROR);
  drained.get();
}

TEST_F(api_socket_session_h2, a_connection_that_is_gone_takes_its_sockets_along) {
  start();
  {
    h2_client peer(address_);
    const auto id = open(peer);
    peer.add_body(id, {"\x81\x88\0\0\0\0for ever", 14}, false);
    peer.until([&] { return !peer.at(id).body.empty(); });
  }
  eventually([&] { return server_->connections() == 0; });
  EXPECT_EQ(cancelled_, 1);
}

}  // namespace
}  // namespace app
