#include <array>
#include <optional>

#include "net/text/ascii.hpp"
#include "usage/dialect.hpp"
#include "usage/usage_object.hpp"

namespace usage {
namespace {

// https://ai.google.dev/api/generate-content#UsageMetadata
constexpr std::array usage_metadata{
    json_path{"promptTokenCount", tag(member::input)},
    json_path{"toolUsePromptTokenCount", tag(member::tool_input)},
    json_path{"cachedContentTokenCount", tag(member::cached)},
    json_path{"candidatesTokenCount", tag(member::output)},
    json_path{"responseTokenCount", tag(member::output)},  // Live
    json_path{"thoughtsTokenCount", tag(member::thinking)},
    json_path{"totalTokenCount", tag(member::total)},
    json_path{"serviceTier", tag(member::service_tier)},
    json_path{"trafficType", tag(member::traffic_type)},
};

constexpr std::array generated_document{
    json_path{"response.modelVersion", tag(member::model)},
    json_path{"response.responseId", tag(member::id)},
    json_path{"modelVersion", tag(member::model)},
    json_path{"responseId", tag(member::id)},
    // Text embeddings of Vertex: each one tells its tokens.
    json_path{"predictions[*].embeddings.statistics.token_count", tag(member::input_part)},
};

// https://ai.google.dev/api/interactions-api
constexpr std::array interaction_usage{
    json_path{"total_input_tokens", tag(member::input)},
    json_path{"total_tool_use_tokens", tag(member::tool_input)},
    json_path{"total_cached_tokens", tag(member::cached)},
    json_path{"total_output_tokens", tag(member::output)},
    json_path{"total_thought_tokens", tag(member::thinking)},
    json_path{"total_tokens", tag(member::total)},
};

constexpr std::array interaction_document{
    json_path{"event_type", tag(member::type)},
    json_path{"interaction.id", tag(member::id)},
    json_path{"interaction.model", tag(member::model)},
    json_path{"interaction.status", tag(member::answer_status)},
    json_path{"interaction.service_tier", tag(member::service_tier)},
    json_path{"id", tag(member::id)},
    json_path{"model", tag(member::model)},
    json_path{"status", tag(member::answer_status)},
    json_path{"service_tier", tag(member::service_tier)},
};

// The prompt's count includes the cached tokens and not those of tool prompts; the candidates' excludes the thoughts. A
// member that is left out is 0 (protobuf JSON omits zeros), but thoughts that were never reported stay unknown: models
// of other makers behind the same endpoint count theirs among the candidates.
normal_form normalise_google(const counters& seen) {
  normal_form form;
  const std::int64_t input = seen[member::input].value_or(0) + seen[member::tool_input].value_or(0);
  const std::int64_t output = seen[member::output].value_or(0) + seen[member::thinking].value_or(0);
  form.tokens.cache_read = seen[member::cached].value_or(0);
  take_prompt(form, input);
  form.tokens.thinking = seen[member::thinking];
  form.tokens.output_total = output;
  if (seen[member::total] && *seen[member::total] != input + output) form.flags |= total_differs;
  take_parts(form, seen);
  return form;
}

/// Adds the tokens of one modality to its part.
void add_modality(const token_share& share, std::optional<std::int64_t>& audio, std::optional<std::int64_t>& image) {
  const bool heard = net::text::iequals(share.modality, "audio");
  if (!heard && !net::text::iequals(share.modality, "image")) return;
  std::optional<std::int64_t>& part = heard ? audio : image;
  part = part.value_or(0) + share.tokens;
}

void look_at_modalities(std::string_view raw, normal_form& form, usage_details&) {
  constexpr std::uint8_t input = 0, output = 1;
  static const json_paths lists{{"promptTokensDetails[*]", input, selection::verbatim},
                                {"toolUsePromptTokensDetails[*]", input, selection::verbatim},
                                {"input_tokens_by_modality[*]", input, selection::verbatim},
                                {"tool_use_tokens_by_modality[*]", input, selection::verbatim},
                                {"candidatesTokensDetails[*]", output, selection::verbatim},
                                {"responseTokensDetails[*]", output, selection::verbatim},
                                {"output_tokens_by_modality[*]", output, selection::verbatim}};
  token_usage& tokens = form.tokens;
  for_each_element(raw, "modality", lists, [&tokens](int list, std::string_view each) {
    const token_share share = token_share_of(each);
    list == input ? add_modality(share, tokens.audio_input, tokens.image_input)
                  : add_modality(share, tokens.audio_output, tokens.image_output);
  });
  form.flags |= impossible_parts(tokens);
}

}  // namespace

const dialect& google_dialect() {
  static const dialect instance{
      .name = "google.generate",
      .family = provider::google,
      .paths = answer_paths({"response.usageMetadata", "usageMetadata"}, usage_metadata, generated_document),
      .objects = json_paths(usage_metadata),
      .normalise = normalise_google,
      .look_closer = look_at_modalities};
  return instance;
}

const dialect& google_live_dialect() {
  static const dialect instance{.name = "google.live",
                                .family = provider::google,
                                .paths = answer_paths({"usageMetadata"}, usage_metadata, {}),
                                .objects = json_paths(usage_metadata),
                                .normalise = normalise_google,
                                .look_closer = look_at_modalities};
  return instance;
}

const dialect& google_interactions_dialect() {
  static const dialect instance{
      .name = "google.interactions",
      .family = provider::google,
      .paths = answer_paths({"interaction.usage", "usage"}, interaction_usage, interaction_document),
      .objects = json_paths(interaction_usage),
      .normalise = normalise_google,
      .ends_stream = [](std::string_view type) { return type == "interaction.completed"; },
      .look_closer = look_at_modalities};
  return instance;
}

}  // namespace usage
