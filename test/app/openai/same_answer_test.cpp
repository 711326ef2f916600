// Streaming and not are two renderings of the same calls: whatever is said, the stream folded by a client's rules is
// the whole object.

#include <gtest/gtest.h>

#include <random>

#include "app/openai/chat_writer.hpp"
#include "app/openai/responses_writer.hpp"
#include "test/app/openai/frames.hpp"

namespace app::openai {
namespace {

const answer_identity identity{"resp_x", 5, "m", "c"};
constexpr token_counts usage{7, 1, 0, 3, 2};

/// The same random turn for any writer: text and reasoning of rising steps, rewritings that go on, parallel calls.
template <class Writer>
void tell(Writer& writer, unsigned seed, std::string& out) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const std::string_view pieces[] = {"a",    "é", "\"\\", "\n", std::string_view("\0\x1f", 2), "𝄞", "\xe2\x80\xa8",
                                     "word "};
  std::uint32_t step = 0;
  std::string said;
  std::size_t calls = 0;
  writer.begin(out);
  for (unsigned i = below(40); i > 0; --i) {
    const std::string_view piece = pieces[below(std::size(pieces))];
    switch (below(6)) {
      case 0:
        ++step;
        said.clear();
        break;
      case 1:
        writer.reasoning(step, piece, out);
        break;
      case 2:
        if (said.empty()) break;
        said += piece;
        writer.text_rewritten(step, said, out);
        break;
      case 3:
        calls += writer.tool_call_begin(calls, "call_" + std::to_string(calls), "f", out) ? 1 : 0;
        break;
      case 4:
        if (calls > 0) writer.tool_call_arguments(below(static_cast<unsigned>(calls)), piece, out);
        break;
      default:
        said += piece;
        writer.text(step, piece, out);
    }
  }
}

/// As openai-python and openai-node do it for chat completions.
json::object folded_chat(std::string_view bytes) {
  json::object message{{"role", ""}, {"content", ""}, {"refusal", nullptr}};
  json::value reason;
  json::value counts;
  for (const frame& each : frames_of(bytes)) {
    if (each.data.starts_with("[DONE]")) break;
    const auto chunk = each.value();
    if (chunk.at("choices").as_array().empty()) {
      counts = chunk.at("usage");
      continue;
    }
    const auto& choice = chunk.at_pointer("/choices/0");
    if (!choice.at("finish_reason").is_null()) reason = choice.at("finish_reason");
    for (const auto& [key, value] : choice.at("delta").as_object()) {
      if (key == "tool_calls") {
        const auto& piece = value.at(0);
        json::array& calls = message.emplace("tool_calls", json::array()).first->value().as_array();
        if (piece.at("index") == calls.size()) {
          calls.push_back({{"id", piece.at("id")}, {"type", piece.at("type")}, {"function", piece.at("function")}});
        } else {
          auto& arguments =
              calls.at(piece.at("index").to_number<std::size_t>()).at("function").at("arguments").as_string();
          arguments += std::string_view(piece.at_pointer("/function/arguments").as_string());
        }
      } else if (!message.emplace(key, value).second) {
        message[key].as_string() += std::string_view(value.as_string());
      }
    }
  }
  if (message.contains("tool_calls") && message.at("content") == "") message["content"] = nullptr;
  return {{"message", message}, {"finish_reason", reason}, {"usage", counts}};
}

TEST(same_answer, a_folded_chat_stream_is_the_whole_object) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::string stream;
    chat_writer streaming(identity, {true, true});
    tell(streaming, seed, stream);
    streaming.end(finish_reason::stop, usage, stream);
    std::string whole;
    chat_writer at_once(identity, {});
    tell(at_once, seed, whole);
    at_once.end(finish_reason::stop, usage, whole);

    const auto folded = folded_chat(stream);
    const auto object = json::parse(whole);
    ASSERT_EQ(folded.at("message"), object.at_pointer("/choices/0/message")) << seed;
    ASSERT_EQ(folded.at("finish_reason"), object.at_pointer("/choices/0/finish_reason")) << seed;
    ASSERT_EQ(folded.at("usage"), object.at("usage")) << seed;
    ASSERT_EQ(streaming.answer()->text, at_once.answer()->text) << seed;
  }
}

/// The accumulator of openai-node's Responses helper; fails the test where that throws.
class response_accumulator {
 public:
  void apply(const json::value& event) {
    const std::string_view type = string_at(event, "/type");
    if (!begun_) ASSERT_EQ(type, "response.created");
    begun_ = true;
    ASSERT_FALSE(ended_) << "after the terminal event";
    if (event.as_object().contains("response")) {
      if (type != "response.created" && type != "response.in_progress") {
        ended_ = true;
        last_ = event.at("response");
      }
      return;
    }
    auto& output = output_;
    const auto index = event.at("output_index").to_number<std::size_t>();
    if (type == "response.output_item.added") {
      ASSERT_EQ(index, output.size());
      ASSERT_NE(string_at(event, "/item/id"), "");
      output.push_back(event.at("item"));
      return;
    }
    ASSERT_LT(index, output.size());
    auto& item = output[index];
    if (type == "response.output_item.done") {
      for (const auto& [key, value] : item.as_object())
        if (key != "status") ASSERT_EQ(value, event.at("item").at(key)) << "what was folded is the item";
      item = event.at("item");
      return;
    }
    ASSERT_EQ(event.at("item_id"), item.at("id"));
    part(event, type, item);
  }

  bool ended() const { return ended_; }
  const json::value& last() const { return last_; }
  const json::array& output() const { return output_; }

 private:
  static void part(const json::value& event, std::string_view type, json::value& item) {
    const bool summary = type.find("reasoning") != type.npos;
    if (type.find("function_call_arguments") != type.npos) {
      ASSERT_EQ(item.at("type"), "function_call");
      if (type.ends_with(".delta")) {
        item.at("arguments").as_string() += string_at(event, "/delta");
      } else {
        ASSERT_EQ(item.at("arguments"), event.at("arguments"));
      }
      return;
    }
    ASSERT_EQ(item.at("type"), summary ? "reasoning" : "message");
    auto& parts = item.at(summary ? "summary" : "content").as_array();
    if (type.ends_with("_part.added")) {
      ASSERT_TRUE(parts.empty());
      parts.push_back(event.at("part"));
      return;
    }
    ASSERT_EQ(parts.size(), 1u) << type;
    if (type.ends_with(".delta")) parts[0].at("text").as_string() += string_at(event, "/delta");
    if (type.ends_with("_text.done")) ASSERT_EQ(parts[0].at("text"), event.at("text"));
    if (type.ends_with("_part.done")) ASSERT_EQ(parts[0], event.at("part"));
  }

  json::array output_;
  json::value last_;
  bool begun_ = false;
  bool ended_ = false;
};

TEST(same_answer, a_folded_response_stream_is_the_whole_object) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const auto reason = seed % 3 == 0 ? finish_reason::length : finish_reason::stop;
    std::string stream;
    responses_writer streaming(identity, R"("tools":[])", {true});
    tell(streaming, seed, stream);
    streaming.end(reason, usage, 9, stream);
    std::string whole;
    responses_writer at_once(identity, R"("tools":[])", {});
    tell(at_once, seed, whole);
    at_once.end(reason, usage, 9, whole);

    response_accumulator folded;
    for (const frame& each : frames_of(stream)) folded.apply(each.value());
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << seed;
    ASSERT_TRUE(folded.ended());
    ASSERT_EQ(folded.last(), json::parse(whole)) << seed;
    ASSERT_EQ(folded.last().at("output"), folded.output()) << seed;
  }
}

}  // namespace
}  // namespace app::openai
