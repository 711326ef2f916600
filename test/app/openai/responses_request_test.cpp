#include "app/openai/responses_request.hpp"

#include <gtest/gtest.h>

#include <string>

#include <boost/json.hpp>

namespace app::openai {
namespace {

namespace json = boost::json;

turn_request parsed(const std::string& body) {
  auto request = parse_responses_request(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().message);
  return request ? *request : turn_request();
}

turn_request with(const std::string& members) {
  return parsed(R"({"model":"m","input":"hi",)" + members + '}');
}

turn_request saying(const std::string& items) {
  return parsed(R"({"model":"m","input":[)" + items + "]}");
}

std::string refused(const std::string& body) {
  const auto request = parse_responses_request(body);
  EXPECT_FALSE(request) << body;
  if (request) return "";
  EXPECT_EQ(request.error().status, 400u);
  return request.error().param.value_or("");
}

std::string param_of(const std::string& members) {
  return refused(R"({"model":"m","input":"hi",)" + members + '}');
}

std::string item_param(const std::string& item) {
  return refused(R"({"model":"m","input":[)" + item + "]}");
}

TEST(responses_request, a_string_is_what_the_user_says) {
  const auto request = parsed(R"({"model":"m","input":"hi"})");
  ASSERT_EQ(request.input.size(), 1u);
  EXPECT_EQ(request.input[0].text, "hi");
  EXPECT_TRUE(request.store);
  ASSERT_EQ(request.input_items.size(), 1u);
  EXPECT_EQ(json::parse(request.input_items[0]),
            json::parse(R"({"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]})"));
}

TEST(responses_request, items_are_messages_with_or_without_their_type) {
  const auto request = saying(R"({"role":"developer","content":"be brief"},
      {"role":"user","content":"a"},
      {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},
      {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[
          {"type":"output_text","text":"b","annotations":[]},{"type":"output_text","text":"c","annotations":[]}]},
      {"type":"message","role":"user","content":[{"type":"input_text","text":"d"},
          {"type":"input_image","image_url":"data:image/png;base64,AAEC","detail":"auto"}]})");
  EXPECT_EQ(request.instructions, "be brief");
  ASSERT_EQ(request.history.size(), 2u);
  EXPECT_EQ(request.history[1].text, "bc");
  ASSERT_EQ(request.input.size(), 1u);
  EXPECT_EQ(request.input[0].images.size(), 1u);
  EXPECT_EQ(ignored_header(request), "");
}

TEST(responses_request, instructions_come_before_those_of_the_input) {
  const auto request = parsed(R"({"model":"m","instructions":"one","input":[{"role":"system","content":"two"}]})");
  EXPECT_EQ(request.instructions, "one\n\ntwo");
}

TEST(responses_request, calls_and_their_outputs_are_read) {
  const auto request = saying(R"({"role":"user","content":"a"},
      {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"x\":1}"},
      {"type":"custom_tool_call","call_id":"call_2","name":"g","input":"free"},
      {"type":"function_call_output","call_id":"call_1","output":"42"},
      {"type":"custom_tool_call_output","call_id":"call_2","output":[{"type":"input_text","text":"43"}]})");
  ASSERT_EQ(request.history.size(), 3u);
  EXPECT_EQ(request.history[1].calls[0].arguments, "{\"x\":1}");
  EXPECT_EQ(request.history[2].calls[0].arguments, "free");
  ASSERT_EQ(request.input.size(), 2u);
  EXPECT_EQ(request.input[1].text, "43");
  EXPECT_EQ(request.input[1].call_id, "call_2");
}

TEST(responses_request, references_are_answers_to_be_filled_in_and_those_to_reasoning_are_dropped) {
  const auto request = saying(R"({"role":"user","content":"a"},{"type":"item_reference","id":"rs_1"},
      {"type":"item_reference","id":"msg_1"},{"role":"user","content":"b"})");
  ASSERT_EQ(request.history.size(), 2u);
  EXPECT_EQ(request.history[1].reference, "msg_1");
  EXPECT_EQ(item_param(R"({"type":"item_reference"})"), "input[0].id");
}

TEST(responses_request, items_of_unknown_types_are_named_not_refused) {
  const auto request = saying(R"({"role":"user","content":"a"},{"type":"web_search_call","id":"ws_1"},
      {"type":"local_shell_call"},{"type":"evil\r\nheader: x"})");
  EXPECT_EQ(ignored_header(request), "input.item, input.local_shell_call, input.web_search_call");
}

TEST(responses_request, tools_of_any_type_are_taken_and_named) {
  const auto request = with(R"("tools":[{"type":"function","name":"f","strict":false,"parameters":{}},
      {"type":"namespace","name":"n","tools":[]},{"type":"web_search"},{"type":"custom","name":"c"},{"type":"local_shell"},
      {"type":"unheard_of"}],"tool_choice":"auto","parallel_tool_calls":true)");
  EXPECT_EQ(ignored_header(request), "tools");
  EXPECT_EQ(json::parse('{' + request.echo + '}').at("tools").as_array().size(), 6u);
}

TEST(responses_request, what_codex_sends_is_accepted) {
  const auto request =
      parsed(R"({"model":"m","instructions":"You are Codex","input":[{"type":"message","role":"developer",
      "content":[{"type":"input_text","text":"perms"}]},{"type":"message","role":"user",
      "content":[{"type":"input_text","text":"hi"}]}],"tools":[{"type":"function","name":"shell"}],"tool_choice":"auto",
      "parallel_tool_calls":false,"reasoning":{"effort":"medium","summary":"auto"},"store":false,"stream":true,
      "include":["reasoning.encrypted_content"],"prompt_cache_key":"k","text":{"verbosity":"low"},
      "client_metadata":{"x":"y"}})");
  EXPECT_TRUE(request.stream);
  EXPECT_FALSE(request.store);
  EXPECT_TRUE(request.input_items.empty());
  EXPECT_EQ(request.reasoning_effort, "medium");
  EXPECT_EQ(ignored_header(request), "include, parallel_tool_calls, text.verbosity, tools");
}

TEST(responses_request, what_has_no_effect_is_named) {
  const auto request = with(R"("temperature":0.5,"top_p":0.9,"truncation":"auto","background":true,"max_tool_calls":3,
      "service_tier":"priority","text":{"format":{"type":"json_schema","name":"n","schema":{}}},"tool_choice":"required",
      "top_logprobs":2,"context_management":[{"type":"compaction"}],"reasoning":{"effort":"heroic"})");
  EXPECT_EQ(ignored_header(request),
            "background, context_management, max_tool_calls, reasoning.effort, service_tier, temperature, text.format, "
            "tool_choice, top_logprobs, top_p, truncation");
}

TEST(responses_request, what_asks_for_what_happens_anyway_is_not_named) {
  const auto request = with(R"("temperature":1,"top_p":1.0,"truncation":"disabled","background":false,
      "service_tier":"default","text":{"format":{"type":"text"}},"tool_choice":"none","include":[],"stream_options":{"include_obfuscation":false},
      "user":"u","unheard_of":1)");
  EXPECT_EQ(ignored_header(request), "");
}

TEST(responses_request, what_is_honoured_is_read) {
  const auto request =
      with(R"("max_output_tokens":16,"reasoning":{"effort":"low"},"metadata":{"a":"b"},"store":false)");
  EXPECT_EQ(request.max_tokens, 16u);
  EXPECT_EQ(request.reasoning_effort, "low");
  EXPECT_EQ(request.metadata.size(), 1u);
}

TEST(responses_request, an_earlier_response_or_a_conversation_is_gone_on_from) {
  const auto request = parsed(R"({"model":"m","previous_response_id":"resp_1","input":[
      {"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]})");
  EXPECT_EQ(request.previous_response_id, "resp_1");
  EXPECT_TRUE(request.history.empty());
  EXPECT_EQ(request.input.size(), 3u) << "all of it is new";
  EXPECT_EQ(with(R"("conversation":"conv_1")").conversation, "conv_1");
  EXPECT_EQ(with(R"("conversation":{"id":"conv_1"})").conversation, "conv_1");
  EXPECT_EQ(param_of(R"("conversation":{})"), "conversation.id");
  EXPECT_EQ(param_of(R"("conversation":1)"), "conversation");
  EXPECT_EQ(param_of(R"("conversation":"c","previous_response_id":"r")"), "previous_response_id");
}

TEST(responses_request, an_input_is_needed_unless_something_else_says_what_to_do) {
  EXPECT_EQ(refused(R"({"model":"m"})"), "input");
  EXPECT_EQ(refused(R"({"input":"hi"})"), "model");
  EXPECT_TRUE(parsed(R"({"model":"m","instructions":"write a poem"})").input.empty());
  EXPECT_TRUE(parsed(R"({"model":"m","previous_response_id":"resp_1"})").input.empty());
}

TEST(responses_request, wrong_types_are_refused_by_the_parameters_name) {
  EXPECT_EQ(refused(R"({"model":"m","input":1})"), "input");
  EXPECT_EQ(param_of(R"("instructions":1)"), "instructions");
  EXPECT_EQ(param_of(R"("store":"no")"), "store");
  EXPECT_EQ(param_of(R"("reasoning":"high")"), "reasoning");
  EXPECT_EQ(param_of(R"("reasoning":{"effort":1})"), "reasoning.effort");
  EXPECT_EQ(param_of(R"("reasoning":{"summary":1})"), "reasoning.summary");
  EXPECT_EQ(param_of(R"("text":"x")"), "text");
  EXPECT_EQ(param_of(R"("text":{"format":{"type":"xml"}})"), "text.format.type");
  EXPECT_EQ(param_of(R"("text":{"verbosity":1})"), "text.verbosity");
  EXPECT_EQ(param_of(R"("max_output_tokens":0)"), "max_output_tokens");
  EXPECT_EQ(param_of(R"("include":"x")"), "include");
  EXPECT_EQ(param_of(R"("prompt":{"id":"pmpt_1"})"), "prompt");
  EXPECT_EQ(item_param("1"), "input[0]");
  EXPECT_EQ(item_param("{}"), "input[0].type");
  EXPECT_EQ(item_param(R"({"type":"message","content":"x"})"), "input[0].role");
  EXPECT_EQ(item_param(R"({"role":"tool","content":"x"})"), "input[0].role");
  EXPECT_EQ(item_param(R"({"role":"user"})"), "input[0].content");
  EXPECT_EQ(item_param(R"({"role":"user","content":[{"type":"input_file","file_id":"f"}]})"), "input[0].content[0]");
  EXPECT_EQ(item_param(R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})"),
            "input[0].content[0].file_id");
  EXPECT_EQ(item_param(R"({"role":"user","content":[{"type":"input_image"}]})"), "input[0].content[0].image_url");
  EXPECT_EQ(item_param(R"({"type":"function_call","name":"f"})"), "input[0].call_id");
  EXPECT_EQ(item_param(R"({"type":"function_call","call_id":"c"})"), "input[0].name");
  EXPECT_EQ(item_param(R"({"type":"function_call_output","output":"x"})"), "input[0].call_id");
  EXPECT_EQ(item_param(R"({"type":"function_call_output","call_id":"x"})"), "input[0].output");
}

TEST(responses_request, the_response_repeats_the_request_with_defaults_for_the_rest) {
  EXPECT_EQ(json::parse('{' + parsed(R"({"model":"m","input":"x"})").echo + '}'), json::parse(R"({"instructions":null,
      "max_output_tokens":null,"max_tool_calls":null,"parallel_tool_calls":true,"previous_response_id":null,
      "prompt_cache_key":null,"safety_identifier":null,"service_tier":"default","store":true,"temperature":1.0,
      "text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,
      "truncation":"disabled","user":null,"reasoning":{"effort":null,"summary":null}})"));
  const auto given = json::parse('{' +
                                 with(R"("instructions":"a \u2028 b","temperature":0.5,"store":false,
      "reasoning":{"effort":"low"},"conversation":"conv_1","tools":[{"type":"x","deep":{"a":[1,true,null,"s"]}}])")
                                     .echo +
                                 '}');
  EXPECT_EQ(given.at("instructions"), "a \xe2\x80\xa8 b");
  EXPECT_EQ(given.at("temperature"), 0.5);
  EXPECT_EQ(given.at("store"), false);
  EXPECT_EQ(given.at("reasoning"), json::parse(R"({"effort":"low","summary":null})"));
  EXPECT_EQ(given.at("conversation"), json::parse(R"({"id":"conv_1"})"));
  EXPECT_EQ(given.at("tools"), json::parse(R"([{"type":"x","deep":{"a":[1,true,null,"s"]}}])"));
}

TEST(responses_request, input_items_are_kept_as_given_with_parts_and_without_their_ids) {
  const auto request =
      saying(R"({"role":"user","content":"a"},{"type":"message","id":"msg_1","role":"assistant","content":"b"},
      {"type":"function_call_output","call_id":"c","output":"d"})");
  ASSERT_EQ(request.input_items.size(), 3u);
  EXPECT_EQ(json::parse(request.input_items[0]),
            json::parse(R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]})"));
  EXPECT_EQ(
      json::parse(request.input_items[1]),
      json::parse(
          R"({"type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"text":"b"}]})"));
  EXPECT_EQ(json::parse(request.input_items[2]),
            json::parse(R"({"type":"function_call_output","call_id":"c","output":"d"})"));
}

}  // namespace
}  // namespace app::openai
