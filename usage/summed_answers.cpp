#include "usage/summed_answers.hpp"

#include <algorithm>

namespace usage {
namespace {

void add(std::optional<std::int64_t>& to, const std::optional<std::int64_t>& more) {
  if (more) to = to.value_or(0) + *more;
}

}  // namespace

void add(token_usage& to, const token_usage& more) {
  for (const auto count : token_counts) add(to.*count, more.*count);
}

void summed_answers::add(const std::string& model, const normal_form& used) {
  auto found = std::ranges::find(sums_, model, &std::pair<std::string, normal_form>::first);
  const bool mixed = found == sums_.end() && sums_.size() == max_models;
  if (mixed) {
    --found;
  } else if (found == sums_.end()) {
    found = sums_.insert(found, {model, {}});
  }
  usage::add(found->second.tokens, used.tokens);
  found->second.flags |= used.flags;
  if (mixed) found->second.flags |= total_differs;
}

answer_usage summed_answers::usage(std::uint8_t flags) const {
  answer_usage all;
  if (sums_.empty()) return all;
  all.used = sums_.front().second;
  all.used.flags |= flags;
  all.facts.service_tier = "batch";
  all.details.served_model = sums_.front().first;
  for (auto each = sums_.begin() + 1; each != sums_.end(); ++each)
    all.details.sides.push_back({"batch", each->first, each->second, {}});
  return all;
}

}  // namespace usage
