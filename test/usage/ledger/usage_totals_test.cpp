#include "usage/ledger/usage_totals.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

usage_record call() {
  usage_record row;
  row.kind = call_kind::model;
  row.status = record_status::complete;
  row.tokens.input_uncached = 10;
  row.tokens.output_total = 5;
  return row;
}

TEST(usage_totals, what_is_not_a_model_call_has_no_status) {
  usage_totals totals;
  usage_record row;
  row.kind = call_kind::count_tokens;
  row.status = record_status::error;
  add_row(totals, row);
  EXPECT_EQ(totals.other_requests, 1);
  EXPECT_EQ(totals.errors, 0);
  usage_record failed = call();
  failed.status = record_status::error;
  failed.attempt = 1;
  add_row(totals, failed);
  EXPECT_EQ(totals.errors, 1);
  EXPECT_EQ(totals.retries, 1);
}

TEST(usage_totals, calls_that_did_not_report_a_count_are_counted_beside_its_sum) {
  usage_totals totals;
  add_row(totals, call());
  EXPECT_EQ(totals.input_unreported, 0);
  EXPECT_EQ(totals.output_unreported, 0);
  EXPECT_EQ(totals.cache_read_unreported, 1);
  EXPECT_EQ(totals.thinking_unreported, 1);
  usage_record failed;
  failed.kind = call_kind::model;
  failed.status = record_status::error;
  add_row(totals, failed);
  EXPECT_EQ(totals.input_unreported, 0) << "it used nothing";
  usage_record silent = call();
  silent.status = record_status::unreported;
  silent.tokens = {};
  add_row(totals, silent);
  EXPECT_EQ(totals.input_unreported, 1);
}

TEST(usage_totals, contradictions_are_counted) {
  usage_totals totals;
  usage_record row = call();
  row.usage_flags = total_differs;
  add_row(totals, row);
  add_row(totals, call());
  EXPECT_EQ(totals.inconsistent, 1);
}

TEST(usage_totals, what_was_added_can_be_taken_away) {
  usage_totals totals;
  usage_record row = call();
  row.facts.provider_cost = 12;
  row.facts.web_searches = 2;
  row.tokens.cache_write_1h = 3;
  add_row(totals, row);
  EXPECT_EQ(totals.provider_cost, 12);
  add_row(totals, row, -1);
  EXPECT_EQ(totals, usage_totals{});
}

}  // namespace
}  // namespace usage
