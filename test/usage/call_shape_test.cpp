#include "usage/call_shape.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace usage {
namespace {

struct sample {
  std::string_view host, method, path;
  provider who;
  call_kind kind;
  std::string_view model = {};
  std::string_view response = {};
};

template <class Shape>
std::string told(const Shape& shape) {
  std::string words;
  if constexpr (std::is_same_v<Shape, sample>) {
    words.append(to_string(shape.who));
  } else {
    words.append(to_string(shape.provider));
  }
  return words.append(" ")
      .append(to_string(shape.kind))
      .append(" ")
      .append(shape.model)
      .append(" ")
      .append(shape.response);
}

TEST(call_shape, calls_are_told_by_path_method_and_host) {
  constexpr auto model = call_kind::model, counting = call_kind::count_tokens, other = call_kind::other;
  const sample samples[] = {
      {"cloudcode-pa.googleapis.com", "POST", "/v1internal:streamGenerateContent", provider::google, model},
      {"cloudcode-pa.googleapis.com", "POST", "/v1internal:generateContent", provider::google, model},
      {"cloudcode-pa.googleapis.com", "POST", "/v1internal:countTokens", provider::google, counting},
      {"cloudcode-pa.googleapis.com", "POST", "/v1internal:loadCodeAssist", provider::google, other},
      {"somewhere.example", "POST", "/v1internal:fetchAvailableModels", provider::google, other},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
       provider::google, model, "gemini-2.5-pro"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/gemini-2.5-pro:countTokens", provider::google,
       counting, "gemini-2.5-pro"},
      {"gateway.example", "POST", "/v1/projects/p/locations/l/publishers/google/models/g:generateContent",
       provider::google, model, "g"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/g:embedContent", provider::google, model, "g"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/g:batchEmbedContents", provider::google, model,
       "g"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/g%3AgenerateContent", provider::google, model, "g"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models%2Fg:generateContent", provider::google, model, "g"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/imagen:predict", provider::google, model, "imagen"},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/g:batchGenerateContent", provider::google, other},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/interactions", provider::google, model},
      {"generativelanguage.googleapis.com", "GET", "/v1beta/interactions/v1_x", provider::google, other, {}, "v1_x"},
      {"us-east5-aiplatform.googleapis.com", "POST",
       "/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:streamRawPredict", provider::anthropic, model,
       "claude@1"},
      {"us-east5-aiplatform.googleapis.com", "POST",
       "/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:rawPredict", provider::anthropic, model,
       "claude@1"},
      {"us-east5-aiplatform.googleapis.com", "POST",
       "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict", provider::anthropic, counting},
      {"us-east5-aiplatform.googleapis.com", "POST",
       "/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict", provider::openai_chat, model, "m"},
      {"bedrock-runtime.eu-west-1.amazonaws.com", "POST", "/model/anthropic.claude-v1%3A0/invoke", provider::bedrock,
       model, "anthropic.claude-v1:0"},
      {"bedrock-runtime.eu-west-1.amazonaws.com", "POST",
       "/model/arn%3Aaws%3Abedrock%3Aeu%3A1%3Ainference-profile%2Fx/invoke-with-response-stream", provider::bedrock,
       model, "arn:aws:bedrock:eu:1:inference-profile/x"},
      {"bedrock-runtime.eu-west-1.amazonaws.com", "POST", "/model/m/converse", provider::bedrock, model, "m"},
      {"bedrock-runtime.eu-west-1.amazonaws.com", "POST", "/model/m/converse-stream", provider::bedrock, model, "m"},
      {"bedrock-runtime.eu-west-1.amazonaws.com", "POST", "/model/m/count-tokens", provider::bedrock, counting, "m"},
      {"api.openai.com", "POST", "/v1/embeddings", provider::openai, model},
      {"api.openai.com", "POST", "/v1/completions", provider::openai, model},
      {"api.openai.com", "POST", "/v1/images/generations", provider::openai, model},
      {"api.openai.com", "POST", "/v1/images/edits", provider::openai, model},
      {"api.openai.com", "POST", "/v1/audio/transcriptions", provider::openai, model},
      {"api.openai.com", "POST", "/v1/audio/speech", provider::openai, model},
      {"api.openai.com", "POST", "/v1/moderations", provider::openai_chat, other},
      {"api.openai.com", "GET", "/v1/files/file-1/content", provider::openai, other, {}, "file-1"},
      {"api.openai.com", "GET", "/v1/files/file-1", provider::openai_chat, other},
      {"api.openai.com", "GET", "/v1/chat/completions/chatcmpl-1", provider::openai_chat, other, {}, "chatcmpl-1"},
      {"api.anthropic.com", "GET", "/v1/messages/batches/b_1/results", provider::anthropic, other, {}, "b_1"},
      {"api.anthropic.com", "POST", "/v1/messages/batches", provider::anthropic, other},
      {"api.anthropic.com", "POST", "/v1/complete", provider::anthropic, model},
      {"api.githubcopilot.com", "POST", "/chat/completions", provider::openai_chat, model},
      {"r.openai.azure.com", "POST", "/openai/v1/responses", provider::openai_responses, model},
      {"generativelanguage.googleapis.com", "GET", "/v1beta/models", provider::google, other},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/openai/chat/completions", provider::openai_chat, model},
      {"api.openai.com", "POST", "/v1/chat/completions", provider::openai_chat, model},
      {"api.openai.com", "POST", "/v1/chat/completions/", provider::openai_chat, model},
      {"API.OpenAI.com", "GET", "/v1/models", provider::openai_chat, other},
      {"llm.example", "POST", "/openai/deployments/d/chat/completions", provider::openai_chat, model, "d"},
      {"api.openai.com", "GET", "/v1/chat/completions", provider::openai_chat, other},
      {"api.openai.com", "POST", "/v1/responses", provider::openai_responses, model},
      {"api.openai.com", "POST", "/v1/responses/input_tokens", provider::openai_responses, counting},
      {"chatgpt.com", "POST", "/backend-api/codex/responses", provider::openai_responses, model},
      {"chatgpt.com", "POST", "/backend-api/codex/responses/compact", provider::openai_responses, model},
      {"chatgpt.com", "GET", "/backend-api/codex/responses", provider::openai_responses, other},
      {"api.openai.com", "GET", "/v1/responses/resp_1", provider::openai_responses, other, {}, "resp_1"},
      {"llm.example", "GET", "/openai/responses/resp_1/", provider::openai_responses, other, {}, "resp_1"},
      {"api.openai.com", "POST", "/v1/responses/resp_1/cancel", provider::openai_responses, other, {}, "resp_1"},
      {"api.openai.com", "GET", "/v1/responses/resp_1/input_items", provider::openai_chat, other},
      {"api.openai.com", "DELETE", "/v1/responses/resp_1", provider::openai_chat, other},
      {"api.anthropic.com", "POST", "/v1/messages", provider::anthropic, model},
      {"llm.example", "POST", "/anthropic/v1/messages", provider::anthropic, model},
      {"api.anthropic.com", "POST", "/v1/messages/count_tokens", provider::anthropic, counting},
      {"api.anthropic.com", "GET", "/v1/models", provider::anthropic, other},
      {"example.com", "GET", "/", provider::unknown, other},
      {"notgoogleapis.com", "POST", "/x", provider::unknown, other},
      {"example.com", "POST", "/a:b/c", provider::unknown, other},
      {"example.com", "POST", "/v1/threads/t/messages", provider::unknown, other},
  };
  for (const sample& s : samples) EXPECT_EQ(told(classify(s.host, s.method, s.path)), told(s)) << s.host << s.path;
}

TEST(call_shape, a_provider_may_have_paths_of_its_own) {
  const provider_table table(
      {{"mine", {"llm.example"}, provider::anthropic, {{"/api/*/chat", provider::openai_chat}}}});
  const call_shape chat = classify("llm.example", "POST", "/api/7/chat", &table);
  EXPECT_EQ(chat.kind, call_kind::model);
  EXPECT_EQ(chat.provider, provider::openai_chat);
  EXPECT_EQ(chat.terms, &openai_chat_dialect());
  EXPECT_TRUE(chat.is_turn);
  EXPECT_EQ(classify("llm.example", "GET", "/api/7/chat", &table).kind, call_kind::other);
  EXPECT_EQ(classify("llm.example", "GET", "/about", &table).provider, provider::anthropic) << "the host's family";
  EXPECT_EQ(classify("llm.example", "POST", "/v1/responses", &table).provider, provider::openai_responses);
  EXPECT_EQ(classify("other.example", "POST", "/api/7/chat", &table).kind, call_kind::other);
}

TEST(call_shape, only_what_asks_for_a_turn_may_be_edited_as_one) {
  EXPECT_TRUE(classify("h", "POST", "/v1/messages").is_turn);
  EXPECT_FALSE(classify("h", "POST", "/v1/embeddings").is_turn);
  EXPECT_FALSE(classify("h", "POST", "/v1beta/models/m:embedContent").is_turn);
  EXPECT_FALSE(classify("h", "POST", "/v1beta/interactions").is_turn);
  EXPECT_FALSE(classify("h", "POST", "/model/m/converse").is_turn);
}

TEST(call_shape, the_path_of_a_target_has_no_query_and_no_authority) {
  EXPECT_EQ(path_of("/v1beta/models/m:streamGenerateContent?alt=sse&key=secret"),
            "/v1beta/models/m:streamGenerateContent");
  EXPECT_EQ(path_of("/plain"), "/plain");
  EXPECT_EQ(path_of("https://api.openai.com/v1/responses?x=1"), "/v1/responses");
  EXPECT_EQ(path_of("http://h"), "/");
  EXPECT_EQ(path_of("/r?to=http://x/y"), "/r");
  EXPECT_EQ(path_of("*"), "*");
}

TEST(call_shape, escapes_that_say_nothing_hide_no_call) {
  EXPECT_EQ(plain_path("/v1/chat/%63ompletions"), "/v1/chat/completions");
  EXPECT_EQ(plain_path("/v1beta/models/gemini%2D3:generateContent"), "/v1beta/models/gemini-3:generateContent");
  EXPECT_EQ(plain_path("/v1beta/models%2Fx%3AgenerateContent"), "/v1beta/models/x:generateContent");
  EXPECT_EQ(plain_path("/a%3Fb%20%"), "/a%3Fb%20%") << "these say something, or are none";
  EXPECT_EQ(plain_path("/%6"), "/%6");
}

}  // namespace
}  // namespace usage
