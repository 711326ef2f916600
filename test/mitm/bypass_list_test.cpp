#include "mitm/bypass_list.hpp"

#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace mitm {
namespace {

using namespace std::chrono_literals;

constexpr bypass_list::instant start{1h};
constexpr bypass_list::wall_time noon{12h};

const client_program agent{1000, "/usr/bin/agent"};

limits bounds(unsigned after = 3) {
  limits chosen;
  chosen.bypass_after = after;
  chosen.bypass_for = 10min;
  return chosen;
}

void reject(bypass_list& list, int times, bypass_list::instant now = start) {
  for (int i = 0; i < times; ++i) list.rejected("a.example.com", agent, "unknown ca", now);
}

TEST(bypass_list, only_the_first_rejection_of_a_host_is_the_first) {
  bypass_list list{bounds()};
  EXPECT_TRUE(list.rejected("a.example.com", agent, "unknown ca", start).first);
  EXPECT_FALSE(list.rejected("A.example.com.", agent, "unknown ca", start).first);
  EXPECT_TRUE(list.rejected("b.example.com", agent, "unknown ca", start).first);
}

TEST(bypass_list, a_host_is_bypassed_from_its_nth_rejection_in_a_row) {
  bypass_list list{bounds(3)};
  reject(list, 2);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, start));
  EXPECT_TRUE(list.rejected("a.example.com", agent, "unknown ca", start).became_bypassed);
  EXPECT_TRUE(list.bypassed("a.example.com", agent, start));
  EXPECT_TRUE(list.bypassed("A.EXAMPLE.com", agent, start));
  EXPECT_FALSE(list.bypassed("b.example.com", agent, start));
}

TEST(bypass_list, a_program_is_bypassed_for_itself_alone) {
  bypass_list list{bounds(3)};
  reject(list, 3);
  EXPECT_TRUE(list.bypassed("a.example.com", agent, start));
  for (const client_program& other : {client_program{1000, "/usr/bin/browser"},
                                      {1001, "/usr/bin/agent"},
                                      {1000, ""},
                                      {std::nullopt, "/usr/bin/agent"},
                                      {}}) {
    EXPECT_FALSE(list.bypassed("a.example.com", other, start)) << describe(other);
  }
}

TEST(bypass_list, a_program_that_is_not_known_stands_for_none_that_is) {
  bypass_list list{bounds(3)};
  for (int i = 0; i < 3; ++i) list.rejected("a.example.com", {1000, ""}, "unknown ca", start);
  for (int i = 0; i < 3; ++i) list.rejected("a.example.com", {}, "unknown ca", start);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, start));
  EXPECT_TRUE(list.bypassed("a.example.com", {1000, ""}, start));
  EXPECT_FALSE(list.bypassed("a.example.com", {1001, ""}, start));
}

TEST(bypass_list, unknown_programs_of_which_one_has_sent_a_request_are_never_bypassed) {
  bypass_list list{bounds(3)};
  const client_program unknown{1000, "", "kind"};
  list.accepted("b.example.com", unknown);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(list.rejected("a.example.com", unknown, "", start).became_bypassed);
  EXPECT_FALSE(list.bypassed("a.example.com", unknown, start));
  const client_program other{1000, "", "another kind"};
  for (int i = 0; i < 3; ++i) list.rejected("a.example.com", other, "", start);
  EXPECT_TRUE(list.bypassed("a.example.com", other, start));
}

TEST(bypass_list, a_program_that_has_sent_a_request_anywhere_is_known_to_trust_and_so_many_are) {
  bypass_list list{bounds(3)};
  EXPECT_FALSE(list.trusts(agent));
  list.accepted("a.example.com", agent);
  EXPECT_TRUE(list.trusts(agent));
  EXPECT_FALSE(list.trusts({1001, agent.executable}));
  for (std::size_t i = 1; i < bypass_list::max_trusting; ++i) list.accepted("a", {1000, "/bin/" + std::to_string(i)});
  EXPECT_TRUE(list.trusts(agent));
  list.accepted("a.example.com", {1000, "/bin/one-more"});
  EXPECT_FALSE(list.trusts(agent));
  EXPECT_TRUE(list.trusts({1000, "/bin/one-more"}));
}

TEST(bypass_list, another_program_that_takes_the_leaf_does_not_end_a_count) {
  bypass_list list{bounds(3)};
  reject(list, 2);
  list.accepted("a.example.com", {1000, "/usr/bin/browser"});
  reject(list, 1);
  EXPECT_TRUE(list.bypassed("a.example.com", agent, start));
}

TEST(bypass_list, knows_the_hosts_at_which_any_program_was_heard_of) {
  bypass_list list{bounds(3)};
  EXPECT_FALSE(list.knows("b.example.com"));
  list.rejected("b.example.com", {}, "unknown ca", start);
  EXPECT_TRUE(list.knows("B.example.com."));
  EXPECT_FALSE(list.knows("a.example.com"));
  EXPECT_FALSE(list.knows("c.example.com"));
}

TEST(bypass_list, an_accepted_leaf_between_rejections_starts_the_count_again) {
  bypass_list list{bounds(3)};
  reject(list, 2);
  list.accepted("a.example.com", agent);
  reject(list, 2);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, start));
  EXPECT_FALSE(list.rejected("a.example.com", agent, "", start).first) << "it was logged already";
}

TEST(bypass_list, a_bypass_expires_and_needs_as_many_rejections_again) {
  bypass_list list{bounds(3)};
  reject(list, 3);
  EXPECT_TRUE(list.bypassed("a.example.com", agent, start + 10min - 1ms));
  const auto later = start + 10min;
  EXPECT_FALSE(list.bypassed("a.example.com", agent, later));
  EXPECT_TRUE(list.snapshot(later, noon).empty());
  reject(list, 2, later);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, later));
  reject(list, 1, later);
  EXPECT_TRUE(list.bypassed("a.example.com", agent, later));
}

TEST(bypass_list, rejections_during_a_bypass_do_not_prolong_it) {
  bypass_list list{bounds(3)};
  reject(list, 3);
  EXPECT_FALSE(list.rejected("a.example.com", agent, "late", start + 9min).became_bypassed);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, start + 10min));
}

TEST(bypass_list, the_snapshot_tells_host_end_count_and_last_reason) {
  bypass_list list{bounds(2)};
  list.rejected("quiet.example.com", agent, "unknown ca", start);
  reject(list, 2);
  list.rejected("a.example.com", agent, std::string(1000, 'x'), start);
  const auto rows = list.snapshot(start + 4min, noon);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].host, "a.example.com");
  EXPECT_EQ(rows[0].program, agent);
  EXPECT_EQ(rows[0].until, noon + 6min);
  EXPECT_EQ(rows[0].rejections, 3u);
  EXPECT_EQ(rows[0].reason, std::string(bypass_list::max_reason, 'x'));
}

TEST(bypass_list, zero_rejections_means_never) {
  bypass_list list{bounds(0)};
  reject(list, 100);
  EXPECT_FALSE(list.bypassed("a.example.com", agent, start));
}

TEST(bypass_list, the_host_not_heard_of_for_longest_is_forgotten_when_there_are_too_many) {
  bypass_list list{bounds(1)};
  for (std::size_t i = 0; i < bypass_list::max_records; ++i) {
    list.rejected("h" + std::to_string(i) + ".example.com", agent, "", start + std::chrono::milliseconds(i));
  }
  list.rejected("h0.example.com", agent, "", start + 1min);
  list.rejected("one-more.example.com", agent, "", start + 2min);
  EXPECT_EQ(list.snapshot(start + 2min, noon).size(), bypass_list::max_records);
  EXPECT_TRUE(list.bypassed("h0.example.com", agent, start + 2min)) << "heard of again";
  EXPECT_FALSE(list.bypassed("h1.example.com", agent, start + 2min));
  EXPECT_TRUE(list.bypassed("one-more.example.com", agent, start + 2min));
}

TEST(bypass_list, may_be_used_from_many_threads) {
  bypass_list list{bounds(400)};
  {
    const auto work = [&list] {
      for (int i = 0; i < 100; ++i) {
        list.rejected("a.example.com", agent, "unknown ca", start);
        list.bypassed("a.example.com", agent, start);
        list.snapshot(start, noon);
      }
    };
    std::jthread one{work}, two{work}, three{work}, four{work};
  }
  EXPECT_EQ(list.snapshot(start, noon).at(0).rejections, 400u);
}

}  // namespace
}  // namespace mitm
