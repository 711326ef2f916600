#pragma once

// A run whose command is the test, by way of the run's proxy, and an origin of its own.

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "app/run/interception.hpp"
#include "app/run/run_config.hpp"
#include "mitm/upstream/upstream.hpp"
#include "test/support/run.hpp"
#include "test/support/tls_origin.hpp"

namespace app::run {

inline constexpr std::string_view model_call =
    "POST /v1/responses HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
    "Connection: close\r\n\r\n{\"model\":\"m\"}";
inline constexpr std::string_view told =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    R"({"id":"resp_1","object":"response","model":"m-1","usage":{"input_tokens":40,"output_tokens":2,"total_tokens":42}})";

class run_fixture : public testing::Test {
 protected:
  run_fixture() : origins_(folder_.path() / "origin", {"api.openai.com", "other.example", "api.mistral.ai"}) {
    ::unsetenv("HTTPS_PROXY");
    values_.state_dir = folder_ / "state";
    values_.mitm.bundle_file = values_.state_dir / "bundle.pem";
    values_.mitm.upstream_ca_file = origins_.file();
    values_.ledger.file = values_.state_dir / "usage.db";
    values_.mitm.hosts = {"api.openai.com"};
    values_.mitm.providers.clear();
  }
  ~run_fixture() override {
    finish();
    origin_.reset();
    ::unsetenv("HTTPS_PROXY");
  }

  void start(interception::hooks with = {}) {
    with.own_certificate = own_ca();
    auto started = interception::start(values_for_run(values_), std::move(with));
    ASSERT_TRUE(started) << started.error().message;
    traffic_ = std::move(*started);
    const auto url = traffic_->serve_proxy();
    ASSERT_TRUE(url.has_value());
    url_ = *url;
  }

  void finish() {
    if (traffic_) traffic_->finish();
    traffic_.reset();
  }

  void origin(std::string_view host, std::string_view answer) {
    origin_ = std::make_unique<test::tls_origin>(pool_, origins_.context({std::string(host)}),
                                                 [answer](net::tls_stream& client) -> asio::awaitable<void> {
                                                   co_await test::read_until(client, "}");
                                                   co_await net::write_all(client, answer);
                                                   client.shutdown_send();
                                                   co_await test::read_to_end(client);
                                                 });
  }

  /// What a client of that host that trusts `ca` is answered.
  std::string ask(const std::string& host, const std::string& ca) {
    const auto proxy = *mitm::parse_upstream_proxy(url_);
    net::tcp::socket socket(pool_.strand());
    socket.connect({asio::ip::address_v4::loopback(), proxy.port});
    const auto origin = "127.0.0.1:" + std::to_string(origin_->endpoint().port());
    asio::write(socket, asio::buffer("CONNECT " + origin + " HTTP/1.1\r\nProxy-Authorization: " + proxy.authorization +
                                     "\r\n\r\n"));
    std::string head;
    asio::read_until(socket, asio::dynamic_buffer(head), "\r\n\r\n");
    EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 200"));
    const auto context = mitm::make_upstream_context({ca, ""}).value();
    std::string got;
    const auto talk = [](net::tls_stream stream, const std::string& name, std::string& out) -> asio::awaitable<void> {
      mitm::prepare_upstream(stream, name, {});
      if ((co_await stream.handshake()).has_error()) co_return;
      co_await net::write_all(stream, model_call);
      out = co_await test::read_to_end(stream);
    };
    test::run(pool_, talk(net::tls_stream(std::move(socket), context.get(), net::tls_stream::role::client), host, got));
    return got;
  }

  std::string own_ca() const { return (folder_ / "own-ca.pem").string(); }

  test::temp_dir folder_;
  net::worker_pool pool_{2};
  test::test_authority origins_;
  std::unique_ptr<test::tls_origin> origin_;
  config values_;
  std::unique_ptr<interception> traffic_;
  std::string url_;
};

}  // namespace app::run
