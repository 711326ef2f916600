#include "app/openai/response_echo.hpp"

#include <array>
#include <utility>

#include "app/base/json_text.hpp"

namespace app::openai {
namespace {

struct echoed {
  std::string_view name;
  std::string_view otherwise;  // JSON
};

constexpr std::array repeated{
    echoed{"instructions", "null"},
    echoed{"max_output_tokens", "null"},
    echoed{"max_tool_calls", "null"},
    echoed{"parallel_tool_calls", "true"},
    echoed{"previous_response_id", "null"},
    echoed{"prompt_cache_key", "null"},
    echoed{"safety_identifier", "null"},
    echoed{"service_tier", R"("default")"},
    echoed{"store", "true"},
    echoed{"temperature", "1.0"},
    echoed{"text", R"({"format":{"type":"text"}})"},
    echoed{"tool_choice", R"("auto")"},
    echoed{"tools", "[]"},
    echoed{"top_logprobs", "0"},
    echoed{"top_p", "1.0"},
    echoed{"truncation", R"("disabled")"},
    echoed{"user", "null"},
};

/// Both members are always present.
void append_reasoning(std::string& out, const members& body) {
  const auto given = body.object("reasoning");
  out += R"("reasoning":{"effort":)";
  for (const std::string_view name : {"effort", "summary"}) {
    const json::value* const value = given ? given->find(name) : nullptr;
    if (value != nullptr) {
      append_value(out, *value);
    } else {
      out += "null";
    }
    out += name == "effort" ? R"(,"summary":)" : "}";
  }
}

void append_conversation(std::string& out, const members& body) {
  const json::value* const given = body.find("conversation");
  if (given == nullptr) return;
  out += R"(,"conversation":)";
  if (given->is_object()) {
    append_value(out, *given);
  } else {
    out += R"({"id":)";
    append_value(out, *given);
    out += '}';
  }
}

void append_text_part(std::string& out, bool said_by_us, std::string_view text) {
  out += said_by_us ? R"([{"type":"output_text","annotations":[],"text":)" : R"([{"type":"input_text","text":)";
  append_json(out, text);
  out += "}]";
}

std::string item_of(const json::object& given) {
  const bool message = !given.contains("type") || given.at("type") == "message";
  const json::value* const sender = given.if_contains("role");
  std::string out = message && !given.contains("type") ? R"({"type":"message")" : "{";
  for (const auto& [key, value] : given) {
    if (key == "id") continue;
    if (out.size() > 1) out += ',';
    append_json(out, key);
    out += ':';
    if (message && key == "content" && value.is_string()) {
      append_text_part(out, sender != nullptr && *sender == "assistant", value.get_string());
    } else {
      append_value(out, value);
    }
  }
  return out += '}';
}

}  // namespace

std::string echo_of(const members& body) {
  std::string out;
  for (const auto& [name, otherwise] : repeated) {
    append_json(out, name);
    out += ':';
    if (const json::value* const value = body.find(name)) {
      append_value(out, *value);
    } else {
      out += otherwise;
    }
    out += ',';
  }
  append_reasoning(out, body);
  append_conversation(out, body);
  return out;
}

std::vector<std::string> input_items_of(const members& body) {
  std::vector<std::string> items;
  const json::value* const input = body.find("input");
  if (input == nullptr) return items;
  if (const json::string* const text = input->if_string()) {
    std::string item = R"({"type":"message","role":"user","content":)";
    append_text_part(item, false, *text);
    items.push_back(std::move(item += '}'));
  } else if (const json::array* const given = input->if_array()) {
    for (const json::value& each : *given)
      if (each.is_object()) items.push_back(item_of(each.get_object()));
  }
  return items;
}

}  // namespace app::openai
