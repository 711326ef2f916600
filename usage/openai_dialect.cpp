#include "usage/dialect.hpp"

namespace usage {
namespace {

// Both APIs count cached and newly cached tokens among the prompt's, and reasoning among the output's.
normal_form normalise_openai(const counters& seen) {
  normal_form form;
  form.tokens.cache_read = seen[member::cached];
  form.tokens.cache_write = seen[member::cache_write];
  form.tokens.output_total = seen[member::output];
  form.tokens.thinking = seen[member::thinking];
  if (seen[member::input]) take_prompt(form, *seen[member::input]);
  return form;
}

bool ends_responses_stream(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed";
}

}  // namespace

const dialect& openai_chat_dialect() {
  static const dialect instance{with_errors({
                                    {"usage", tag(member::usage_latest), selection::verbatim},
                                    {"usage.prompt_tokens", tag(member::input)},
                                    {"usage.prompt_tokens_details.cached_tokens", tag(member::cached)},
                                    {"usage.prompt_tokens_details.cache_write_tokens", tag(member::cache_write)},
                                    {"usage.completion_tokens", tag(member::output)},
                                    {"usage.completion_tokens_details.reasoning_tokens", tag(member::thinking)},
                                    {"usage.total_tokens", tag(member::total)},
                                    {"model", tag(member::model)},
                                    {"id", tag(member::id)},
                                }),
                                normalise_openai, nullptr};
  return instance;
}

const dialect& openai_responses_dialect() {
  static const dialect instance{
      with_errors(responses_event_paths,
                  {
                      {"usage", tag(member::usage_latest), selection::verbatim},
                      {"usage.input_tokens", tag(member::input)},
                      {"usage.input_tokens_details.cached_tokens", tag(member::cached)},
                      {"usage.input_tokens_details.cache_write_tokens", tag(member::cache_write)},
                      {"usage.output_tokens", tag(member::output)},
                      {"usage.output_tokens_details.reasoning_tokens", tag(member::thinking)},
                      {"usage.total_tokens", tag(member::total)},
                      {"model", tag(member::model)},
                      {"id", tag(member::id)},
                      {"status", tag(member::answer_status)},
                  }),
      normalise_openai, ends_responses_stream};
  return instance;
}

}  // namespace usage
