#include "app/run/interception.hpp"

#include <atomic>

#include <boost/json/serialize.hpp>

#include "test/app/run/run_fixture.hpp"
#include "test/support/until.hpp"

namespace app::run {
namespace {

using testing::HasSubstr;

using run_interception = run_fixture;

TEST_F(run_interception, what_a_model_call_spends_is_told_at_once_and_in_the_sums) {
  std::atomic<std::int64_t> spent = 0;
  std::atomic<bool> bundle = false;
  start({.on_spent = [&](std::int64_t tokens) { spent = tokens; }, .on_bundle = [&] { bundle = true; }});
  EXPECT_TRUE(bundle);
  origin("api.openai.com", told);
  EXPECT_THAT(ask("api.openai.com", own_ca()), HasSubstr("resp_1"));
  test::until([&] { return spent == 42; });
  const auto sums = boost::json::serialize(traffic_->usage());
  EXPECT_THAT(sums, HasSubstr(R"("input_tokens":40)"));
  EXPECT_THAT(sums, HasSubstr(R"("exchanges_seen":1)"));
  finish();  // before what is told
}

TEST_F(run_interception, a_model_call_without_usage_is_told_as_uncounted) {
  std::atomic<int> uncounted = 0;
  start({.on_spent = [](std::int64_t) {}, .on_uncounted = [&](const usage::usage_record&) { ++uncounted; }});
  origin("api.openai.com",
         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"id\":\"x\"}");
  ask("api.openai.com", own_ca());
  test::until([&] { return uncounted == 1; });
  finish();  // before what is told
}

TEST_F(run_interception, a_host_that_is_not_watched_shows_its_own_certificate_and_is_told_as_passed) {
  start({.on_spent = [](std::int64_t) {}});
  origin("other.example", told);
  EXPECT_THAT(ask("other.example", origins_.file()), HasSubstr("resp_1"));
  test::until([&] { return !traffic_->passed().empty(); });
  EXPECT_EQ(traffic_->passed().front().host, "other.example");
  EXPECT_THAT(boost::json::serialize(traffic_->usage()), HasSubstr(R"("exchanges_seen":0)"));
}

TEST_F(run_interception, a_providers_host_that_is_not_listed_is_told_as_not_read) {
  std::atomic<int> told_unread = 0;
  start({.on_spent = [](std::int64_t) {},
         .on_unread =
             [&](const usage::unread_note& note) {
               told_unread += note.host == "api.mistral.ai" && note.why == "not_listed";
             }});
  origin("api.mistral.ai", told);
  EXPECT_THAT(ask("api.mistral.ai", origins_.file()), HasSubstr("resp_1"));
  test::until([&] { return !traffic_->passed().empty(); });
  const auto unread = traffic_->usage().at("unread").at(0);
  EXPECT_EQ(unread.at("host"), "api.mistral.ai");
  EXPECT_EQ(unread.at("why"), "not_listed");
  EXPECT_EQ(unread.at("connections"), 1);
  EXPECT_GT(unread.at("bytes").as_int64(), 0);
  EXPECT_EQ(told_unread, 1);
  finish();  // before what is told
}

TEST_F(run_interception, its_ca_is_its_own_for_its_hosts_and_no_key_of_it_is_stored) {
  start();
  const auto first = mitm::ca_certificate::load(own_ca());
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->permitted(), std::vector<std::string>{"api.openai.com"});
  finish();
  values_.mitm.hosts.push_back("other.example");
  start();
  const auto second = mitm::ca_certificate::load(own_ca());
  EXPECT_NE(second->fingerprint(), first->fingerprint());
  EXPECT_TRUE(second->covers("other.example")) << "no earlier run narrows a later one";
  const auto files = mitm::ca_files::in(values_.state_dir);
  EXPECT_FALSE(std::filesystem::exists(files.key));
  EXPECT_FALSE(std::filesystem::exists(files.certificate));
}

TEST_F(run_interception, does_not_start_with_what_the_configuration_cannot_mean) {
  values_.mitm.hosts = {"*"};
  const auto refused = interception::start(values_for_run(values_), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, exit_code::bad_config);
}

}  // namespace
}  // namespace app::run
