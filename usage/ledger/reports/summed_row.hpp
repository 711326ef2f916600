#pragma once

// Reads the columns that the ledger sums (usage/ledger/schema.hpp) into totals.

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "usage/ledger/schema.hpp"
#include "usage/ledger/sqlite.hpp"
#include "usage/ledger/usage_totals.hpp"

namespace usage {

static_assert(summed.size() == summed_totals.size());

/// A row of the columns `before`, the sums, and `after`: tuples of references.
template <class Before = std::tuple<>, class After = std::tuple<>>
void read_sums(sqlite_statement& row, usage_totals& totals, Before before = {}, After after = {}) {
  std::array<std::int64_t, summed.size()> sums{};
  std::apply([&row](auto&... each) { row.read(each...); },
             std::tuple_cat(before, std::apply([](auto&... each) { return std::tie(each...); }, sums), after));
  for (std::size_t i = 0; i < sums.size(); ++i) totals.*summed_totals[i] = sums[i];
  totals.input_tokens = totals.input_uncached_tokens + totals.cache_read_tokens + totals.cache_write_tokens;
}

}  // namespace usage
