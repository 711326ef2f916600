#include "app/run/outer_run.hpp"

#include "test/app/run/run_fixture.hpp"

namespace app::run {
namespace {

using outer_run = run_fixture;

TEST_F(outer_run, a_run_within_is_known_by_a_proxy_that_answers_as_a_runs_does) {
  EXPECT_FALSE(behind_proxy_of_run()) << "no proxy is named";
  start({.on_spent = [](std::int64_t) {}});
  ::setenv("HTTPS_PROXY", url_.c_str(), 1);
  EXPECT_TRUE(behind_proxy_of_run());
  ::setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_FALSE(behind_proxy_of_run()) << "a proxy of somebody else";
  ::setenv("HTTPS_PROXY", url_.c_str(), 1);
  finish();
  EXPECT_FALSE(behind_proxy_of_run()) << "the run has ended and its variable was left over";
}

}  // namespace
}  // namespace app::run
