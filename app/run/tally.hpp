#pragma once

// What one run has spent: sums by model, conversation and process. They equal the ledger's, but cover this run alone
// and are available at once. Called from the strands of all connections.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "usage/fetched_answer.hpp"
#include "usage/ledger/usage_totals.hpp"
#include "usage/usage_record.hpp"

namespace app::run {

class tally {
 public:
  static constexpr std::size_t max_groups = 1024;  // of each kind; the rest counts in the totals only

  /// Adds one finished exchange. Returns all tokens of the run so far, input and output.
  std::int64_t add(const usage::usage_record& row);

  usage::usage_summary summary() const;

 private:
  using groups = std::map<std::string, usage::usage_group, std::less<>>;

  void count_everywhere(const usage::usage_record& row, std::int64_t times);
  static void count_in_group(groups& into, const std::string& key, const usage::usage_record& row, std::int64_t times);

  mutable std::mutex mutex_;  // guards all below; held for a few additions or a copy
  usage::usage_totals totals_;
  groups models_;
  groups conversations_;
  groups processes_;
  usage::fetchable_calls calls_;
};

}  // namespace app::run
