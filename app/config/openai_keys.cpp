#include "app/config/key_kinds.hpp"

namespace app {
namespace {

read_result<std::chrono::seconds> read_seconds(const setting_value& value) {
  const auto read = read_duration(value, any_duration);
  if (read.has_error()) return read.error();
  return std::chrono::ceil<std::chrono::seconds>(*read);
}

std::string toml_aliases(const std::map<std::string, std::string>& aliases) {
  std::vector<std::string> pairs;
  for (const auto& [name, model] : aliases) pairs.push_back(name + '=' + model);
  return toml_list(pairs);
}

}  // namespace

void add_openai(key_list& keys) {
  keys.push_back(any_key(
      "openai.aliases", "a list of name=model", "further names of models, such as \"gpt-4o=gemini-3-pro-high\"",
      [](config& c) -> auto& { return c.openai.aliases; }, read_aliases, toml_aliases));
  keys.push_back(switch_key(
      "openai.reasoning", [](config& c) -> auto& { return c.openai.reasoning; }, "send the model's reasoning"));
  keys.push_back(duration_key(
      "openai.keep_alive", [](config& c) -> auto& { return c.openai.keep_alive; },
      "quiet in a stream until a comment is sent"));
  keys.push_back(count_key(
      "openai.responses", {0, 1'000'000}, [](config& c) -> auto& { return c.openai.responses.count; },
      "responses that can be asked for again"));
  keys.push_back(size_key(
      "openai.responses_size", {0, 16ull << 30}, [](config& c) -> auto& { return c.openai.responses.bytes; },
      "all of them together"));
  keys.push_back(any_key(
      "openai.responses_ttl", std::string(a_duration), "how long a response can be asked for",
      [](config& c) -> auto& { return c.openai.responses.ttl; }, read_seconds, toml_duration));
  keys.push_back(count_key(
      "openai.conversations", {0, 1'000'000}, [](config& c) -> auto& { return c.openai.conversations.count; },
      "conversations that are recognised by their transcript"));
  keys.push_back(any_key(
      "openai.conversations_ttl", std::string(a_duration), "how long after their last turn",
      [](config& c) -> auto& { return c.openai.conversations.ttl; }, read_seconds, toml_duration));
  keys.push_back(count_key(
      "openai.images", {0, 4096}, [](config& c) -> auto& { return c.openai.requests.images; },
      "images in the messages of one request"));
  keys.push_back(size_key(
      "openai.image_size", {1024, 1ull << 30}, [](config& c) -> auto& { return c.openai.requests.image_bytes; },
      "one image, decoded"));
}

}  // namespace app
