#include "app/http/session.hpp"

#include <list>

#include "test/app/http/api_fixture.hpp"

namespace app {
namespace {

using testing::HasSubstr;

class api_session : public api_fixture {};

TEST_F(api_session, every_answer_carries_the_headers_that_sdks_read) {
  start();
  auto peer = client();
  for (const char* target : {"/", "/nowhere", "/fault"}) {
    const auto answer = peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
    EXPECT_THAT(std::string(answer["x-request-id"]), testing::MatchesRegex("req_[0-9a-f]+")) << target;
    EXPECT_FALSE(answer["openai-processing-ms"].empty()) << target;
    EXPECT_FALSE(answer["openai-version"].empty()) << target;
    EXPECT_EQ(answer[http::field::content_type], "application/json") << target;
    EXPECT_FALSE(answer[http::field::date].empty()) << target;
  }
}

TEST_F(api_session, a_web_page_may_ask_only_if_its_origin_is_listed) {
  settings_.cors_origins = {"https://app.example"};
  start();
  auto peer = client();
  const auto ask = [&](std::string method, std::string origin) {
    return peer
        .send(method + " / HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin +
              "\r\nAccess-Control-Request-Headers: authorization\r\n\r\n")
        .answer();
  };
  const auto preflight = ask("OPTIONS", "https://app.example");
  EXPECT_EQ(preflight.result_int(), 204u);
  EXPECT_EQ(preflight[http::field::access_control_allow_headers], "authorization");
  EXPECT_EQ(ask("GET", "https://app.example")[http::field::access_control_allow_origin], "https://app.example");
  EXPECT_EQ(ask("GET", "https://evil.example").result_int(), 403u);
  EXPECT_EQ(ask("GET", "https://evil.example").count(http::field::access_control_allow_origin), 0u);
  EXPECT_EQ(ask("OPTIONS", "https://evil.example").result_int(), 403u);
}

TEST_F(api_session, head_gets_the_length_of_the_body_without_the_body) {
  start();
  auto peer = client();
  peer.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto answer = peer.answer(true);
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_length], "4");
  EXPECT_EQ(peer.send(get_root).answer().body(), "root");  // nothing of a body was in between
}

TEST_F(api_session, a_connection_is_kept_for_further_requests) {
  start();
  auto peer = client();
  const auto first = peer.send(get_root).answer();
  const auto second = peer.send("GET /query?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
  EXPECT_TRUE(first.keep_alive());
  EXPECT_EQ(second.body(), "a=b");
  EXPECT_NE(first["x-request-id"], second["x-request-id"]);
}

TEST_F(api_session, pipelined_requests_are_answered_in_order) {
  start();
  auto peer = client();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "GET /query?" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    all += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi";
  }
  peer.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(peer.answer().body(), std::to_string(i));
    EXPECT_EQ(peer.answer().body(), "hi");
  }
}

TEST_F(api_session, close_and_http_1_0_end_the_connection_after_the_answer) {
  start();
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    auto peer = client();
    EXPECT_THAT(peer.send(request).rest(), testing::EndsWith("\r\n\r\nroot")) << request;
  }
}

TEST_F(api_session, malformed_requests_get_a_400_and_the_end) {
  start();
  for (const char* request :
       {"GARBAGE\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00"}) {
    auto peer = client();
    const auto answer = peer.send(request).end_output().answer();
    EXPECT_EQ(answer.result_int(), 400u) << request;
    EXPECT_EQ(error_code_of(answer), "bad_request") << request;
    EXPECT_EQ(peer.rest(), "") << request;
  }
}

TEST_F(api_session, a_head_over_its_limit_is_refused_with_431) {
  settings_.limits.head_size = 1024;
  start();
  auto peer = client();
  peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n");
  EXPECT_EQ(peer.answer().result_int(), 431u);
}

TEST_F(api_session, a_body_over_its_limit_is_refused_with_413_however_it_is_framed) {
  settings_.limits.body_size = 1024;
  start();
  const std::string start_line = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  const std::string body(2000, 'x');
  for (const auto& rest : {"Content-Length: 2000\r\n\r\n" + body, "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + body}) {
    auto peer = client();
    const auto answer = peer.send(start_line + rest).answer();
    EXPECT_EQ(answer.result_int(), 413u);
    EXPECT_FALSE(answer.keep_alive());
  }
  auto peer = client();
  EXPECT_EQ(peer.send(start_line + "Content-Length: 1024\r\n\r\n" + body.substr(0, 1024)).answer().body().size(),
            1024u);
}

TEST_F(api_session, a_refused_body_that_is_still_being_sent_does_not_reset_the_connection) {
  start();
  auto peer = client();
  peer.send("POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000\r\n\r\n" + std::string(400'000, 'x'));
  EXPECT_EQ(peer.answer().result_int(), 404u);
  EXPECT_EQ(peer.rest(), "");
  EXPECT_EQ(peer.ended_by(), asio::error::eof);
}

TEST_F(api_session, a_refused_request_with_a_body_ends_the_connection_and_one_without_does_not) {
  start();
  auto kept = client();
  EXPECT_EQ(error_code_of(kept.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").answer()), "unknown_url");
  EXPECT_EQ(kept.send(get_root).answer().body(), "root");
  auto closed = client();
  closed.send("POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n").send(get_root);
  EXPECT_EQ(error_code_of(closed.answer()), "unknown_url");
  EXPECT_EQ(closed.end_output().rest(), "");
}

TEST_F(api_session, a_slow_head_and_a_slow_body_get_a_408) {
  settings_.limits.head = milliseconds(200);
  settings_.limits.body = milliseconds(200);
  start();
  for (const char* request : {"GET / HT", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhal"}) {
    auto peer = client();
    const auto answer = peer.send(request).answer();
    EXPECT_EQ(answer.result_int(), 408u) << request;
    EXPECT_EQ(error_code_of(answer), "request_timeout") << request;
  }
}

TEST_F(api_session, an_idle_connection_is_closed_without_a_word) {
  settings_.limits.idle = milliseconds(200);
  start();
  EXPECT_EQ(client().rest(), "");
  auto peer = client();
  EXPECT_EQ(peer.send(get_root).answer().result_int(), 200u);
  EXPECT_EQ(peer.rest(), "");
}

TEST_F(api_session, a_client_that_does_not_take_its_answer_is_let_go) {
  settings_.limits.write = milliseconds(200);
  settings_.routes.push_back({"GET", "/large", [](api_request) { return say(std::string(32 << 20, 'x')); }});
  start();
  auto peer = client();
  peer.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  eventually([&] { return server_->connections() == 1; });
  eventually([&] { return server_->connections() == 0; });
  EXPECT_LT(peer.rest().size(), std::size_t{32} << 20);
}

TEST_F(api_session, a_client_that_has_ended_its_output_is_answered) {
  start();
  auto peer = client();
  EXPECT_THAT(peer.send(get_root).end_output().rest(), testing::EndsWith("\r\n\r\nroot"));
}

TEST_F(api_session, a_request_that_ends_in_the_middle_gets_a_400) {
  start();
  for (const char* request :
       {"GET / HTTP/1.1\r\nHos", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhal"}) {
    auto peer = client();
    EXPECT_EQ(peer.send(request).end_output().answer().result_int(), 400u) << request;
  }
}

TEST_F(api_session, a_client_that_resets_the_connection_harms_nobody_else) {
  start();
  for (int i = 0; i < 20; ++i) {
    auto peer = client();
    peer.send(i % 2 == 0 ? std::string_view("GET / HTT") : get_root);
    peer.socket().set_option(asio::socket_base::linger(true, 0));  // close() sends RST
    peer.socket().close();
  }
  EXPECT_EQ(client().send(get_root).answer().body(), "root");
  EXPECT_THAT(faults(), testing::IsEmpty());
}

TEST_F(api_session, where_the_key_is_required_only_its_bearer_is_answered_but_for_open_routes) {
  settings_.key = "a-key-of-some-length";
  settings_.require_key = true;
  start();
  auto peer = client();
  const auto ask = [&](std::string_view more, std::string_view target = "/query?x") {
    return peer.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n")
        .answer();
  };
  EXPECT_EQ(ask("").result_int(), 401u);
  EXPECT_EQ(error_code_of(ask("Authorization: Bearer wrong\r\n")), "invalid_api_key");
  EXPECT_EQ(ask("").at(http::field::www_authenticate), "Bearer");
  EXPECT_EQ(ask("Authorization: Bearer a-key-of-some-length\r\n").body(), "x");
  EXPECT_EQ(ask("", "/").body(), "root");
}

TEST_F(api_session, a_foreign_host_name_is_refused_on_loopback_also_with_the_key) {
  settings_.key = "a-key-of-some-length";
  start();
  for (const char* more : {"", "Authorization: Bearer a-key-of-some-length\r\n"}) {
    auto peer = client();
    const auto refused =
        peer.send("GET / HTTP/1.1\r\nHost: attacker.test:8741\r\n" + std::string(more) + "\r\n").answer();
    EXPECT_EQ(refused.result_int(), 421u);
    EXPECT_EQ(error_code_of(refused), "misdirected_request");
  }
}

TEST_F(api_session, the_services_own_user_needs_no_key_and_the_route_learns_who_has_it) {
  settings_.key = "a-key-of-some-length";
  start();
  const std::string act = "POST /act HTTP/1.1\r\nHost: localhost\r\n";
  auto peer = client();
  EXPECT_EQ(peer.send(act + "\r\n").answer().body(), "done");
  EXPECT_EQ(peer.send(act + "Authorization: Bearer any\r\n\r\n").answer().body(), "done");
  EXPECT_EQ(peer.send(act + "Authorization: Bearer a-key-of-some-length\r\n\r\n").answer().body(), "with key");
}

TEST_F(api_session, what_has_effects_takes_json_that_says_so_and_nothing_else) {
  start();
  const std::string act = "POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n";
  const auto status = [&](const std::string& more) {
    return client().send(act + more + "\r\n{}").answer().result_int();
  };
  EXPECT_EQ(status("Content-Type: application/json; charset=utf-8\r\n"), 200u);
  EXPECT_EQ(status("Content-Type: Application/JSON\r\n"), 200u);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "application/jsonx", "text/plain; application/json"}) {
    EXPECT_EQ(status("Content-Type: " + std::string(type) + "\r\n"), 415u) << type;
  }
  EXPECT_EQ(status(""), 415u);  // what a page sends as a Blob has no type
  EXPECT_EQ(status("Content-Type: text/plain\r\nContent-Type: application/json\r\n"), 400u);
}

TEST_F(api_session, an_upgrade_that_is_offered_changes_nothing) {
  start();
  for (const char* upgrade : {"Upgrade: websocket\r\nConnection: Upgrade\r\n",
                              "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: \r\n"}) {
    const std::string ask = "GET /query?x HTTP/1.1\r\nHost: localhost\r\n" + std::string(upgrade);
    EXPECT_EQ(client().send(ask + "Origin: https://evil.example\r\n\r\n").answer().result_int(), 403u) << upgrade;
    EXPECT_EQ(client().send(ask + "\r\n").answer().body(), "x") << upgrade;
  }
}

TEST_F(api_session, also_an_answer_to_what_is_no_http_keeps_browsers_from_showing_it) {
  start();
  const auto answer = client().send("nonsense\r\n\r\n").answer();
  EXPECT_EQ(answer.result_int(), 400u);
  EXPECT_EQ(answer["x-content-type-options"], "nosniff");
}

TEST_F(api_session, a_handler_that_throws_is_a_500_whose_reason_only_the_log_learns) {
  start();
  const auto answer = client().send("GET /fault HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
  EXPECT_EQ(answer.result_int(), 500u);
  EXPECT_THAT(answer.body(), testing::Not(HasSubstr("secret")));
  EXPECT_THAT(faults(), testing::ElementsAre(std::string(answer["x-request-id"]) + " secret reason"));
}

TEST_F(api_session, a_client_that_waits_for_100_continue_gets_it) {
  start();
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(peer.answer().result_int(), 100u);
  EXPECT_EQ(peer.send("hi").answer().body(), "hi");
}

std::string post_of(std::size_t said, std::size_t sent) {
  return "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(said) + "\r\n\r\n" +
         std::string(sent, 'x');
}

TEST_F(api_session, all_bodies_together_are_held_to_one_budget) {
  net::memory_budget held(1 << 20);
  settings_.held = &held;
  start();
  std::list<raw_client> unfinished;
  for (int i = 0; i < 4; ++i) unfinished.emplace_back(address_);
  for (auto& each : unfinished) each.send(post_of(300'000, 220'000));
  eventually([&] { return held.used() >= 880'000; });
  auto late = client();
  const auto refused = late.send(post_of(300'000, 300'000)).answer();
  EXPECT_EQ(refused.result_int(), 503u);
  EXPECT_EQ(error_code_of(refused), "overloaded");
  EXPECT_EQ(refused["Retry-After"], "1");
  EXPECT_EQ(client().send(post_of(10'000, 10'000)).answer().result_int(), 200u) << "small ones have room";
  unfinished.clear();
  eventually([&] { return held.used() == 0; });
  EXPECT_EQ(client().send(post_of(300'000, 300'000)).answer().result_int(), 200u);
  eventually([&] { return held.used() == 0; });
}

TEST_F(api_session, a_body_that_its_route_has_no_use_for_is_not_taken_in) {
  start();
  const auto get = [](std::size_t size) {
    return "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  EXPECT_EQ(client().send(get(100)).answer().body(), "root");
  EXPECT_EQ(client().send(get(200'000)).answer().result_int(), 413u);
}

}  // namespace
}  // namespace app
