#include "app/http/admission.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/json.hpp>

#include "app/base/api_error.hpp"

namespace app {
namespace {

std::vector<api_route> routes() {
  return {{"GET", "/", {}, true}, {"GET", "/v1/usage", {}}, {"POST", "/v1/things", {}}, {"GET", "/v1/things", {}}};
}

constexpr std::string_view the_key = "sixteen-letters!";

/// Of the service's own user, on loopback.
api_head get(std::string_view target) {
  api_head head;
  head.method = "GET";
  head.target = target;
  head.hosts = 1;
  head.host = "localhost:8741";
  head.local = asio::ip::make_address("127.0.0.1");
  head.client = {.uid = ::geteuid(), .loopback = true};
  return head;
}

api_head post(std::string_view target, std::string_view content_type) {
  auto head = get(target);
  head.method = "POST";
  head.content_type = content_type;
  return head;
}

boost::system::result<admitted_request, api_response> admitted_by(const api_head& head,
                                                                  std::span<const api_route> table,
                                                                  bool require_key = false) {
  static const bearer_key key(the_key);
  static const std::vector<std::string> origins{"https://app.example"};
  return admit(head, table, {key, require_key, origins});
}

unsigned status_of(const api_head& head, bool require_key = false) {
  const auto table = routes();
  const auto admitted = admitted_by(head, table, require_key);
  return admitted.has_error() ? admitted.error().status : 200;
}

std::string code_of(const api_response& response) {
  return std::string(boost::json::parse(response.body).at("error").at("code").as_string());
}

TEST(api_admission, a_websocket_is_admitted_as_what_has_effects) {
  std::vector<api_route> table = routes();
  table.push_back({"GET", "/socket", {}});
  table.back().talk = [](web_socket&, api_request) -> asio::awaitable<void> { co_return; };
  const auto status = [&](api_head head) {
    const auto admitted = admitted_by(head, table);
    return admitted.has_error() ? admitted.error().status : 200;
  };
  auto own_page = get("/socket");
  own_page.host = "127.0.0.1:8741";
  own_page.origin = "http://127.0.0.1:8741";
  EXPECT_EQ(status(own_page), 200u) << "it may read";
  own_page.socket = true;
  EXPECT_EQ(status(own_page), 401u);
  own_page.target = "/v1/usage";
  EXPECT_EQ(status(own_page), 200u) << "which serves no socket";
  auto connect = get("/socket");
  connect.method = "CONNECT";
  EXPECT_EQ(status(connect), 405u);
  connect.socket = true;
  EXPECT_EQ(status(connect), 200u);
  connect.client.uid = ::geteuid() + 1;  // never root
  EXPECT_EQ(status(connect), 401u) << "another user needs the key";
  connect.origin = "https://evil.example";
  EXPECT_EQ(status(connect), 403u);
}

TEST(api_admission, a_query_and_one_trailing_slash_do_not_change_the_route) {
  const auto table = routes();
  for (const char* target : {"/v1/usage", "/v1/usage/", "/v1/usage?a=b", "/v1/usage/?a=b",
                             "http://localhost/v1/usage?a=b", "HTTP://127.0.0.1:80/v1/usage/"}) {
    const auto admitted = admitted_by(get(target), table);
    ASSERT_TRUE(admitted.has_value()) << target;
    EXPECT_EQ(admitted->route, &table[1]);
    EXPECT_EQ(admitted->request.path, "/v1/usage");
  }
  EXPECT_EQ(admitted_by(get("/v1/usage?a=b&c"), table)->request.query, "a=b&c");
  EXPECT_EQ(admitted_by(get("http://localhost"), table)->request.path, "/");
  for (const char* target : {"/v1/usage//", "//v1/usage", "/V1/usage", "/v1/usagex", "*", "/v1/%75sage"}) {
    EXPECT_EQ(status_of(get(target)), 404u) << target;
  }
}

TEST(api_admission, a_name_in_braces_stands_for_one_segment_which_comes_decoded) {
  const std::vector<api_route> table{{"GET", "/v1/models/{id}", {}}, {"POST", "/v1/responses/{id}/cancel", {}}};
  const auto model = admitted_by(get("/v1/models/google%2Fgemini%202?x=1"), table);
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->request.arguments, std::vector<std::string>{"google/gemini 2"});
  auto cancel = get("/v1/responses/resp_1/cancel/");
  cancel.method = "POST";
  EXPECT_EQ(admitted_by(cancel, table)->request.arguments, std::vector<std::string>{"resp_1"});
  for (const char* target : {"/v1/models", "/v1/models/", "/v1/models/a/b", "/v1/responses//cancel"}) {
    EXPECT_EQ(admitted_by(get(target), table).error().status, 404u) << target;
  }
  EXPECT_EQ(admitted_by(get("/v1/responses/x/cancel"), table).error().status, 405u);
}

TEST(api_admission, head_is_served_by_get_routes_and_other_methods_are_named_in_allow) {
  auto head = get("/v1/usage");
  head.method = "HEAD";
  EXPECT_EQ(status_of(head), 200u);
  head.target = "/v1/things";
  head.method = "DELETE";
  const auto table = routes();
  const auto refused = admitted_by(head, table);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().status, 405u);
  EXPECT_EQ(refused.error().headers.front(), (std::pair<std::string, std::string>("Allow", "POST, GET, HEAD")));
  head.method = "get";  // methods are case-sensitive
  EXPECT_EQ(status_of(head), 405u);
}

TEST(api_admission, on_loopback_only_hosts_that_mean_this_machine_are_answered_whoever_asks) {
  for (const char* host : {"localhost", "LocalHost:1", "127.0.0.1", "127.9.9.9:8741", "[::1]", "[::1]:8741"}) {
    auto head = get("/");
    head.host = host;
    EXPECT_EQ(status_of(head), 200u) << host;
  }
  for (const char* host : {"attacker.test", "localhost.attacker.test", "192.0.2.1", "127.0.0.1.attacker.test", "[",
                           "[]", ":", "[2001:db8::1]:80", "0.0.0.0:8741"}) {
    auto head = get("/");
    head.host = host;
    EXPECT_EQ(status_of(head), 421u) << host;
    head.authorization = "Bearer sixteen-letters!";
    EXPECT_EQ(status_of(head), 421u) << host;
  }
}

TEST(api_admission, elsewhere_any_name_may_be_used_by_who_has_the_key) {
  for (const auto& client : {api_peer{}, api_peer{.uid = ::geteuid(), .unix_socket = true}}) {
    auto head = get("/v1/usage");
    head.host = "gateway.example";
    head.client = client;
    head.authorization = "Bearer sixteen-letters!";
    EXPECT_EQ(status_of(head), 200u);
  }
}

TEST(api_admission, the_authority_of_an_absolute_target_must_mean_this_machine_like_the_host_field) {
  EXPECT_EQ(status_of(get("http://attacker.test/")), 421u);
  auto head = get("http://localhost/");
  head.host = "attacker.test";
  EXPECT_EQ(status_of(head), 421u);
}

TEST(api_admission, the_address_that_was_connected_to_is_an_own_host) {
  EXPECT_TRUE(is_own_host("192.0.2.7:8741", asio::ip::make_address("192.0.2.7")));
  EXPECT_FALSE(is_own_host("192.0.2.8:8741", asio::ip::make_address("192.0.2.7")));
}

TEST(api_admission, exactly_one_host_field_is_needed_but_for_http_1_0) {
  auto head = get("/");
  head.hosts = 2;
  EXPECT_EQ(status_of(head), 400u);
  head.hosts = 0;
  head.host = {};
  EXPECT_EQ(status_of(head), 400u);
  head.http_1_0 = true;
  EXPECT_EQ(status_of(head), 200u);
}

TEST(api_admission, the_services_own_user_and_root_need_no_key_on_loopback_and_on_a_unix_socket) {
  for (const std::uint32_t uid : {static_cast<std::uint32_t>(::geteuid()), 0u}) {
    for (const auto& client : {api_peer{.uid = uid, .loopback = true}, api_peer{.uid = uid, .unix_socket = true}}) {
      auto head = get("/v1/usage");
      head.client = client;
      EXPECT_EQ(status_of(head), 200u);
      EXPECT_EQ(status_of(head, true), 401u);  // unless it is required of everybody
    }
  }
}

TEST(api_admission, everybody_else_needs_the_key_for_all_but_open_routes) {
  const std::uint32_t other = ::geteuid() + 1;
  for (const auto& client : {api_peer{.uid = other, .loopback = true}, api_peer{.uid = other, .unix_socket = true},
                             api_peer{.loopback = true}, api_peer{}, api_peer{.uid = ::geteuid()}}) {
    auto open = get("/");
    open.client = client;
    EXPECT_EQ(status_of(open), 200u);
    for (const char* target : {"/v1/usage", "/nowhere"}) {
      auto head = get(target);
      head.client = client;
      EXPECT_EQ(status_of(head), 401u) << target;
      head.authorization = "Bearer sixteen-letters?";
      EXPECT_EQ(status_of(head), 401u) << target;
      head.authorization = "bearer sixteen-letters!";
      EXPECT_NE(status_of(head), 401u) << target;
    }
  }
}

TEST(api_admission, a_route_learns_whether_the_key_was_sent_and_not_only_who_asks) {
  const auto table = routes();
  auto head = get("/v1/usage");
  EXPECT_FALSE(admitted_by(head, table)->request.with_key);
  head.authorization = "Bearer any";
  EXPECT_FALSE(admitted_by(head, table)->request.with_key);
  head.authorization = "Bearer sixteen-letters!";
  EXPECT_TRUE(admitted_by(head, table)->request.with_key);
}

TEST(api_admission, a_page_of_another_origin_is_refused_whoever_and_whatever_it_asks) {
  for (const char* origin : {"https://evil.example", "null", "http://localhost", "http://localhost:3000",
                             "https://localhost:8741", "http://127.0.0.1:8741", "file://"}) {
    for (auto head : {get("/"), get("/v1/usage"), post("/v1/things", "application/json")}) {
      head.origin = origin;
      EXPECT_EQ(status_of(head), 403u) << origin;
      head.authorization = "Bearer sixteen-letters!";
      EXPECT_EQ(status_of(head), 403u) << origin;
    }
  }
  for (const char* site : {"cross-site", "same-site", "something-new"}) {
    auto head = get("/");
    head.fetch_site = site;
    EXPECT_EQ(status_of(head), 403u) << site;
  }
}

TEST(api_admission, what_is_typed_pages_of_the_apis_own_and_listed_ones_may_ask) {
  auto head = get("/v1/usage");
  head.fetch_site = "none";
  EXPECT_EQ(status_of(head), 200u);
  head.fetch_site = "same-origin";
  head.host = "127.0.0.1:8741";
  EXPECT_EQ(status_of(head), 200u);
  head.origin = "http://127.0.0.1:8741";
  EXPECT_EQ(status_of(head), 200u);
  head.fetch_site = "cross-site";
  head.origin = "https://app.example";
  EXPECT_EQ(status_of(head), 200u);
  head.client.uid = ::geteuid() + 1;  // who its browser belongs to counts as ever
  EXPECT_EQ(status_of(head), 401u);
}

TEST(api_admission, an_own_origin_that_a_rebound_name_claims_is_no_own_one) {
  auto head = get("/v1/usage");
  head.host = "attacker.test:8741";
  head.origin = "http://attacker.test:8741";
  EXPECT_EQ(status_of(head), 403u);
}

TEST(api_admission, a_page_of_localhost_is_nobodys_since_another_user_can_have_it_at_the_other_address) {
  auto head = get("/v1/usage");
  head.host = "localhost:8741";
  head.fetch_site = "same-origin";
  EXPECT_EQ(status_of(head), 403u);
  head.origin = "http://localhost:8741";
  EXPECT_EQ(status_of(head), 403u);
  head.host = "[::1]:8741";
  head.origin = "http://[::1]:8741";
  EXPECT_EQ(status_of(head), 403u);
}

TEST(api_admission, a_page_of_our_own_address_has_no_effects_without_the_key) {
  auto head = post("/v1/things", "application/json");
  head.host = "127.0.0.1:8741";
  head.origin = "http://127.0.0.1:8741";
  head.fetch_site = "same-origin";
  EXPECT_EQ(status_of(head), 401u);
  head.authorization = "Bearer sixteen-letters!";
  EXPECT_EQ(status_of(head), 200u);
}

TEST(api_admission, a_field_that_decides_and_comes_twice_is_refused) {
  auto head = get("/");
  head.repeated = "Origin";
  EXPECT_EQ(status_of(head), 400u);
}

TEST(api_admission, what_has_effects_must_say_that_it_is_json) {
  EXPECT_EQ(status_of(post("/v1/things", "application/json; charset=utf-8")), 200u);
  EXPECT_EQ(status_of(post("/v1/things", "text/plain;charset=UTF-8")), 415u);
  EXPECT_EQ(status_of(post("/v1/things", "")), 200u);  // as long as no body comes
  const api_route route{"POST", "/v1/things", {}};
  EXPECT_TRUE(refuse_content_type(post("/v1/things", ""), route, true).has_value());
  EXPECT_FALSE(refuse_content_type(post("/v1/things", "application/json"), route, true).has_value());
  EXPECT_FALSE(refuse_content_type(post("/v1/things", "text/plain"),
                                   {.method = "POST", .path = "/", .answer = {}, .inert = true}, true)
                   .has_value());
}

TEST(api_admission, refusals_carry_the_code_that_clients_look_for) {
  const auto table = routes();
  EXPECT_EQ(code_of(admitted_by(get("/nowhere"), table).error()), "unknown_url");
  EXPECT_EQ(code_of(admitted_by(get("/v1/usage"), table, true).error()), "invalid_api_key");
}

TEST(api_admission, what_a_client_sent_cannot_break_the_json_of_its_refusal) {
  auto head = get("/\"\\\xff\x01");
  const auto table = routes();
  const auto refused = admitted_by(head, table);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(code_of(refused.error()), "unknown_url");
  EXPECT_EQ(refused.error().body.find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace app
