#include "usage/dialect.hpp"

namespace usage {
namespace {

// promptTokenCount includes the cached tokens and not those of tool prompts; candidatesTokenCount excludes the
// thoughts. A member left out of usageMetadata is 0 (protobuf JSON omits zeros), but thoughts that were never reported
// stay unknown: models of other makers behind the same endpoint count theirs among the candidates.
normal_form normalise_gemini(const counters& seen) {
  normal_form form;
  form.tokens.cache_read = seen[member::cached].value_or(0);
  take_prompt(form, seen[member::input].value_or(0) + seen[member::tool_input].value_or(0));
  form.tokens.thinking = seen[member::thinking];
  form.tokens.output_total = seen[member::output].value_or(0) + seen[member::thinking].value_or(0);
  return form;
}

}  // namespace

const dialect& google_dialect() {
  static const dialect instance{with_errors({
                                    {"response.usageMetadata", tag(member::usage_latest), selection::verbatim},
                                    {"response.usageMetadata.promptTokenCount", tag(member::input)},
                                    {"response.usageMetadata.toolUsePromptTokenCount", tag(member::tool_input)},
                                    {"response.usageMetadata.cachedContentTokenCount", tag(member::cached)},
                                    {"response.usageMetadata.candidatesTokenCount", tag(member::output)},
                                    {"response.usageMetadata.thoughtsTokenCount", tag(member::thinking)},
                                    {"response.usageMetadata.totalTokenCount", tag(member::total)},
                                    {"response.modelVersion", tag(member::model)},
                                    {"response.responseId", tag(member::id)},
                                    {"usageMetadata", tag(member::usage_latest), selection::verbatim},
                                    {"usageMetadata.promptTokenCount", tag(member::input)},
                                    {"usageMetadata.toolUsePromptTokenCount", tag(member::tool_input)},
                                    {"usageMetadata.cachedContentTokenCount", tag(member::cached)},
                                    {"usageMetadata.candidatesTokenCount", tag(member::output)},
                                    {"usageMetadata.thoughtsTokenCount", tag(member::thinking)},
                                    {"usageMetadata.totalTokenCount", tag(member::total)},
                                    {"modelVersion", tag(member::model)},
                                    {"responseId", tag(member::id)},
                                }),
                                normalise_gemini, nullptr};
  return instance;
}

}  // namespace usage
