#include "app/api_admission.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "app/api_error.hpp"

namespace app {
namespace {

std::vector<api_route> routes() {
  return {{"GET", "/", {}, true}, {"GET", "/v1/usage", {}}, {"POST", "/v1/things", {}}, {"GET", "/v1/things", {}}};
}

api_head get(std::string_view target) {
  api_head head;
  head.method = "GET";
  head.target = target;
  head.hosts = 1;
  head.host = "localhost:8741";
  head.local = asio::ip::make_address("127.0.0.1");
  return head;
}

unsigned status_of(const api_head& head, std::string_view key = {}) {
  const auto table = routes();
  const auto admitted = admit(head, table, bearer_key(key));
  return admitted.has_error() ? admitted.error().status : 200;
}

std::string code_of(const api_response& response) {
  return std::string(boost::json::parse(response.body).at("error").at("code").as_string());
}

TEST(api_admission, a_query_and_one_trailing_slash_do_not_change_the_route) {
  const auto table = routes();
  for (const char* target : {"/v1/usage", "/v1/usage/", "/v1/usage?a=b", "/v1/usage/?a=b",
                             "http://localhost/v1/usage?a=b", "HTTP://127.0.0.1:80/v1/usage/"}) {
    const auto admitted = admit(get(target), table, bearer_key(""));
    ASSERT_TRUE(admitted.has_value()) << target;
    EXPECT_EQ(admitted->route, &table[1]);
    EXPECT_EQ(admitted->request.path, "/v1/usage");
  }
  EXPECT_EQ(admit(get("/v1/usage?a=b&c"), table, bearer_key(""))->request.query, "a=b&c");
  EXPECT_EQ(admit(get("http://localhost"), table, bearer_key(""))->request.path, "/");
  for (const char* target : {"/v1/usage//", "//v1/usage", "/V1/usage", "/v1/usagex", "*", "/v1/%75sage"}) {
    EXPECT_EQ(status_of(get(target)), 404u) << target;
  }
}

TEST(api_admission, a_name_in_braces_stands_for_one_segment_which_comes_decoded) {
  const std::vector<api_route> table{{"GET", "/v1/models/{id}", {}}, {"POST", "/v1/responses/{id}/cancel", {}}};
  const auto model = admit(get("/v1/models/google%2Fgemini%202?x=1"), table, bearer_key(""));
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->request.arguments, std::vector<std::string>{"google/gemini 2"});
  auto cancel = get("/v1/responses/resp_1/cancel/");
  cancel.method = "POST";
  EXPECT_EQ(admit(cancel, table, bearer_key(""))->request.arguments, std::vector<std::string>{"resp_1"});
  for (const char* target : {"/v1/models", "/v1/models/", "/v1/models/a/b", "/v1/responses//cancel"}) {
    EXPECT_EQ(admit(get(target), table, bearer_key("")).error().status, 404u) << target;
  }
  EXPECT_EQ(admit(get("/v1/responses/x/cancel"), table, bearer_key("")).error().status, 405u);
}

TEST(api_admission, head_is_served_by_get_routes_and_other_methods_are_named_in_allow) {
  auto head = get("/v1/usage");
  head.method = "HEAD";
  EXPECT_EQ(status_of(head), 200u);
  head.target = "/v1/things";
  head.method = "DELETE";
  const auto table = routes();
  const auto refused = admit(head, table, bearer_key(""));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().status, 405u);
  EXPECT_EQ(refused.error().headers.front(), (std::pair<std::string, std::string>("Allow", "POST, GET, HEAD")));
  head.method = "get";  // methods are case-sensitive
  EXPECT_EQ(status_of(head), 405u);
}

TEST(api_admission, without_a_key_only_hosts_that_mean_this_machine_are_answered) {
  for (const char* host : {"localhost", "LocalHost:1", "127.0.0.1", "127.9.9.9:8741", "[::1]", "[::1]:8741"}) {
    auto head = get("/");
    head.host = host;
    EXPECT_EQ(status_of(head), 200u) << host;
  }
  for (const char* host : {"attacker.test", "localhost.attacker.test", "192.0.2.1", "127.0.0.1.attacker.test", "[",
                           "[]", ":", "[2001:db8::1]:80"}) {
    auto head = get("/");
    head.host = host;
    EXPECT_EQ(status_of(head), 421u) << host;
    EXPECT_EQ(status_of(head, "sixteen-letters!"), 200u) << host;
  }
}

TEST(api_admission, the_authority_of_an_absolute_target_counts_and_not_the_host_field) {
  EXPECT_EQ(status_of(get("http://attacker.test/")), 421u);
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

TEST(api_admission, a_key_is_needed_for_everything_but_open_routes) {
  constexpr std::string_view key = "sixteen-letters!";
  EXPECT_EQ(status_of(get("/"), key), 200u);
  for (const char* target : {"/v1/usage", "/nowhere"}) {
    auto head = get(target);
    EXPECT_EQ(status_of(head, key), 401u) << target;
    head.authorization = "Bearer sixteen-letters?";
    EXPECT_EQ(status_of(head, key), 401u) << target;
  }
  auto head = get("/v1/usage");
  head.authorization = "bearer sixteen-letters!";
  EXPECT_EQ(status_of(head, key), 200u);
}

TEST(api_admission, refusals_carry_the_code_that_clients_look_for) {
  const auto table = routes();
  EXPECT_EQ(code_of(admit(get("/nowhere"), table, bearer_key("")).error()), "unknown_url");
  EXPECT_EQ(code_of(admit(get("/v1/usage"), table, bearer_key("k")).error()), "invalid_api_key");
}

TEST(api_admission, what_a_client_sent_cannot_break_the_json_of_its_refusal) {
  auto head = get("/\"\\\xff\x01");
  const auto table = routes();
  const auto refused = admit(head, table, bearer_key(""));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(code_of(refused.error()), "unknown_url");
  EXPECT_EQ(refused.error().body.find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace app
