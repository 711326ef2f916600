#include "usage/call_shape.hpp"

#include <gtest/gtest.h>

namespace usage {
namespace {

struct sample {
  std::string_view host, method, path;
  provider who;
  call_kind kind;
  std::string_view model = {};
  std::string_view response = {};
};

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
      {"generativelanguage.googleapis.com", "POST", "/v1beta/models/g:embedContent", provider::google, other},
      {"generativelanguage.googleapis.com", "GET", "/v1beta/models", provider::google, other},
      {"generativelanguage.googleapis.com", "POST", "/v1beta/openai/chat/completions", provider::openai_chat, model},
      {"api.openai.com", "POST", "/v1/chat/completions", provider::openai_chat, model},
      {"api.openai.com", "POST", "/v1/chat/completions/", provider::openai_chat, model},
      {"API.OpenAI.com", "GET", "/v1/models", provider::openai_chat, other},
      {"llm.example", "POST", "/openai/deployments/d/chat/completions", provider::openai_chat, model},
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
  for (const sample& s : samples)
    EXPECT_EQ(classify(s.host, s.method, s.path), (call_shape{s.who, s.kind, s.model, s.response})) << s.host << s.path;
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
  EXPECT_EQ(plain_path("/a%2Fb%20%"), "/a%2Fb%20%") << "these say something, or are none";
  EXPECT_EQ(plain_path("/%6"), "/%6");
}

}  // namespace
}  // namespace usage
