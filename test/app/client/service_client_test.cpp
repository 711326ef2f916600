#include "app/client/service_client.hpp"

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_future.hpp>

#include "app/http/server.hpp"

namespace app {
namespace {

using testing::HasSubstr;

constexpr const char* key = "a-key-of-some-length";

TEST(service_client, fetches_an_answer_whatever_its_status) {
  net::worker_pool pool(1);
  api_settings settings;
  settings.key = key;
  settings.require_key = true;
  settings.routes = {{"GET", "/v1/usage", [](api_request request) -> asio::awaitable<api_response> {
                        co_return api_response{200, request.query};
                      }}};
  api_server server(pool, settings);
  ASSERT_TRUE(server.listen({{{asio::ip::address_v4::loopback(), 0}}}).has_value());
  server.serve();
  config values;
  values.api.listen = server.addresses();
  const auto url = service_url(values);
  for (const auto& base : {url, url + "/"}) {
    const auto answer = fetch({base, "/v1/usage?group_by=model", {key}});
    ASSERT_TRUE(answer.has_value()) << answer.error().why;
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->body, "group_by=model");
  }
  EXPECT_EQ(fetch({url, "/v1/usage", {}})->status, 401u);
  asio::co_spawn(pool.strand(), server.drain(std::chrono::seconds(9)), asio::use_future).get();
}

/// What the next client says, which is then left without an answer.
template <class Acceptor>
std::string said_to(Acceptor& acceptor, const service_request& request) {
  std::string head;
  std::jthread server([&] {
    auto accepted = acceptor.accept();
    boost::system::error_code end;
    asio::read_until(accepted, asio::dynamic_buffer(head), "\r\n\r\n", end);
  });
  (void)fetch(request);
  server.join();
  return head;
}

TEST(service_client, shows_the_key_of_its_state_directory_only_to_a_process_of_the_user_it_opens_for) {
  asio::io_context context;
  asio::ip::tcp::acceptor tcp(context, {asio::ip::address_v4::loopback(), 0});
  const auto url = "http://127.0.0.1:" + std::to_string(tcp.local_endpoint().port());
  EXPECT_THAT(said_to(tcp, {url, "/", {key, ::geteuid()}}), HasSubstr(key));
  EXPECT_THAT(said_to(tcp, {url, "/", {key}}), HasSubstr(key));  // given for this very service
  const auto path = std::filesystem::temp_directory_path() / ("zg-client-" + std::to_string(::getpid()));
  asio::local::stream_protocol::acceptor local(context, path.native());
  EXPECT_THAT(said_to(local, {"unix:" + path.native(), "/", {key, ::geteuid()}}), HasSubstr(key));
  std::filesystem::remove(path);
  if (::geteuid() == 0) GTEST_SKIP() << "root is trusted with every key";
  EXPECT_THAT(said_to(tcp, {url, "/", {key, ::geteuid() + 1}}), testing::Not(HasSubstr(key)));
  const auto prompt = fetch({.url = url, .target = "/", .key = {key, ::geteuid() + 1}, .body = "{}"});
  EXPECT_THAT(prompt.error().why, HasSubstr("another user's process"));
}

TEST(service_client, says_which_service_was_not_reached) {
  asio::io_context context;
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  const auto url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const auto late = fetch({url, "/", {}, std::chrono::milliseconds(200)});
  ASSERT_TRUE(late.has_error());
  EXPECT_THAT(late.error().why, testing::StartsWith(url + ": "));
  silent.close();
  EXPECT_TRUE(fetch({url, "/", {}}).has_error());
}

TEST(service_client, refuses_what_is_not_a_plain_http_url) {
  for (const char* url : {"", "127.0.0.1:1", "https://127.0.0.1:1", "http://", "http://a/b", "http://u@h:1",
                          "http://h:", "http://[::1]x:1", "http://[::1", "http:// x"}) {
    const auto answer = fetch({url, "/", {}});
    ASSERT_TRUE(answer.has_error()) << url;
    EXPECT_THAT(answer.error().why, HasSubstr("expected a URL such as")) << url;
  }
}

TEST(service_client, the_url_of_a_wildcard_address_is_loopback) {
  config values;
  EXPECT_EQ(service_url(values), "http://127.0.0.1:8741");
  values.api.listen = {{{asio::ip::address_v4::any(), 1}}};
  EXPECT_EQ(service_url(values), "http://127.0.0.1:1");
  values.api.listen = {{{asio::ip::address_v6::any(), 2}}};
  EXPECT_EQ(service_url(values), "http://[::1]:2");
}

TEST(service_client, a_service_that_is_reached_by_a_path_only_has_a_url_of_its_own_kind) {
  config values;
  values.api.listen = {{}, {"/run/zg/api.sock"}};
  EXPECT_EQ(service_url(values), "unix:/run/zg/api.sock");
  EXPECT_EQ(curl_words(service_url(values), "/readyz"),
            "curl -s --unix-socket /run/zg/api.sock http://localhost/readyz");
  EXPECT_EQ(curl_words("http://127.0.0.1:1", "/readyz"), "curl -s http://127.0.0.1:1/readyz");
}

TEST(service_client, the_parameters_of_the_command_line_are_asked_for) {
  usage_command command;
  EXPECT_EQ(usage_target(command), "/v1/usage");
  command.start_time = 1;
  command.end_time = 2;
  command.group_by = "host";
  EXPECT_EQ(usage_target(command), "/v1/usage?start_time=1&end_time=2&group_by=host");
}

TEST(service_client, limits_have_a_document_of_their_own) {
  usage_command command;
  command.limits = true;
  EXPECT_EQ(usage_target(command), "/v1/limits");
}

TEST(service_client, verifying_asks_for_a_reconciliation) {
  usage_command command;
  command.verify = true;
  EXPECT_EQ(usage_target(command), "/v1/usage/reconcile");
  command.conversation = "a/b c";
  EXPECT_EQ(usage_target(command), "/v1/usage/reconcile?conversation=a%2Fb%20c");
}

TEST(service_client, verifying_asks_for_the_ledger_by_itself_too) {
  usage_command command;
  EXPECT_EQ(verification_target(command), "/v1/usage/verify");
  command.apply = true;
  EXPECT_EQ(verification_target(command), "/v1/usage/verify?apply=1");
}

}  // namespace
}  // namespace app
