#include "test/sim/call.hpp"

#include <boost/json/serialize.hpp>

namespace sim {

std::string_view to_string(provider api) {
  switch (api) {
    case provider::google:
      return "google";
    case provider::openai_chat:
      return "openai_chat";
    case provider::openai_responses:
      return "openai_responses";
    case provider::anthropic:
      return "anthropic";
  }
  return "";
}

std::string text_of(const call& c, std::size_t event) {
  auto text = "word " + std::to_string(event) + " – é 世界 🚀 ";
  if (c.asked.big_event > 0 && event == c.asked.events / 2) text.append(c.asked.big_event, 'x');
  return text;
}

std::string whole_text(const call& c) {
  std::string text;
  for (std::size_t i = 0; i < c.asked.events; ++i) text += text_of(c, i);
  return text;
}

std::string sse(const call& c, std::string_view name, const boost::json::value& content) {
  const std::string_view line_end = c.asked.crlf ? "\r\n" : "\n";
  std::string text;
  if (!name.empty()) text.append("event: ").append(name).append(line_end);
  return text.append("data: ").append(boost::json::serialize(content)).append(line_end).append(line_end);
}

}  // namespace sim
