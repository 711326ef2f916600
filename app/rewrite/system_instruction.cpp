#include <vector>

#include "app/rewrite/provider_shape.hpp"

namespace app::rewrite {
namespace {

using usage::provider;
using place = system_text::place;

/// How one piece of text is written in a list.
enum class piece : std::uint8_t { google, openai, anthropic };

std::string piece_of(piece how, std::string_view text) {
  const std::string named = "\"text\":" + literal_of(text) + "}";
  return how == piece::google ? "{" + named : R"({"type":"text",)" + named;
}

/// The instruction is a string or an array of pieces.
result<edited> change_content(std::string& body, const json_pointer& pointer, const system_text& change, piece how) {
  const auto now = locate(body, pointer);
  if (now.has_error()) return now.error();
  if (!now->found) return errc::missing;
  const char kind = body[now->begin];
  if (kind != '"' && kind != '[') return errc::wrong_type;
  const bool pieces = kind == '[';
  if (change.where == place::replace) {
    return set_value(body, pointer, pieces ? "[" + piece_of(how, change.text) + "]" : literal_of(change.text));
  }
  const edge where = change.where == place::prepend ? edge::front : edge::back;
  if (pieces) return extend_value(body, pointer, where, piece_of(how, change.text));
  return extend_value(body, pointer, where,
                      literal_of(where == edge::front ? change.text + "\n\n" : "\n\n" + change.text));
}

/// The member is a string, an array of pieces, or absent.
result<edited> change_member(std::string& body, std::string_view name, const system_text& change, piece how) {
  const json_pointer pointer{name};
  const auto now = locate(body, pointer);
  if (now.has_error()) return now.error();
  if (!now->found || now->value(body) == "null") return set_value(body, pointer, literal_of(change.text));
  return change_content(body, pointer, change, how);
}

/// A Content with parts. A single part may stand without an array.
result<edited> change_google(std::string& body, const json_pointer& root, const system_text& change) {
  const auto found = spelled(body, root, "systemInstruction", "system_instruction");
  if (found.has_error()) return found.error();
  const json_pointer& pointer = *found;
  const auto now = locate(body, pointer);
  if (now.has_error()) return now.error();
  const std::string only = "[" + piece_of(piece::google, change.text) + "]";
  if (!now->found || now->value(body) == "null")
    return set_value(body, pointer, R"({"role":"user","parts":)" + only + "}");
  const json_pointer parts = pointer / "parts";
  const auto held = locate(body, parts);
  if (held.has_error()) return held.error();
  if (!held->found) return set_value(body, parts, only);
  if (body[held->begin] == '{') body.insert(held->end, "]").insert(held->begin, "[");
  if (body[held->begin] != '[') return errc::wrong_type;
  return change_content(body, parts, change, piece::google);
}

/// The indices of the system messages at the beginning of a chat.
result<std::vector<std::string>> leading(std::string_view body) {
  const auto messages = locate(body, {"messages"});
  if (messages.has_error()) return messages.error();
  if (!messages->found) return errc::missing;
  if (body[messages->begin] != '[') return errc::wrong_type;
  std::vector<std::string> found;
  for (json_entries each(body, messages->begin); each.next();) {
    const auto role = string_at(each.value(), {"role"});
    if (role != "system" && role != "developer") break;
    found.push_back(std::to_string(found.size()));
  }
  return found;
}

result<edited> change_chat(std::string& body, const system_text& change) {
  const auto found = leading(body);
  if (found.has_error()) return found.error();
  const json_pointer messages{"messages"};
  if (found->empty()) {
    return extend_value(body, messages, edge::front, R"({"role":"system","content":)" + literal_of(change.text) + "}");
  }
  const auto& index = change.where == place::append ? found->back() : found->front();
  std::string changed = body;
  auto done = change_content(changed, messages / index / "content", change, piece::openai);
  if (done.has_error()) return done;
  if (change.where == place::replace) {
    for (auto others = found->size(); others > 1; --others) {
      if (const auto cut = remove_value(changed, messages / found->at(others - 1)); cut.has_error()) return cut;
      done = edited::yes;
    }
  }
  body = std::move(changed);
  return done;
}

}  // namespace

result<edited> change_system(std::string& body, const body_shape& shape, const system_text& change) {
  switch (shape.provider) {
    case provider::google:
      return change_google(body, shape.root, change);
    case provider::openai_chat:
      return change_chat(body, change);
    case provider::openai_responses:
      return change_member(body, "instructions", change, piece::openai);
    case provider::anthropic:
      return change_member(body, "system", change, piece::anthropic);
    case provider::openai:
    case provider::bedrock:
    case provider::unknown:
      break;
  }
  return errc::unknown_shape;
}

}  // namespace app::rewrite
