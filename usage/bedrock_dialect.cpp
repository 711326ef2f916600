#include <array>
#include <string_view>

#include "usage/dialect.hpp"
#include "usage/usage_object.hpp"

namespace usage {
namespace {

// Converse (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html) and what every stream
// of InvokeModelWithResponseStream ends with. Its input is disjoint from both cache counts, as Anthropic's is.
constexpr std::array converse_usage{
    json_path{"inputTokens", tag(member::input)},
    json_path{"outputTokens", tag(member::output)},
    json_path{"totalTokens", tag(member::total)},
    json_path{"cacheReadInputTokens", tag(member::cached)},
    json_path{"cacheWriteInputTokens", tag(member::cache_write)},
    json_path{"inputTokenCount", tag(member::input)},
    json_path{"outputTokenCount", tag(member::output)},
    json_path{"cacheReadInputTokenCount", tag(member::cached)},
    json_path{"cacheWriteInputTokenCount", tag(member::cache_write)},
    json_path{"prompt_tokens", tag(member::input)},  // InvokeModel of a model that speaks as OpenAI does
    json_path{"completion_tokens", tag(member::output)},
};

// Models whose own answers tell their tokens beside the text: Llama, Titan.
constexpr std::array invoked_document{
    json_path{"prompt_token_count", tag(member::input)},
    json_path{"generation_token_count", tag(member::output)},
    json_path{"inputTextTokenCount", tag(member::input)},
    json_path{"results[*].tokenCount", tag(member::output)},
    json_path{"totalOutputTextTokenCount", tag(member::output)},
    json_path{"serviceTier.type", tag(member::service_tier)},
    json_path{"metadata.serviceTier.type", tag(member::service_tier)},
};

// InvokeModel of any model.
constexpr std::array invocation_headers{
    header_count{"x-amzn-bedrock-input-token-count", member::input},
    header_count{"x-amzn-bedrock-output-token-count", member::output},
    header_count{"x-amzn-bedrock-cache-read-input-token-count", member::cached},
    header_count{"x-amzn-bedrock-cache-write-input-token-count", member::cache_write},
};

normal_form normalise_bedrock(const counters& seen) {
  normal_form form = anthropic_dialect().normalise(seen);
  if (!seen[member::total]) return form;
  const std::int64_t uncached = seen[member::input].value_or(0) + seen[member::output].value_or(0);
  const std::int64_t all = uncached + form.tokens.cache_read.value_or(0) + form.tokens.cache_write.value_or(0);
  if (*seen[member::total] != uncached && *seen[member::total] != all) form.flags |= total_differs;
  return form;
}

/// A cache that lasts an hour has a price of its own: cacheDetails[{ttl, inputTokens}].
void look_at_caches(std::string_view raw, normal_form& form, usage_details& details) {
  static const json_paths caches{{"cacheDetails[*]", 0, selection::verbatim}};
  for_each_element(raw, "cacheDetails", caches, [&form](int, std::string_view each) {
    const token_share share = token_share_of(each);
    if (share.modality == "1h") form.tokens.cache_write_1h = form.tokens.cache_write_1h.value_or(0) + share.tokens;
  });
  anthropic_dialect().look_closer(raw, form, details);
}

/// Anthropic's models answer InvokeModel in the form of their own API.
dialect make_bedrock() {
  dialect all = anthropic_dialect();
  all.name = "bedrock";
  all.family = provider::bedrock;
  for (const std::string_view place : {"usage", "metadata.usage", "amazon-bedrock-invocationMetrics"})
    add_usage(all.paths, place, converse_usage);
  all.paths.add({}, invoked_document);
  all.objects.add({}, converse_usage);
  all.normalise = normalise_bedrock;
  all.look_closer = look_at_caches;
  all.headers = invocation_headers;
  return all;
}

}  // namespace

const dialect& bedrock_dialect() {
  static const dialect instance = make_bedrock();
  return instance;
}

}  // namespace usage
