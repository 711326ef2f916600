#include <algorithm>
#include <array>

#include "usage/dialect.hpp"
#include "usage/usage_object.hpp"

namespace usage {
namespace {

// One table for OpenAI and all its likenesses: each names some of these. Chat calls the input "prompt" and the output
// "completion"; Realtime writes "token" where others write "tokens".
constexpr std::array openai_usage{
    json_path{"prompt_tokens", tag(member::input)},
    json_path{"input_tokens", tag(member::input)},
    json_path{"prompt_tokens_details.cached_tokens", tag(member::cached)},
    json_path{"input_tokens_details.cached_tokens", tag(member::cached)},
    json_path{"input_token_details.cached_tokens", tag(member::cached)},
    json_path{"cached_tokens", tag(member::cached)},            // Moonshot
    json_path{"prompt_cache_hit_tokens", tag(member::cached)},  // DeepSeek
    json_path{"prompt_tokens_details.cache_write_tokens", tag(member::cache_write)},
    json_path{"input_tokens_details.cache_write_tokens", tag(member::cache_write)},
    json_path{"input_token_details.cache_write_tokens", tag(member::cache_write)},
    json_path{"prompt_tokens_details.audio_tokens", tag(member::audio_input)},
    json_path{"input_tokens_details.audio_tokens", tag(member::audio_input)},
    json_path{"input_token_details.audio_tokens", tag(member::audio_input)},
    json_path{"prompt_tokens_details.image_tokens", tag(member::image_input)},
    json_path{"input_tokens_details.image_tokens", tag(member::image_input)},
    json_path{"input_token_details.image_tokens", tag(member::image_input)},
    json_path{"completion_tokens", tag(member::output)},
    json_path{"output_tokens", tag(member::output)},
    json_path{"completion_tokens_details.reasoning_tokens", tag(member::thinking)},
    json_path{"output_tokens_details.reasoning_tokens", tag(member::thinking)},
    json_path{"output_token_details.reasoning_tokens", tag(member::thinking)},
    json_path{"reasoning_tokens", tag(member::thinking)},  // Perplexity
    json_path{"completion_tokens_details.audio_tokens", tag(member::audio_output)},
    json_path{"output_tokens_details.audio_tokens", tag(member::audio_output)},
    json_path{"output_token_details.audio_tokens", tag(member::audio_output)},
    json_path{"completion_tokens_details.image_tokens", tag(member::image_output)},
    json_path{"output_tokens_details.image_tokens", tag(member::image_output)},
    json_path{"total_tokens", tag(member::total)},
    json_path{"seconds", tag(member::audio_seconds)},         // of a transcription billed by its length
    json_path{"cost", tag(member::cost)},                     // OpenRouter
    json_path{"cost.total_cost", tag(member::cost)},          // Perplexity
    json_path{"cost_in_usd_ticks", tag(member::cost_ticks)},  // xAI
    json_path{"num_search_queries", tag(member::web_searches)},
    json_path{"server_side_tool_usage_details.web_search_calls", tag(member::web_searches)},
    json_path{"service_tier", tag(member::service_tier)},
};

constexpr std::array answer_document{
    json_path{"model", tag(member::model)},
    json_path{"id", tag(member::id)},
    json_path{"service_tier", tag(member::service_tier)},
};

constexpr std::array responses_events{
    json_path{"type", tag(member::type)},
    json_path{"code", tag(member::event_code)},
    json_path{"response.model", tag(member::model)},
    json_path{"response.id", tag(member::id)},
    json_path{"response.service_tier", tag(member::service_tier)},
    json_path{"response.status", tag(member::answer_status)},
    json_path{"response.error.code", tag(member::error_code)},
    json_path{"response.error.type", tag(member::error_type)},
    json_path{"response.tool_usage.image_gen", tag(member::tool_usage), selection::verbatim},
    json_path{"response.tools[*].model", tag(member::tool_model)},  // only the image tool has one
};

// Of a body that is no event stream.
constexpr std::array responses_body{
    json_path{"tool_usage.image_gen", tag(member::tool_usage), selection::verbatim},
    json_path{"tools[*].model", tag(member::tool_model)},
    json_path{"status", tag(member::answer_status)},
};

constexpr std::array realtime_document{
    json_path{"type", tag(member::type)},
    json_path{"response.id", tag(member::id)},
    json_path{"response.status_details.error.code", tag(member::error_code)},
    json_path{"response.status_details.error.type", tag(member::error_type)},
    json_path{"session.model", tag(member::model)},
};

constexpr std::array batch_line{
    json_path{"response.body.model", tag(member::model)},
    json_path{"response.body.service_tier", tag(member::service_tier)},
};

/// OpenAI counts reasoning among the output, xAI and Gemini's OpenAI endpoint beside it. The total, where there is one,
/// decides: all that is not prompt is output.
void take_output(normal_form& form, const counters& seen) {
  form.tokens.thinking = seen[member::thinking];
  form.tokens.output_total = seen[member::output];
  const std::int64_t told = seen[member::output].value_or(0);
  const std::int64_t thinking = seen[member::thinking].value_or(0);
  if (!seen[member::total] || !seen[member::input]) {
    if (thinking <= told) return;
    form.tokens.output_total = told + thinking;
    form.flags |= part_exceeds_whole;
    return;
  }
  const std::int64_t rest = *seen[member::total] - *seen[member::input];
  if (rest != told && rest != told + thinking) form.flags |= total_differs;
  form.tokens.output_total = std::max(rest, told);
}

normal_form normalise_openai(const counters& seen) {
  normal_form form;
  form.tokens.cache_read = seen[member::cached];
  form.tokens.cache_write = seen[member::cache_write];
  if (seen[member::input]) take_prompt(form, *seen[member::input]);
  take_output(form, seen);
  take_parts(form, seen);
  return form;
}

bool ends_responses_stream(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed";
}

json_paths openai_objects() {
  return json_paths(openai_usage);
}

}  // namespace

const dialect& openai_chat_dialect() {
  static const dialect instance{
      .name = "openai.chat",
      .family = provider::openai_chat,
      .paths = answer_paths({"x_groq.usage", "choices[*].usage", "usage"}, openai_usage, answer_document),
      .objects = openai_objects(),
      .normalise = normalise_openai};
  return instance;
}

const dialect& openai_plain_dialect() {
  static const dialect instance{.name = "openai.plain",
                                .family = provider::openai,
                                .paths = answer_paths({"usage"}, openai_usage, answer_document),
                                .objects = openai_objects(),
                                .normalise = normalise_openai};
  return instance;
}

const dialect& openai_events_dialect() {
  static const dialect instance{.name = "openai.events",
                                .family = provider::openai_responses,
                                .paths = answer_paths({"response.usage"}, openai_usage, responses_events),
                                .objects = openai_objects(),
                                .normalise = normalise_openai,
                                .ends_stream = ends_responses_stream};
  return instance;
}

const dialect& openai_responses_dialect() {
  static const dialect instance = [] {
    dialect all = openai_events_dialect();
    all.name = "openai.responses";
    all.paths.add({}, responses_body);
    all.paths.add({}, answer_document);
    add_usage(all.paths, "usage", openai_usage);
    return all;
  }();
  return instance;
}

const dialect& openai_media_dialect() {
  static constexpr std::array document{json_path{"type", tag(member::type)}, json_path{"model", tag(member::model)}};
  static const dialect instance{.name = "openai.media",
                                .family = provider::openai,
                                .paths = answer_paths({"usage"}, openai_usage, document),
                                .objects = openai_objects(),
                                .normalise = normalise_openai,
                                .ends_stream = [](std::string_view type) {
                                  return type == "transcript.text.done" || type == "speech.audio.done" ||
                                         type == "image_generation.completed" || type == "image_edit.completed";
                                }};
  return instance;
}

const dialect& openai_batch_dialect() {
  static const dialect instance{.name = "openai.batch",
                                .family = provider::openai,
                                .paths = usage_paths({"response.body.usage"}, openai_usage, batch_line),
                                .objects = openai_objects(),
                                .normalise = normalise_openai,
                                .adds_up = true};
  return instance;
}

const dialect& openai_realtime_dialect() {
  static const dialect instance{.name = "openai.realtime",
                                .family = provider::openai_responses,
                                .paths = answer_paths({"response.usage", "usage"}, openai_usage, realtime_document),
                                .objects = openai_objects(),
                                .normalise = normalise_openai,
                                .ends_stream = [](std::string_view type) { return type == "response.done"; }};
  return instance;
}

}  // namespace usage
