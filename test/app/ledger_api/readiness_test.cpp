#include "app/ledger_api/readiness.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace app {
namespace {

TEST(readiness, is_503_as_soon_as_one_dependency_fails_and_gives_every_reason) {
  const std::vector<dependency> some{{"ledger", false, "disk full"}, {"ca", true, "bypassed: a.test"}};
  const auto response = readiness(some);
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(boost::json::parse(response.body), boost::json::parse(R"({"status":"not_ready","dependencies":[
      {"name":"ledger","status":"failed","reason":"disk full"},{"name":"ca","status":"ok","reason":"bypassed: a.test"}]})"));
}

TEST(readiness, is_200_when_all_are_well_or_none_is_known) {
  const std::vector<dependency> some{{"ca", true, {}}};
  EXPECT_EQ(readiness(some).status, 200u);
  EXPECT_EQ(readiness({}).status, 200u);
}

TEST(readiness, is_200_with_a_warning_and_gives_its_reason) {
  const std::vector<dependency> some{{"unread", true, "1 connection was not read", true}};
  const auto response = readiness(some);
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(boost::json::parse(response.body), boost::json::parse(R"({"status":"ready","dependencies":[
      {"name":"unread","status":"warning","reason":"1 connection was not read"}]})"));
}

TEST(readiness, liveness_depends_on_nothing) {
  EXPECT_EQ(liveness().status, 200u);
  EXPECT_EQ(liveness().body, R"({"status":"ok"})");
}

}  // namespace
}  // namespace app
