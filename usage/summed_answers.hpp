#pragma once

// The answers of many calls in one document: a batch's results. They are added up by model, since each line may have
// another.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "usage/dialect.hpp"

namespace usage {

/// What an answer has used.
struct answer_usage {
  normal_form used;
  billing_facts facts;
  usage_details details;
};

class summed_answers {
 public:
  /// Models told apart; what is of more is added to the last one, and flagged.
  static constexpr std::size_t max_models = 64;

  void add(const std::string& model, const normal_form& used);
  bool empty() const noexcept { return sums_.empty(); }

  /// The sum of the first model, with those of the others as side calls. `flags` are added to the first.
  answer_usage usage(std::uint8_t flags) const;

 private:
  std::vector<std::pair<std::string, normal_form>> sums_;
};

/// Adds each count that is known.
void add(token_usage& to, const token_usage& more);

}  // namespace usage
