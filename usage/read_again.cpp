#include "usage/read_again.hpp"

#include "usage/usage_object.hpp"

namespace usage {
namespace {

/// The dialects of a provider name the members of a usage object alike, but for Google's interactions.
const dialect* terms_of(const usage_record& row) {
  const bool interaction = row.provider == provider::google && row.path.find("/interactions") != row.path.npos;
  return interaction ? &google_interactions_dialect() : main_dialect(row.provider);
}

}  // namespace

std::optional<normal_form> read_again(const usage_record& row) {
  const dialect* const terms = terms_of(row);
  if (terms == nullptr || row.raw_usage.empty()) return std::nullopt;
  const usage_object object(*terms, row.raw_usage);
  if (!object.understood()) return std::nullopt;
  normal_form form = object.used();
  usage_details details;
  if (terms->look_closer != nullptr) terms->look_closer(last_object(row.raw_usage), form, details);
  return form;
}

std::optional<usage_record> corrected(const usage_record& row) {
  const auto form = read_again(row);
  if (!form) return std::nullopt;
  usage_record whole = row;
  for (const auto count : token_counts)
    if (form->tokens.*count) whole.tokens.*count = form->tokens.*count;
  whole.usage_flags = form->flags;
  if (whole.tokens == row.tokens && whole.usage_flags == row.usage_flags) return std::nullopt;
  return whole;
}

}  // namespace usage
