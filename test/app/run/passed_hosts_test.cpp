#include "app/run/passed_hosts.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace app::run {
namespace {

mitm::session_report spliced(std::string host, std::uint64_t bytes, std::string reason = "not configured") {
  mitm::session_report report;
  report.facts.host = std::move(host);
  report.facts.destination = {boost::asio::ip::make_address("192.0.2.9"), 22};
  report.handling = mitm::handling::spliced;
  report.reason = std::move(reason);
  report.bytes_down = bytes;
  return report;
}

TEST(passed_hosts, are_counted_by_name_with_most_bytes_first) {
  passed_hosts passed;
  passed.add(spliced("small.example", 1));
  passed.add(spliced("large.example", 100));
  passed.add(spliced("small.example", 2, "too large"));
  const auto all = passed.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].host, "large.example");
  EXPECT_EQ(all[1].connections, 2);
  EXPECT_EQ(all[1].bytes, 3);
  EXPECT_EQ(all[1].reason, "too large");
}

TEST(passed_hosts, what_has_no_name_goes_by_its_address) {
  passed_hosts passed;
  passed.add(spliced("", 1));
  auto v6 = spliced("", 1);
  v6.facts.destination = {boost::asio::ip::make_address("2001:db8::1"), 443};
  passed.add(v6);
  EXPECT_THAT(passed_hosts_text(passed.all()), testing::HasSubstr("192.0.2.9:22 (1 connection)"));
  EXPECT_THAT(passed_hosts_text(passed.all()), testing::HasSubstr("[2001:db8::1]:443"));
}

TEST(passed_hosts, what_was_intercepted_or_never_reached_did_not_pass) {
  passed_hosts passed;
  auto opened = spliced("api.openai.com", 1);
  opened.handling = mitm::handling::intercepted;
  passed.add(opened);
  auto refused = spliced("gone.example", 0);
  refused.failure = net::failure{net::failure::side_of::upstream, net::failure::phase_of::connect, {}, {}};
  passed.add(refused);
  EXPECT_TRUE(passed.all().empty());
  EXPECT_EQ(passed_hosts_text(passed.all()), "");
}

TEST(passed_hosts, beyond_the_limit_they_are_counted_together) {
  passed_hosts passed;
  for (std::size_t i = 0; i < passed_hosts::max_hosts + 3; ++i) passed.add(spliced("h" + std::to_string(i), 1));
  const auto all = passed.all();
  EXPECT_EQ(all.size(), passed_hosts::max_hosts + 1);
  const auto rest = std::ranges::find(all, "", &passed_host::host);
  ASSERT_NE(rest, all.end());
  EXPECT_EQ(rest->connections, 3);
}

TEST(passed_hosts, a_long_list_is_cut_in_the_text_and_no_name_reaches_the_terminal_raw) {
  passed_hosts passed;
  for (int i = 0; i < 20; ++i) passed.add(spliced("host" + std::to_string(i), 1));
  EXPECT_THAT(passed_hosts_text(passed.all()), testing::HasSubstr(" and 8 others.\n"));
  EXPECT_THAT(passed_hosts_text({{"evil\x1b[31m", 1, 1, ""}}), testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace app::run
