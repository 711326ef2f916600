// Every generation is a row, whatever its id; what is fetched again is no further call.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "test/usage/ledger/ledger_fixture.hpp"
#include "usage/fetched_answer.hpp"

namespace usage::testing {
namespace {

std::int64_t next_key = 0;

usage_record generation(std::int64_t at, const std::string& id, std::int64_t input, std::int64_t output) {
  usage_record row = model_call(epoch + at, "m", input, output);
  row.response_id = id;
  row.row_key = ++next_key;
  return row;
}

/// It was accepted, or its stream was cut: no usage was told.
usage_record untold(std::int64_t at, const std::string& id, record_status status = record_status::unreported) {
  usage_record row = generation(at, id, 0, 0);
  row.status = status;
  row.tokens = {};
  return row;
}

usage_record fetch(std::int64_t at, const std::string& id, std::int64_t input, std::int64_t output) {
  usage_record row = generation(at, id, input, output);
  row.method = "GET";
  row.path += "/" + id;
  row.request_kind = fetch_kind;
  row.requested_model.clear();
  row.served_model = "m-served";
  row.raw_usage = "{}";
  return row;
}

usage_record poll(std::int64_t at, const std::string& id) {
  return without_usage(fetch(at, id, 0, 0));
}

void expect_true_sums(const temporary_ledger& home) {
  ledger_reader reader = home.reader();
  const auto rows = all_rows(reader);
  EXPECT_EQ(reader.totals({}).value(), expected_totals({}, rows));
  for (const group_by by : every_group) {
    auto kept = by_key(reader.report(by, {}).value());
    auto expected = expected_groups(by, {}, rows);
    // A group that a row has left may stay with nothing in it, and with the times of that row.
    std::erase_if(kept, [](const auto& each) { return each.second.totals == usage_totals{}; });
    for (auto& [key, group] : kept) group.first_at = group.last_at = 0;
    for (auto& [key, group] : expected) group.first_at = group.last_at = 0;
    EXPECT_EQ(kept, expected);
  }
}

std::int64_t tokens_in(const temporary_ledger& home) {
  const auto totals = home.reader().totals({}).value();
  return totals.input_tokens + totals.output_tokens;
}

TEST(fetched_calls, answers_that_repeat_an_id_are_rows_of_their_own) {
  const temporary_ledger home;
  ledger store = home.open();
  const std::vector rows{generation(0, "msg", 1000, 100), generation(1, "msg", 1000, 100), generation(2, "msg", 7, 3)};
  EXPECT_EQ(store.insert(rows).value().inserted, 3u);
  const auto totals = home.reader().totals({}).value();
  EXPECT_EQ(totals.requests, 3);
  EXPECT_EQ(totals.input_tokens, 2007);
  EXPECT_EQ(totals.output_tokens, 203);
  expect_true_sums(home);
}

TEST(fetched_calls, a_background_call_is_booked_once_at_the_poll_that_tells_it) {
  const temporary_ledger home;
  ledger store = home.open();
  auto told = fetch(20, "resp", 75, 1186);
  told.conversation = "c";
  const std::vector rows{untold(0, "resp"), poll(10, "resp"), told, fetch(30, "resp", 75, 1186)};
  for (const auto& row : rows) ASSERT_EQ(store.insert(std::span(&row, 1)).value().inserted, 1u);
  auto reader = home.reader();
  const auto booked = all_rows(reader);
  ASSERT_EQ(booked.size(), 4u);
  EXPECT_EQ(booked[0].kind, call_kind::model);
  EXPECT_EQ(booked[0].status, record_status::complete);
  EXPECT_EQ(booked[0].tokens, told.tokens);
  EXPECT_EQ(booked[0].raw_usage, "{}");
  EXPECT_EQ(booked[0].served_model, "m-served");
  EXPECT_EQ(booked[0].started_at, epoch);
  EXPECT_EQ(booked[0].conversation, "c") << "the poll brought it";
  for (const int i : {1, 2, 3}) {
    EXPECT_EQ(booked[i].kind, call_kind::other) << i;
    EXPECT_EQ(booked[i].tokens, token_usage{}) << i;
  }
  EXPECT_EQ(reader.totals({}).value().requests, 1);
  expect_true_sums(home);
}

TEST(fetched_calls, one_that_began_unseen_is_booked_at_its_first_fetch) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{poll(0, "r"), fetch(1, "r", 5, 6), fetch(2, "r", 5, 6)}).has_value());
  EXPECT_EQ(tokens_in(home), 11);
  EXPECT_EQ(home.reader().totals({}).value().requests, 1);
  expect_true_sums(home);
}

TEST(fetched_calls, another_host_has_ids_of_its_own) {
  const temporary_ledger home;
  ledger store = home.open();
  auto elsewhere = fetch(1, "r", 5, 6);
  elsewhere.host = "other.example.com";
  ASSERT_TRUE(store.insert(std::vector{generation(0, "r", 5, 6), elsewhere}).has_value());
  EXPECT_EQ(tokens_in(home), 22);
}

TEST(fetched_calls, a_stream_that_ends_after_its_fetch_has_the_call) {
  for (const bool cut : {false, true}) {
    const temporary_ledger home;
    ledger store = home.open();
    const auto row = cut ? untold(0, "r", record_status::interrupted) : generation(0, "r", 5, 6);
    ASSERT_TRUE(store.insert(std::vector{fetch(1, "r", 5, 6), row}).has_value());
    auto reader = home.reader();
    const auto rows = all_rows(reader);
    EXPECT_EQ(rows[0].kind, call_kind::other);
    EXPECT_EQ(rows[1].kind, call_kind::model);
    EXPECT_EQ(rows[1].tokens.output_total, 6);
    EXPECT_EQ(rows[1].status, record_status::complete);
    expect_true_sums(home);
  }
}

TEST(fetched_calls, a_later_generation_with_the_id_of_a_fetch_is_another_call) {
  const temporary_ledger home;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{fetch(1, "r", 5, 6), generation(2, "r", 5, 6)}).has_value());
  EXPECT_EQ(tokens_in(home), 22);
}

TEST(fetched_calls, written_again_they_change_nothing) {
  const temporary_ledger home;
  ledger store = home.open();
  const std::vector rows{untold(0, "r"), fetch(1, "r", 5, 6), fetch(2, "q", 7, 8), generation(3, "q", 1, 1)};
  ASSERT_TRUE(store.insert(rows).has_value());
  EXPECT_EQ(store.insert(rows).value().duplicates, rows.size());
  EXPECT_EQ(tokens_in(home), 28);
  expect_true_sums(home);
}

TEST(fetched_calls, a_fetch_that_was_written_beside_the_ledger_is_joined_when_it_comes_over) {
  const temporary_ledger home;
  const temporary_ledger beside;
  ledger store = home.open();
  ASSERT_TRUE(store.insert(std::vector{untold(0, "r"), generation(1, "s", 2, 2)}).has_value());
  const std::vector waiting{fetch(2, "r", 5, 6), generation(3, "s", 2, 2)};
  ASSERT_TRUE(beside.open().insert(waiting).has_value());
  EXPECT_EQ(store.take_over(beside.options).value().inserted, 2u);
  ASSERT_TRUE(beside.open().insert(waiting).has_value());
  EXPECT_EQ(store.take_over(beside.options).value().duplicates, 2u);
  EXPECT_EQ(tokens_in(home), 19);
  expect_true_sums(home);
}

TEST(fetched_calls, rows_without_a_key_and_with_the_same_measures_come_over_once_each) {
  const temporary_ledger home;
  const temporary_ledger beside;
  ledger store = home.open();
  auto row = generation(0, "same", 2, 2);
  row.row_key = 0;
  std::vector<usage_record> rows;
  for (int i = 0; i < 995; ++i) rows.push_back(model_call(epoch + 1 + i, "m", 2, 2));
  rows.insert(rows.end(), 10, row);  // some are of the next batch
  ASSERT_TRUE(beside.open().insert(rows).has_value());
  ASSERT_TRUE(store.insert(std::span(rows).first(998)).has_value()) << "as if the first time had been cut short";
  EXPECT_EQ(store.take_over(beside.options).value().inserted, 7u);
  EXPECT_EQ(tokens_in(home), 4 * 1005);
}

/// What happened at a provider, the rows that it leaves, and what it used.
class made_up_traffic {
 public:
  /// `alike`: background calls repeat their ids, too.
  made_up_traffic(std::uint64_t seed, bool alike) : random_(seed), alike_(alike) {
    for (int i = 0; i < 40; ++i) add(i);
  }

  /// In the order in which the exchanges end.
  std::vector<usage_record> rows() const {
    std::vector<usage_record> rows;
    for (const auto& [end, row] : rows_) rows.push_back(row);
    return rows;
  }
  std::int64_t used() const { return used_; }
  std::int64_t calls() const { return calls_; }

 private:
  std::int64_t below(std::int64_t limit) { return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random_); }

  void ends(std::int64_t at, usage_record row) { rows_.emplace(at, std::move(row)); }

  void add_fetches(std::int64_t from, const std::string& id, std::int64_t input, std::int64_t output) {
    for (std::int64_t left = 1 + below(3); left != 0; --left) {
      const std::int64_t at = from + below(500);
      ends(at + 1 + below(50), fetch(at, id, input, output));
    }
  }

  void add(int number) {
    const std::int64_t at = below(2000), input = 1000 + number, output = 50 + below(50);
    const std::int64_t end = at + 1 + below(800);
    const std::string own = "resp-" + std::to_string(number);
    const std::string shared = "shared-" + std::to_string(below(3));
    used_ += input + output;
    ++calls_;
    switch (below(5)) {
      case 0:  // answers of one id
        return ends(end, generation(at, shared, input, output));
      case 1: {  // a background call, among others of its id
        const std::string& id = alike_ ? shared : own;
        ends(at, untold(at, id));
        for (std::int64_t left = below(3); left != 0; --left) ends(at + 1 + below(400), poll(at + 1, id));
        return add_fetches(at + 500, id, input, output);
      }
      case 2:  // a stream that is fetched while it goes on, and later
        ends(end, generation(at, own, input, output));
        return add_fetches(at, own, input, output);
      case 3:  // a stream that is cut, and resumed
        ends(end, untold(at, own, record_status::interrupted));
        return add_fetches(at, own, input, output);
      default:  // it began before all that
        return add_fetches(at, own, input, output);
    }
  }

  std::mt19937_64 random_;
  bool alike_;
  std::multimap<std::int64_t, usage_record> rows_;  // by their end
  std::int64_t used_ = 0;
  std::int64_t calls_ = 0;
};

TEST(fetched_calls, any_interleaving_of_generations_polls_fetches_and_resumes_has_the_exact_sum) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    const bool alike = seed % 2 == 0;
    const made_up_traffic traffic(seed, alike);
    const auto rows = traffic.rows();
    const temporary_ledger home;
    const temporary_ledger beside;
    {
      ledger store = home.open();
      std::size_t done = 0;
      std::mt19937_64 random(seed);
      while (done < rows.size()) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 30, rows.size() - done);
        const auto batch = std::span(rows).subspan(done, part);
        if (!alike && random() % 4 == 0) {  // the file could not be used for a while
          ASSERT_TRUE(beside.open().insert(batch).has_value());
          ASSERT_TRUE(store.take_over(beside.options).has_value());
        } else {
          ASSERT_TRUE(store.insert(batch).has_value());
          if (random() % 3 == 0) ASSERT_EQ(store.insert(batch).value().duplicates, part);
        }
        done += part;
      }
    }
    EXPECT_EQ(tokens_in(home), traffic.used()) << seed;
    const auto totals = home.reader().totals({}).value();
    EXPECT_EQ(totals.requests, traffic.calls()) << seed;
    EXPECT_EQ(totals.requests + totals.other_requests, static_cast<std::int64_t>(rows.size())) << seed;
    expect_true_sums(home);

    // What is summed while it passes comes to the same.
    usage_totals passing;
    fetchable_calls calls;
    std::int64_t less = 0;
    for (const auto& row : rows) {
      const auto change = calls.see(row);
      if (change.as_it_is) add(passing, row);
      for (const auto& each : change.more) add(passing, each);
      usage_totals left;
      for (const auto& each : change.less) add(left, each);
      less += left.input_tokens + left.output_tokens;
    }
    EXPECT_EQ(passing.input_tokens + passing.output_tokens - less, traffic.used()) << seed;
  }
}

}  // namespace
}  // namespace usage::testing
