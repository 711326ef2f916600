#include "app/ledger_api/limits_routes.hpp"

#include "app/base/wall_clock.hpp"
#include "test/app/ledger_api/filled_ledger.hpp"

namespace app {
namespace {

class limits_routes_test : public filled_ledger {
 protected:
  limits_routes_test() {
    std::vector<usage::ledger_entry> entries;
    for (const char* account : {"aa", "bb"})
      for (int i = 0; i < 3; ++i) entries.emplace_back(told(account, 1000 * i, unix_ms() + i));
    EXPECT_TRUE(usage::ledger::open({.file = values_.ledger.file})->write(entries).has_value());
  }

  static usage::account_window told(const char* account, std::int64_t used, std::int64_t at) {
    usage::account_window made;
    made.account = account;
    made.host = "api.anthropic.com";
    made.window.name = "5h";
    made.window.used = used;
    made.window.reset = at + 3'600'000;
    made.seen_at = at;
    return made;
  }
};

TEST_F(limits_routes_test, the_latest_of_each_account_and_window_is_listed) {
  start();
  const auto document = json_of(get("/v1/limits"));
  EXPECT_EQ(document.at("object").as_string(), "list");
  ASSERT_EQ(document.at("data").as_array().size(), 2u);
  for (const auto& each : document.at("data").as_array()) {
    EXPECT_EQ(each.at("used_percent").as_double(), 2);
    EXPECT_FALSE(each.at("expired").as_bool());
  }
  EXPECT_EQ(json_of(get("/v1/limits?account=aa&host=API.anthropic.com&window=5h")).at("data").as_array().size(), 1u);
  EXPECT_TRUE(json_of(get("/v1/limits?window=7d")).at("data").as_array().empty());
}

TEST_F(limits_routes_test, history_tells_the_changes_page_by_page) {
  start();
  const auto first = json_of(get("/v1/limits?history=1&account=bb&limit=2"));
  ASSERT_EQ(first.at("data").as_array().size(), 2u);
  EXPECT_TRUE(first.at("has_more").as_bool());
  const auto after = std::to_string(first.at("last_id").to_number<std::int64_t>());
  const auto second = json_of(get("/v1/limits?history=1&account=bb&limit=2&after=" + after));
  ASSERT_EQ(second.at("data").as_array().size(), 1u);
  EXPECT_EQ(second.at("data").at(0).at("used_percent").as_double(), 0);
  EXPECT_FALSE(second.at("has_more").as_bool());
}

TEST_F(limits_routes_test, a_parameter_that_is_wrong_is_named) {
  start();
  EXPECT_EQ(param_of(get("/v1/limits?history=yes")), "history");
  EXPECT_EQ(param_of(get("/v1/limits?history=1&limit=0")), "limit");
  EXPECT_EQ(param_of(get("/v1/limits?history=1&limit=1001")), "limit");
  EXPECT_EQ(param_of(get("/v1/limits?limit=5")), "limit");
  EXPECT_EQ(param_of(get("/v1/limits?after=5")), "after");
  EXPECT_EQ(param_of(get("/v1/limits?account=")), "account");
  EXPECT_EQ(param_of(get("/v1/limits?window=%ff")), "window");
  EXPECT_EQ(param_of(get("/v1/limits?windows=5h")), "windows");
}

}  // namespace
}  // namespace app
