#include "app/openai/chat_request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace app::openai {
namespace {

turn_request parsed(const std::string& body) {
  auto request = parse_chat_request(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().message);
  return request ? *request : turn_request();
}

/// Members beside a model and one message.
turn_request with(const std::string& members) {
  return parsed(R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + members + '}');
}

/// A conversation.
turn_request saying(const std::string& messages) {
  return parsed(R"({"model":"m","messages":[)" + messages + "]}");
}

api_error refused(const std::string& body) {
  const auto request = parse_chat_request(body);
  EXPECT_FALSE(request) << body;
  return request ? api_error{0, "", "", ""} : request.error();
}

std::string param_of(const std::string& members) {
  const auto error = refused(R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + members + '}');
  EXPECT_EQ(error.status, 400u);
  return error.param.value_or("");
}

std::string message_param(const std::string& message) {
  const auto error = refused(R"({"model":"m","messages":[)" + message + "]}");
  EXPECT_EQ(error.status, 400u);
  return error.param.value_or("");
}

TEST(chat_request, the_simplest_request_is_its_text) {
  const auto request = saying(R"({"role":"user","content":"hi"})");
  EXPECT_EQ(request.model, "m");
  ASSERT_EQ(request.input.size(), 1u);
  EXPECT_EQ(request.input[0].text, "hi");
  EXPECT_TRUE(request.history.empty());
  EXPECT_TRUE(request.instructions.empty());
  EXPECT_FALSE(request.stream);
  EXPECT_FALSE(request.store);
  EXPECT_EQ(ignored_header(request), "");
}

TEST(chat_request, system_and_developer_messages_are_instructions_in_order) {
  const auto request = saying(R"({"role":"system","content":"one"},{"role":"user","content":"hi"},
      {"role":"developer","content":[{"type":"text","text":"two"},{"type":"text","text":"three"}]})");
  EXPECT_EQ(request.instructions, "one\n\ntwo\nthree");
  EXPECT_EQ(request.input.size(), 1u);
}

TEST(chat_request, the_input_begins_after_the_last_answer) {
  const auto request = saying(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},
      {"role":"user","content":"c"},{"role":"assistant","content":"d"},
      {"role":"user","content":"e"},{"role":"user","content":"f"})");
  ASSERT_EQ(request.history.size(), 4u);
  EXPECT_EQ(request.history.back().text, "d");
  ASSERT_EQ(request.input.size(), 2u);
  EXPECT_EQ(request.input[1].text, "f");
}

TEST(chat_request, an_answer_at_the_end_belongs_to_the_input) {
  const auto request = saying(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},
      {"role":"user","content":"c"},{"role":"assistant","content":"So"})");
  EXPECT_EQ(request.history.size(), 2u);
  ASSERT_EQ(request.input.size(), 2u);
  EXPECT_EQ(request.input[1].sender, role::assistant);
  EXPECT_EQ(saying(R"({"role":"assistant","content":"alone"})").input.size(), 1u);
}

TEST(chat_request, tool_results_after_an_answer_are_the_input) {
  const auto request = saying(R"({"role":"user","content":"a"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"call_2","type":"custom","custom":{"name":"g","input":"free"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"42"})");
  ASSERT_EQ(request.history.size(), 2u);
  ASSERT_EQ(request.history[1].calls.size(), 2u);
  EXPECT_EQ(request.history[1].calls[0].id, "call_1");
  EXPECT_EQ(request.history[1].calls[1].arguments, "free");
  ASSERT_EQ(request.input.size(), 1u);
  EXPECT_EQ(request.input[0].sender, role::tool);
  EXPECT_EQ(request.input[0].call_id, "call_1");
}

TEST(chat_request, the_functions_of_old_clients_are_tools) {
  const auto request = saying(R"({"role":"user","content":"a"},
      {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
      {"role":"function","name":"f","content":"42"})");
  EXPECT_EQ(request.history[1].calls[0].name, "f");
  EXPECT_EQ(request.input[0].call_id, "f");
}

TEST(chat_request, instructions_alone_are_a_request) {
  const auto request = saying(R"({"role":"system","content":"write a poem"})");
  EXPECT_EQ(request.instructions, "write a poem");
  EXPECT_TRUE(request.input.empty());
}

TEST(chat_request, reasoning_of_earlier_answers_is_left_away) {
  const auto request = saying(R"({"role":"user","content":"a"},
      {"role":"assistant","content":"b","reasoning_content":"hm","reasoning":"hm","refusal":null},
      {"role":"user","content":"c"})");
  EXPECT_EQ(request.history[1].text, "b");
}

TEST(chat_request, refusals_are_answers) {
  EXPECT_EQ(
      saying(R"({"role":"assistant","content":null,"refusal":"No."},{"role":"user","content":"c"})").history[0].text,
      "No.");
  EXPECT_EQ(
      saying(R"({"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},{"role":"user","content":"c"})")
          .history[0]
          .text,
      "No.");
}

TEST(chat_request, images_are_decoded_or_kept_as_addresses) {
  const auto request = saying(R"({"role":"user","content":[{"type":"text","text":"what"},
      {"type":"image_url","image_url":{"url":"data:image/PNG;base64,AAEC","detail":"low"}},
      {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
      {"type":"text","text":"is this"}]})");
  const auto& input = request.input[0];
  EXPECT_EQ(input.text, "what\nis this");
  ASSERT_EQ(input.images.size(), 2u);
  EXPECT_EQ(input.images[0].mime, "image/png");
  EXPECT_EQ(input.images[0].bytes, std::string("\0\1\2", 3));
  EXPECT_EQ(input.images[1].url, "https://example.com/a.png");
}

TEST(chat_request, images_that_cannot_be_read_are_refused_by_name) {
  const auto image = [](const std::string& url) {
    return message_param(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url + "\"}}]}");
  };
  for (const char* bad : {"data:image/png;base64,A", "data:image/png;base64,A*==", "data:text/plain;base64,AAEC",
                          "data:image/png,AAEC", "file:///etc/passwd", ""})
    EXPECT_EQ(image(bad), "messages[0].content[0].image_url") << bad;
  EXPECT_EQ(message_param(R"({"role":"user","content":[{"type":"image_url"}]})"), "messages[0].content[0].image_url");
  EXPECT_EQ(message_param(R"({"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://x"}}]})"),
            "messages[0].content[0]");
}

TEST(chat_request, images_are_bounded_in_size_and_number) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image/png;base64,AAECAw=="}},
      {"type":"image_url","image_url":{"url":"https://x"}}]}]})";
  request_limits limits;
  limits.image_bytes = 4;
  EXPECT_TRUE(parse_chat_request(body, limits));
  limits.image_bytes = 3;
  EXPECT_EQ(parse_chat_request(body, limits).error().param, "messages[0].content[0].image_url");
  limits = {};
  limits.images = 1;
  EXPECT_EQ(parse_chat_request(body, limits).error().param, "messages[0].content[1].image_url");
}

TEST(chat_request, audio_and_files_are_refused) {
  for (const char* type : {"input_audio", "file"})
    EXPECT_EQ(message_param(std::string(R"({"role":"user","content":[{"type":")") + type + "\"}]}"),
              "messages[0].content[0]");
  EXPECT_EQ(message_param(R"({"role":"user","content":[{"type":"smell"}]})"), "messages[0].content[0].type");
}

TEST(chat_request, content_that_is_null_is_an_answers_only) {
  EXPECT_EQ(message_param(R"({"role":"user","content":null})"), "messages[0].content");
  EXPECT_EQ(message_param(R"({"role":"system"})"), "messages[0].content");
  EXPECT_EQ(message_param(R"({"role":"tool","tool_call_id":"c","content":null})"), "messages[0].content");
  EXPECT_EQ(saying(R"({"role":"user","content":""})").input.size(), 1u);
  EXPECT_EQ(saying(R"({"role":"assistant","content":null},{"role":"user","content":"x"})").history.size(), 1u);
}

TEST(chat_request, wrong_types_are_refused_by_the_parameters_name) {
  EXPECT_EQ(param_of(R"("stream":"yes")"), "stream");
  EXPECT_EQ(param_of(R"("temperature":"hot")"), "temperature");
  EXPECT_EQ(param_of(R"("max_tokens":"10")"), "max_tokens");
  EXPECT_EQ(param_of(R"("max_tokens":0)"), "max_tokens");
  EXPECT_EQ(param_of(R"("max_completion_tokens":-1)"), "max_completion_tokens");
  EXPECT_EQ(param_of(R"("max_completion_tokens":1.5)"), "max_completion_tokens");
  EXPECT_EQ(param_of(R"("tools":{})"), "tools");
  EXPECT_EQ(param_of(R"("tool_choice":1)"), "tool_choice");
  EXPECT_EQ(param_of(R"("stop":1)"), "stop");
  EXPECT_EQ(param_of(R"("user":1)"), "user");
  EXPECT_EQ(param_of(R"("stream_options":[])"), "stream_options");
  EXPECT_EQ(param_of(R"("stream_options":{"include_usage":1})"), "stream_options.include_usage");
  EXPECT_EQ(param_of(R"("reasoning_effort":1)"), "reasoning_effort");
  EXPECT_EQ(param_of(R"("response_format":"json")"), "response_format");
  EXPECT_EQ(param_of(R"("response_format":{})"), "response_format.type");
  EXPECT_EQ(param_of(R"("response_format":{"type":"xml"})"), "response_format.type");
  EXPECT_EQ(param_of(R"("metadata":{"a":1})"), "metadata");
  EXPECT_EQ(param_of(R"("metadata":[])"), "metadata");
  EXPECT_EQ(message_param("1"), "messages[0]");
  EXPECT_EQ(message_param(R"({"content":"x"})"), "messages[0].role");
  EXPECT_EQ(message_param(R"({"role":"king","content":"x"})"), "messages[0].role");
  EXPECT_EQ(message_param(R"({"role":"user","content":1})"), "messages[0].content");
  EXPECT_EQ(message_param(R"({"role":"user","content":["x"]})"), "messages[0].content[0]");
  EXPECT_EQ(message_param(R"({"role":"user","content":[{"type":"text"}]})"), "messages[0].content[0].text");
  EXPECT_EQ(message_param(R"({"role":"tool","content":"x"})"), "messages[0].tool_call_id");
  EXPECT_EQ(message_param(R"({"role":"assistant","tool_calls":[{"id":"c"}]})"), "messages[0].tool_calls[0].function");
}

TEST(chat_request, what_is_missing_is_named) {
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":"x"}]})").param, "model");
  EXPECT_EQ(refused(R"({"model":"","messages":[{"role":"user","content":"x"}]})").param, "model");
  EXPECT_EQ(refused(R"({"model":"m"})").param, "messages");
  EXPECT_EQ(refused(R"({"model":"m","messages":[]})").param, "messages");
  EXPECT_EQ(refused(R"({"model":"m","messages":"hi"})").param, "messages");
}

TEST(chat_request, more_than_one_choice_and_audio_are_refused) {
  EXPECT_EQ(param_of(R"("n":2)"), "n");
  EXPECT_EQ(param_of(R"("n":0)"), "n");
  EXPECT_EQ(param_of(R"("modalities":["text","audio"])"), "modalities");
  EXPECT_EQ(ignored_header(with(R"("n":1,"modalities":["text"])")), "");
  EXPECT_EQ(ignored_header(with(R"("n":null)")), "");
}

TEST(chat_request, what_has_no_effect_is_named) {
  const auto request = with(R"("temperature":0.2,"seed":1,"stop":["x"],"tools":[{"type":"never_heard_of"}],
      "tool_choice":"required","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{}}},
      "logprobs":true,"top_logprobs":3,"logit_bias":{"1":2},"service_tier":"flex","store":true,"verbosity":"low",
      "parallel_tool_calls":false,"frequency_penalty":1,"presence_penalty":0.5,"top_p":0.5,"prediction":{"type":"content"},
      "web_search_options":{"a":1},"functions":[{"name":"f"}],"function_call":{"name":"f"},"audio":{"voice":"x"},"moderation":{"x":1})");
  EXPECT_EQ(
      ignored_header(request),
      "audio, frequency_penalty, function_call, functions, logit_bias, logprobs, moderation, parallel_tool_calls, "
      "prediction, presence_penalty, response_format, seed, service_tier, stop, store, temperature, tool_choice, "
      "tools, top_logprobs, top_p, verbosity, web_search_options");
}

TEST(chat_request, what_asks_for_what_happens_anyway_is_not_named) {
  const auto request = with(R"("tools":[],"tool_choice":"auto","response_format":{"type":"text"},"logprobs":false,
      "service_tier":"auto","store":false,"top_p":1.0,"frequency_penalty":0.0,"presence_penalty":0,"temperature":null,
      "parallel_tool_calls":true,"user":"u","prompt_cache_key":"k","safety_identifier":"s","stop":null,
      "unheard_of":{"a":[1]},"top_k":7)");
  EXPECT_EQ(ignored_header(request), "");
}

TEST(chat_request, what_is_honoured_is_read) {
  const auto request = with(R"("stream":true,"stream_options":{"include_usage":true,"x":1},"reasoning_effort":"high",
      "max_tokens":10,"max_completion_tokens":20.0,"metadata":{"a":"b"})");
  EXPECT_TRUE(request.stream);
  EXPECT_TRUE(request.include_usage);
  EXPECT_EQ(request.reasoning_effort, "high");
  EXPECT_EQ(request.max_tokens, 20u);
  ASSERT_EQ(request.metadata.size(), 1u);
  EXPECT_EQ(request.metadata[0].second, "b");
  EXPECT_EQ(with(R"("max_tokens":10)").max_tokens, 10u);
  EXPECT_FALSE(with(R"("stream_options":{})").include_usage);
}

TEST(chat_request, an_effort_of_the_future_is_named_rather_than_refused) {
  const auto request = with(R"("reasoning_effort":"heroic")");
  EXPECT_FALSE(request.reasoning_effort);
  EXPECT_EQ(ignored_header(request), "reasoning_effort");
}

TEST(chat_request, metadata_is_bounded) {
  std::string many = R"("metadata":{)";
  for (int i = 0; i < 17; ++i) many += (i > 0 ? "," : "") + ('"' + std::to_string(i)) + R"(":"x")";
  EXPECT_EQ(param_of(many + "}"), "metadata");
  EXPECT_EQ(param_of(R"("metadata":{"a":")" + std::string(513, 'x') + "\"}"), "metadata");
  EXPECT_EQ(param_of(R"("metadata":{")" + std::string(65, 'x') + R"(":"a"})"), "metadata");
}

TEST(chat_request, what_is_no_json_object_is_refused) {
  for (const char* body : {"", "{", "[]", "null", "\"x\"", "{\"model\":\"\xff\"}", "{} {}"}) {
    const auto error = refused(body);
    EXPECT_EQ(error.status, 400u);
    EXPECT_EQ(error.code, "invalid_json");
  }
}

TEST(chat_request, nesting_and_memory_are_bounded) {
  const auto deep = [](std::size_t depth) {
    return R"({"model":"m","messages":[{"role":"user","content":"x"}],"x":)" + std::string(depth, '[') +
           std::string(depth, ']') + '}';
  };
  EXPECT_TRUE(parse_chat_request(deep(100)));
  EXPECT_EQ(refused(deep(1'000'000)).code, "invalid_json");

  std::string wide = R"({"model":"m","x":[0)";
  for (int i = 0; i < 100'000; ++i) wide += ",0";
  wide += "]}";
  request_limits limits;
  limits.memory = 1 << 16;
  EXPECT_EQ(parse_chat_request(wide, limits).error().message, "The body has too many JSON values.");

  std::string empty = R"({"model":"m","x":[{})";
  for (int i = 0; i < 250'000; ++i) empty += ",{}";
  EXPECT_EQ(refused(empty + "]}").message, "The body has more than 250000 JSON values.");
}

TEST(chat_request, a_name_only_the_caller_knows_is_put_in_its_place) {
  auto request = with(R"("seed":1,"temperature":1)");
  ignore(request, "max_tokens");
  ignore(request, "temperature");
  EXPECT_EQ(ignored_header(request), "max_tokens, seed, temperature");
}

}  // namespace
}  // namespace app::openai
