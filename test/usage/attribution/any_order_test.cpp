// A thousand cascades with sub-agents, refused attempts, background calls and liars, told in every order that chance
// comes up with: each row ends up where it belongs, and nowhere else.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "test/usage/attribution/scene.hpp"

namespace usage::testing {
namespace {

struct call {
  std::int64_t row = 0;
  std::string truth;  // the conversation
  std::string conversation, rule, trajectory, response, trace;
  std::optional<std::int64_t> step;
  int attempt = 0;
  bool complete = false;

  row_seen seen() const {
    return {.row = row,
            .started_at = row,
            .conversation = conversation,
            .rule = rule,
            .trajectory_id = trajectory,
            .response_id = response,
            .trace_id = trace,
            .step = step,
            .complete = complete};
  }
};

struct told {
  enum class what { trajectory, response, trace, parent } kind;
  std::string id, cascade;

  finding as_finding() const {
    switch (kind) {
      case what::trajectory:
        return id_found{id_kind::trajectory, id, cascade};
      case what::response:
        return id_found{id_kind::response, id, cascade};
      case what::trace:
        return id_found{id_kind::trace, id, cascade};
      case what::parent:
        break;
    }
    return parent_found{id, cascade};
  }
};

struct world {
  std::vector<call> calls;
  std::vector<told> server;
  std::mt19937_64 random{1};

  std::int64_t below(std::int64_t limit) { return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random); }

  void one_call(const std::string& cascade, const std::string& trajectory, std::int64_t step) {
    const auto refused = below(4) == 0 ? below(4) : 0;
    for (int attempt = 0; attempt <= refused; ++attempt) {
      call made;
      made.row = static_cast<std::int64_t>(calls.size()) + 1;
      made.truth = made.conversation = cascade;
      made.rule = "request_id";
      made.trajectory = trajectory;
      made.step = step;
      made.attempt = attempt;
      made.complete = attempt == refused;
      made.trace = std::to_string(0x100000 + made.row);
      if (made.complete) made.response = "response-" + std::to_string(made.row);
      if (made.complete) server.push_back({told::what::response, made.response, cascade});
      if (!made.complete) server.push_back({told::what::trace, "0x" + made.trace, cascade});
      calls.push_back(std::move(made));
    }
  }

  void cascade(int number) {
    const std::string name = "cascade-" + std::to_string(number);
    const std::string trajectory = "trajectory-" + std::to_string(number);
    server.push_back({told::what::trajectory, trajectory, name});
    const auto steps = 1 + below(6);
    for (std::int64_t step = 1; step <= steps; ++step) one_call(name, trajectory, 2 * step);
    if (below(5) != 0) return;
    server.push_back({told::what::parent, name + "-agent", name});
    server.push_back({told::what::trajectory, trajectory + "-agent", name + "-agent"});
    one_call(name + "-agent", trajectory + "-agent", 1);
  }

  /// checkpoint/<uuid>: no id of a cascade, and the server does not list it.
  void background() {
    call made;
    made.row = static_cast<std::int64_t>(calls.size()) + 1;
    made.response = "title-" + std::to_string(made.row);
    made.complete = true;
    calls.push_back(std::move(made));
  }

  explicit world(int cascades) {
    for (int i = 0; i < cascades; ++i) {
      cascade(i);
      if (i % 7 == 0) background();
    }
  }
};

/// Everything once, some of it twice, in an order of chance.
scene play(const world& all, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<finding> findings;
  for (const call& each : all.calls) findings.emplace_back(each.seen());
  for (const told& each : all.server) findings.push_back(each.as_finding());
  std::ranges::shuffle(findings, random);
  scene s({.rows = 100'000, .ids = 100'000});
  for (std::size_t i = 0; i < findings.size(); ++i) {
    s.apply(findings[i]);
    if (i % 10 == 0) s.apply(findings[i / 2]);
  }
  return s;
}

std::map<std::int64_t, std::string> places_of(const scene& s) {
  std::map<std::int64_t, std::string> places;
  for (const auto& [row, at] : s.places())
    places[row] = at.conversation + " " + at.rule + " " + at.claimed + " " + std::to_string(at.flags) + " " +
                  at.logical_request + " " + std::to_string(at.attempt);
  return places;
}

void expect_truth(const scene& s, const world& all) {
  for (const call& each : all.calls) ASSERT_EQ(s.conversation(each.row), each.truth) << each.row;
}

TEST(any_order, a_thousand_cascades_get_their_rows_by_request_id) {
  const world all(1000);
  const scene first = play(all, 1);
  expect_truth(first, all);
  for (const call& each : all.calls) {
    ASSERT_EQ(first[each.row].attempt, each.attempt);
    ASSERT_EQ(first.flags(each.row), 0);
    if (!each.truth.empty()) ASSERT_EQ(first.rule(each.row), "request_id");
  }
  for (const std::uint64_t seed : {2, 3, 4}) EXPECT_EQ(places_of(play(all, seed)), places_of(first));
}

TEST(any_order, with_stripped_request_ids_they_get_them_by_what_the_server_says) {
  world all(1000);
  for (call& each : all.calls) {
    each.conversation = each.rule = each.trajectory = "";
    each.step.reset();
  }
  const scene first = play(all, 1);
  expect_truth(first, all);
  for (const call& each : all.calls)
    if (!each.truth.empty()) ASSERT_EQ(first.rule(each.row), each.complete ? "response_id" : "trace_id");
  EXPECT_EQ(places_of(play(all, 2)), places_of(first));
}

TEST(any_order, with_labels_alone_they_get_them_by_trajectory) {
  world all(1000);
  for (call& each : all.calls) each.conversation = each.rule = "";
  const scene first = play(all, 1);
  expect_truth(first, all);
  EXPECT_EQ(places_of(play(all, 2)), places_of(first));
}

TEST(any_order, with_both_removed_no_row_is_in_any_conversation) {
  world all(1000);
  for (call& each : all.calls) each.conversation = each.rule = each.trajectory = each.response = each.trace = "";
  const scene s = play(all, 1);
  for (const call& each : all.calls) ASSERT_EQ(s.conversation(each.row), "");
}

TEST(any_order, lies_are_flagged_and_do_not_move_a_token) {
  world all(1000);
  for (call& each : all.calls) {
    if (each.truth.empty() || each.row % 3 != 0) continue;
    each.conversation = "lie-" + std::to_string(each.row % 100);
  }
  const scene first = play(all, 1);
  expect_truth(first, all);
  for (const call& each : all.calls) {
    if (each.truth.empty() || each.row % 3 != 0) continue;
    ASSERT_EQ(first.flags(each.row), disputed | unknown_conversation);
    ASSERT_EQ(first[each.row].claimed, each.conversation);
  }
  for (const std::uint64_t seed : {2, 3, 4}) EXPECT_EQ(places_of(play(all, seed)), places_of(first));
}

TEST(any_order, quarrels_between_cascades_that_exist_end_the_same_in_any_order) {
  world all(200);
  for (std::size_t i = 0; i + 5 < all.server.size(); i += 5)
    if (all.server[i].kind != told::what::parent)
      all.server.push_back({all.server[i].kind, all.server[i].id, all.server[i + 5].cascade});
  for (call& each : all.calls)
    if (each.row % 2 == 0) each.conversation = each.rule = "";
  const auto first = places_of(play(all, 1));
  for (const std::uint64_t seed : {2, 3, 4, 5, 6, 7, 8, 9}) EXPECT_EQ(places_of(play(all, seed)), first);
}

}  // namespace
}  // namespace usage::testing
