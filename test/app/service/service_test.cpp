#include "app/service/service.hpp"

#include <atomic>
#include <fstream>
#include <thread>

#include <sys/stat.h>

#include "app/http/key_file.hpp"
#include "test/app/service/service_fixture.hpp"
#include "test/app/turns/turns_fixture.hpp"
#include "test/support/until.hpp"

namespace app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class service_start : public service_fixture {
 protected:
  /// Nobody else is given that port so soon.
  static endpoint free_address() {
    asio::io_context io;
    return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint();
  }

  static std::string answer_of(const endpoint& api, const std::string& path) {
    asio::io_context io;
    tcp::socket peer(io);
    boost::system::error_code error;
    peer.connect(api, error);
    if (error) return {};
    asio::write(peer, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), error);
    std::string text;
    asio::read(peer, asio::dynamic_buffer(text), error);
    return text;
  }

  /// A port that somebody has.
  asio::io_context io_;
  tcp::acceptor taken_{io_, {asio::ip::address_v4::loopback(), 0}};
};

TEST_F(service_start, whoever_asks_meanwhile_is_answered_once_all_is_there) {
  for (int round = 0; round < 5; ++round) {
    const auto api = free_address();
    values_.api.listen.tcp = {api};
    std::atomic<bool> over{false};
    std::atomic<int> answered{0};
    std::atomic<int> broken{0};
    std::vector<std::jthread> clients;
    for (const char* path : {"/readyz", "/metrics"}) {
      clients.emplace_back([&, path] {
        while (!over) {
          const auto text = answer_of(api, path);
          if (text.empty()) continue;  // nobody listens yet
          ++(text.find("listening on 127.0.0.1") != std::string::npos ||
                     text.find("zerogravity_build_info") != std::string::npos
                 ? answered
                 : broken);
        }
      });
    }
    start();
    test::until([&] { return answered + broken >= 20; });
    over = true;
    clients.clear();
    EXPECT_EQ(broken, 0);
    end();
  }
}

TEST_F(service_start, it_can_end_at_once) {
  for (int round = 0; round < 5; ++round) {
    start();
    end();
  }
}

TEST_F(service_start, the_ready_line_names_what_is_reached_and_where_the_ca_is) {
  start();
  const auto line = running_->ready_line();
  EXPECT_THAT(line, AllOf(HasSubstr("ready api=http://127.0.0.1:"),
                          HasSubstr("bundle=" + values_.mitm.bundle_file.string()), HasSubstr("curl")));
  EXPECT_TRUE(can_connect(place_in(line, "interceptor=")));
  const auto ca = mitm::ca_files::in(values_.state_dir).certificate;
  EXPECT_THAT(line, HasSubstr("ca=" + ca.string()));
  EXPECT_THAT(mitm::test::content_of(values_.mitm.bundle_file), HasSubstr(mitm::test::content_of(ca)));
}

TEST_F(service_start, the_first_makes_a_key_and_says_so_and_the_next_uses_it) {
  start();
  EXPECT_THAT(running_->ready_line(), HasSubstr("a key for other users and machines was made"));
  const auto key = mitm::test::content_of(api_key_file(values_.state_dir));
  end();
  start();
  EXPECT_THAT(running_->ready_line(), Not(HasSubstr("was made")));
  EXPECT_EQ(mitm::test::content_of(api_key_file(values_.state_dir)), key);
}

TEST_F(service_start, who_configures_a_key_or_listens_nowhere_gets_none_made) {
  values_.api.key = "a key of the configuration";
  start();
  end();
  EXPECT_FALSE(std::filesystem::exists(api_key_file(values_.state_dir)));
}

TEST_F(service_start, the_ca_of_before_is_used_again) {
  start();
  end();
  const auto ca = mitm::test::content_of(mitm::ca_files::in(values_.state_dir).certificate);
  start();
  EXPECT_EQ(mitm::test::content_of(mitm::ca_files::in(values_.state_dir).certificate), ca);
}

TEST_F(service_start, is_refused_where_others_may_write_the_state_directory) {
  std::filesystem::create_directories(values_.state_dir);
  ::chmod(values_.state_dir.c_str(), 0777);
  const auto why = refusal();
  EXPECT_EQ(why.code, exit_code::bad_state);
  EXPECT_THAT(why.message, AllOf(HasSubstr("others may write"), HasSubstr("chmod go-w")));
}

TEST_F(service_start, is_refused_where_the_state_directory_is_none) {
  std::ofstream(values_.state_dir) << "a file";
  const auto why = refusal();
  EXPECT_EQ(why.code, exit_code::bad_state);
  EXPECT_THAT(why.message, HasSubstr("(state_dir)"));
}

TEST_F(service_start, is_refused_with_a_ca_that_cannot_be_read_and_the_ca_stays) {
  std::filesystem::create_directories(values_.state_dir);
  const auto files = mitm::ca_files::in(values_.state_dir);
  mitm::test::write(files.certificate, "no certificate");
  mitm::test::write(files.key, "no key");
  EXPECT_EQ(refusal().code, exit_code::bad_state);
  EXPECT_EQ(mitm::test::content_of(files.key), "no key");
}

TEST_F(service_start, is_refused_with_a_file_of_cas_that_is_not_there) {
  values_.mitm.upstream_ca_file = scratch_ / "none.pem";
  const auto why = refusal();
  EXPECT_EQ(why.code, exit_code::bad_state);
  EXPECT_THAT(why.message, AllOf(HasSubstr("none.pem"), HasSubstr("(mitm.upstream_ca_file)")));
}

TEST_F(service_start, is_refused_where_somebody_else_has_the_port_of_the_api) {
  values_.api.listen.tcp = {taken_.local_endpoint()};
  const auto why = refusal();
  EXPECT_EQ(why.code, exit_code::cannot_bind);
  EXPECT_THAT(why.message, AllOf(HasSubstr("(api.listen)"), HasSubstr(std::to_string(taken_.local_endpoint().port()))));
}

TEST_F(service_start, is_refused_where_somebody_else_has_the_port_of_the_interceptor) {
  values_.mitm.listen = {taken_.local_endpoint()};
  const auto why = refusal();
  EXPECT_EQ(why.code, exit_code::cannot_bind);
  EXPECT_THAT(why.message, HasSubstr("(mitm.listen)"));
}

TEST_F(service_start, is_refused_with_what_the_configuration_cannot_mean) {
  const config good = values_;
  values_.mitm.hosts = {"*"};
  EXPECT_EQ(refusal().code, exit_code::bad_config);
  values_ = good;
  values_.language_server.mode = server_mode::attach;
  auto why = refusal();
  EXPECT_EQ(why.code, exit_code::bad_config);
  EXPECT_THAT(why.message, HasSubstr("language_server.address"));
  values_.language_server.mode = server_mode::launch;
  values_.language_server.user = "zg-nobody-has-this-name";
  why = refusal();
  EXPECT_EQ(why.code, exit_code::bad_config);
  EXPECT_THAT(why.message, HasSubstr("there is no user zg-nobody-has-this-name"));
}

TEST_F(service_start, can_be_tried_again_after_a_refusal) {
  const auto listen = std::exchange(values_.mitm.listen, {taken_.local_endpoint()});
  EXPECT_EQ(refusal().code, exit_code::cannot_bind);
  values_.mitm.listen = listen;
  start();
  EXPECT_EQ(get("/healthz").result_int(), 200u);
}

class running_service : public service_fixture, protected scripted_server {
 protected:
  static std::string reason_of(const http_answer& ready, std::string_view dependency) {
    const auto document = json_of(ready);
    for (const auto& each : document.at("dependencies").as_array()) {
      if (each.at("name").as_string() != dependency) continue;
      return std::string(each.at("status").as_string()) + ": " + std::string(each.at("reason").as_string());
    }
    return "not there";
  }

  boost::system::result<void, startup_failure> reload(const config& values) {
    boost::system::result<void, startup_failure> out;
    const auto work = [](service& running, const config& read,
                         boost::system::result<void, startup_failure>& result) -> asio::awaitable<void> {
      result = co_await running.reload(read);
    };
    test::run(running_->workers(), work(*running_, values, out));
    return out;
  }
};

TEST_F(running_service, is_ready_with_each_thing_it_depends_on) {
  start();
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.result_int(), 200u) << ready.body();
  EXPECT_THAT(reason_of(ready, "ledger"), testing::StartsWith("ok"));
  EXPECT_THAT(reason_of(ready, "ca"), testing::StartsWith("ok: expires in"));
  EXPECT_THAT(reason_of(ready, "interception"), HasSubstr("0 exchanges seen"));
  EXPECT_EQ(reason_of(ready, "language_server"), "not there") << "none is configured";
}

TEST_F(running_service, is_not_ready_while_its_ledger_cannot_be_used_and_says_where_rows_go_meanwhile) {
  std::filesystem::create_directories(values_.ledger.file);
  start();
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.result_int(), 503u);
  EXPECT_THAT(reason_of(ready, "ledger"), AllOf(testing::StartsWith("failed"), HasSubstr("usage.db.pending")));
}

TEST_F(running_service, is_ready_once_its_language_server_answers_and_not_after_that_has_died) {
  attach(values_, scratch_ / "server.pem");
  start();
  test::until([this] { return get("/readyz").result_int() == 200; });
  EXPECT_THAT(reason_of(get("/readyz"), "language_server"), HasSubstr("ready at " + values_.language_server.address));
  EXPECT_THAT(get("/metrics").body(), HasSubstr("zerogravity_language_server_ready 1"));
  fake_.die();
  EXPECT_EQ(get("/v1/models").result_int() / 100, 5u);  // which makes the supervisor look
  test::until([this] { return get("/readyz").result_int() == 503; });
  EXPECT_EQ(get("/healthz").result_int(), 200u) << "it lives all the same";
}

TEST_F(running_service, takes_over_new_hosts_and_says_where_its_ca_is_too_narrow_for_them) {
  start();
  values_.mitm.hosts = {"api.elsewhere.example"};
  EXPECT_TRUE(reload(values_).has_value());
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.result_int(), 503u);
  EXPECT_THAT(reason_of(ready, "ca"), AllOf(testing::StartsWith("failed"), HasSubstr("api.elsewhere.example")));
}

TEST_F(running_service, of_an_older_version_serves_on_with_its_ca_and_warns_of_the_hosts_that_it_lacks) {
  const auto newer = values_.mitm.providers;
  values_.mitm.providers = {"openai"};
  start();
  values_.mitm.providers = newer;
  EXPECT_TRUE(reload(values_).has_value());
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.result_int(), 200u) << ready.body();
  EXPECT_THAT(reason_of(ready, "ca"), AllOf(testing::StartsWith("warning"), HasSubstr("api.anthropic.com"),
                                            HasSubstr("zerogravity ca rotate")));
  values_.mitm.hosts = {"api.elsewhere.example"};
  EXPECT_TRUE(reload(values_).has_value());
  EXPECT_EQ(get("/readyz").result_int(), 503u) << "it was asked for";
}

TEST_F(running_service, stays_as_it_was_when_it_is_to_take_over_what_is_wrong) {
  start();
  values_.mitm.hosts = {"*"};
  const auto refused = reload(values_);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, exit_code::bad_config);
  EXPECT_EQ(get("/readyz").result_int(), 200u);
}

TEST_F(running_service, answers_nobody_after_its_end_and_has_lost_nothing) {
  start();
  const auto interceptor = place_in(running_->ready_line(), "interceptor=");
  test::run(running_->workers(), running_->drain());
  EXPECT_FALSE(can_connect(address_));
  EXPECT_FALSE(can_connect(interceptor));
  EXPECT_EQ(running_->rows_lost(), 0u);
  running_.reset();
}

TEST_F(running_service, lets_a_turn_come_to_its_end_before_it_leaves_the_language_server) {
  attach(values_, scratch_ / "server.pem");
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  test::until([this] { return get("/readyz").result_int() == 200; });
  auto peer = client();
  follow(peer, "/v1/cascades", R"({"text":"x"})", "Hel");
  auto drained = asio::co_spawn(running_->workers().strand(), running_->drain(), asio::use_future);
  test::until([this] { return !can_connect(address_); });
  EXPECT_EQ(drained.wait_for(milliseconds(0)), std::future_status::timeout);
  tell(begun().says("Hello", true).over());
  EXPECT_THAT(peer.rest(), HasSubstr(R"({"type":"finished","reason":"stop"})"));
  drained.get();
  EXPECT_TRUE(cancelled().empty()) << "its turn ended by itself";
  running_.reset();
}

TEST_F(running_service, a_cut_ends_a_turn_that_lasts) {
  attach(values_, scratch_ / "server.pem");
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  test::until([this] { return get("/readyz").result_int() == 200; });
  auto peer = client();
  follow(peer, "/v1/cascades", R"({"text":"x"})", "Hel");
  auto drained = asio::co_spawn(running_->workers().strand(), running_->drain(), asio::use_future);
  test::until([this] { return !can_connect(address_); });
  running_->cut();
  drained.get();
  EXPECT_EQ(cancelled(), std::vector<std::string>{"c-1"});
  EXPECT_THAT(peer.rest(), Not(HasSubstr("finished")));
  running_.reset();
}

}  // namespace
}  // namespace app
