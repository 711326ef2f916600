#pragma once

// A session between a client and an origin on loopback, in the hands of a test: what it told, and both of its ends.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "mitm/session.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "mitm/upstream/upstream.hpp"
#include "test/support/scripted_rules.hpp"
#include "test/support/tls_origin.hpp"

namespace test {

/// What a session told: filled on its strand, read once it has ended.
struct told final : mitm::connection_events {
  struct tap final : mitm::exchange_tap {
    explicit tap(told& whom) : to_(whom) {}
    void on_rewritten(const mitm::rewrite_note& note) override { to_.log += note.rules + ": " + note.changes + ";"; }
    void on_request_body(std::string_view) override {}
    void on_request_end() override { to_.log += "request;"; }
    void on_response(const net::wire::response_head& head) override {
      to_.log += "response " + std::to_string(head.status) + ";";
    }
    void on_response_body(std::string_view piece) override { to_.body += piece; }
    void on_end(mitm::exchange_outcome outcome, std::string_view why) override {
      to_.outcomes.push_back(outcome);
      to_.cause = why;
    }
    told& to_;
  };
  struct observer final : mitm::connection_observer {
    explicit observer(told& whom) : to_(whom) {}
    void when_program_known(std::function<void(const mitm::client_program&)> done) override { done(to_.program); }
    std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head& head) override {
      to_.log += std::string(head.method) + " " + std::string(head.target) + ";";
      return std::make_unique<tap>(to_);
    }
    told& to_;
  };

  std::unique_ptr<mitm::connection_observer> on_intercepted(const mitm::connection_facts&) override {
    return std::make_unique<observer>(*this);
  }
  void on_detached(const mitm::connection_facts&, std::string_view reason) override { detached = reason; }
  void on_unread(const mitm::connection_facts&, mitm::unread why) override { unread = why; }
  void on_rejected(const rejection& what) override {
    ++rejections;
    EXPECT_EQ(what.program.user, program.user);
    EXPECT_EQ(what.program.executable, program.executable);
    EXPECT_EQ(what.program.hello.empty(), !program.executable.empty()) << "what tells apart those that are not known";
    bypassed = bypassed || what.bypassed;
  }
  void on_session_end(const mitm::session_report& ended) override { report = ended; }

  mitm::client_program program;
  std::optional<mitm::unread> unread;
  std::string log;
  std::string body;
  std::string cause;
  std::string detached;
  std::vector<mitm::exchange_outcome> outcomes;
  int rejections = 0;
  bool bypassed = false;
  mitm::session_report report;
};

/// Rules as scripted_rules has them, for every host, or for none until others are in force.
class rules_for_all final : public mitm::request_rules {
 public:
  bool concern(std::string_view) const override { return concerned; }
  asio::awaitable<std::unique_ptr<mitm::request_rewriter>> begin(const mitm::connection_facts&) override {
    co_return std::make_unique<support::scripted_rules>();
  }
  std::stop_token changing() const override { return changed.get_token(); }

  std::atomic<bool> concerned = true;
  std::stop_source changed;
};

class session_fixture : public testing::Test {
 protected:
  session_fixture()
      : ours_(dir_ / "ca", {"watched.test"}),
        theirs_(dir_ / "origin", {"watched.test", "other.test", "mistral.ai"}),
        policy_(std::make_shared<const mitm::intercept_policy>(*mitm::intercept_policy::make(
            std::vector<std::string>{"*.watched.test"}, {*net::text::host_pattern::parse("api.mistral.ai")}))),
        leaves_(pool_.strand(), ours_.mint(), {.configure = mitm::install_alpn}),
        upstream_(mitm::make_upstream_context({"", theirs_.file()}).value()),
        bypassed_(bounds_) {
    bounds_.half_close = std::chrono::seconds(1);
  }

  ~session_fixture() override {
    origin_.reset();
    pool_.stop();
  }

  void origin(tls_origin::handler serve, std::vector<std::string> names = {"api.watched.test"}) {
    origin(std::move(serve), theirs_.context(std::move(names)));
  }
  void origin(tls_origin::handler serve, net::ssl_context_ptr context) {
    origin_ = std::make_unique<tls_origin>(pool_, std::move(context), std::move(serve));
    destination_ = origin_->endpoint();
  }

  /// A connected pair whose server end is given to a session, which runs while `client` talks.
  template <class Client>
  void connection(Client client) {
    told_ = std::make_unique<told>();
    told_->program = program_;
    if (!resumable_) resumable_ = std::make_unique<mitm::upstream_sessions>(upstream_.get());
    tcp::acceptor acceptor(pool_.strand(), {asio::ip::address_v4::loopback(), 0});
    tcp::socket ours(pool_.strand());
    ours.connect(acceptor.local_endpoint());
    auto strand = pool_.strand();
    tcp::socket theirs = acceptor.accept(strand);
    auto served = asio::co_spawn(strand,
                                 mitm::serve({bounds_, bypassed_, leaves_, upstream_.get(), *resumable_, *told_,
                                              draining_.get_token(), rules_, kept_},
                                             policy_, std::move(theirs), destination_),
                                 asio::use_future);
    auto executor = ours.get_executor();
    asio::co_spawn(executor, client(std::move(ours)), asio::use_future).get();
    served.get();
  }

  /// A TLS client that trusts only our CA, and asks for `name`.
  template <class Talk>
  auto tls_client(std::string name, Talk talk, std::string trusted = "", std::vector<std::string> offered = {},
                  mitm::tls_terms terms = {}) {
    if (trusted.empty()) trusted = ours_.file();
    return [name, talk, trusted, offered, terms](tcp::socket socket) -> asio::awaitable<void> {
      auto context = mitm::make_upstream_context({trusted, ""}).value();
      net::tls_stream stream(std::move(socket), context.get(), net::tls_stream::role::client);
      mitm::prepare_upstream(stream, name, offered, terms);
      const auto shaken = co_await stream.handshake();
      co_await talk(stream, shaken.has_error() ? shaken.error() : boost::system::error_code{});
    };
  }

  net::worker_pool pool_{2};
  temp_dir dir_;
  test_authority ours_;
  test_authority theirs_;
  mitm::limits bounds_;
  std::shared_ptr<const mitm::intercept_policy> policy_;
  mitm::certificate_cache leaves_;
  std::shared_ptr<SSL_CTX> upstream_;
  std::unique_ptr<mitm::upstream_sessions> resumable_;
  mitm::bypass_list bypassed_;
  mitm::request_rules* rules_ = nullptr;
  mitm::kept_upstreams* kept_ = nullptr;
  mitm::client_program program_;  // whose the next connection is
  std::stop_source draining_;
  std::unique_ptr<tls_origin> origin_;
  tcp::endpoint destination_{asio::ip::address_v4::loopback(), 1};
  std::unique_ptr<told> told_;
};

}  // namespace test
