#include "usage/ledger/usage_totals.hpp"

namespace usage {

// The view `booked` (schema.cpp) counts the same way.
void add_row(usage_totals& totals, const usage_record& row, std::int64_t times) {
  const auto sum_up = [times](std::int64_t& to, std::int64_t what) { to += times * what; };
  const bool model = row.kind == call_kind::model;
  sum_up(model ? totals.requests : totals.other_requests, 1);
  if (row.kind == call_kind::prewarm) return;
  const token_usage& tokens = row.tokens;
  const auto count = [&sum_up](std::int64_t& to, const std::optional<std::int64_t>& what) {
    sum_up(to, what.value_or(0));
  };
  count(totals.input_uncached_tokens, tokens.input_uncached);
  count(totals.cache_read_tokens, tokens.cache_read);
  count(totals.cache_write_tokens, tokens.cache_write);
  count(totals.input_tokens, tokens.input_total());
  count(totals.output_tokens, tokens.output_total);
  count(totals.thinking_tokens, tokens.thinking);
  count(totals.cache_write_1h_tokens, tokens.cache_write_1h);
  count(totals.audio_input_tokens, tokens.audio_input);
  count(totals.image_input_tokens, tokens.image_input);
  count(totals.audio_output_tokens, tokens.audio_output);
  count(totals.image_output_tokens, tokens.image_output);
  count(totals.web_searches, row.facts.web_searches);
  count(totals.provider_cost, row.facts.provider_cost);
  if (!model) return;
  sum_up(totals.inconsistent, row.usage_flags != 0);
  sum_up(totals.errors, row.status == record_status::error);
  sum_up(totals.interrupted, row.status == record_status::interrupted);
  sum_up(totals.unreported, row.status == record_status::unreported);
  sum_up(totals.retries, row.attempt > 0);
  if (row.status == record_status::error) return;
  sum_up(totals.input_unreported, !tokens.input_total());
  sum_up(totals.cache_read_unreported, !tokens.cache_read);
  sum_up(totals.cache_write_unreported, !tokens.cache_write);
  sum_up(totals.output_unreported, !tokens.output_total);
  sum_up(totals.thinking_unreported, !tokens.thinking);
}

}  // namespace usage
