#include "usage/read_again.hpp"

#include "usage/usage_object.hpp"

namespace usage {
namespace {

const dialect& terms_of(const usage_record& row) {
  switch (row.provider) {
    case provider::google:
      return row.path.find("/interactions") == row.path.npos ? google_dialect() : google_interactions_dialect();
    case provider::openai_chat:
    case provider::openai_responses:
    case provider::openai:
      return openai_plain_dialect();
    case provider::anthropic:
      return anthropic_dialect();
    case provider::bedrock:
      return bedrock_dialect();
    case provider::unknown:
      break;
  }
  return errors_only();
}

}  // namespace

std::optional<normal_form> read_again(const usage_record& row) {
  if (row.raw_usage.empty()) return std::nullopt;
  const dialect& terms = terms_of(row);
  const usage_object object(terms, row.raw_usage);
  if (!object.understood()) return std::nullopt;
  normal_form form = object.used();
  usage_details details;
  if (terms.look_closer != nullptr) terms.look_closer(last_object(row.raw_usage), form, details);
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
