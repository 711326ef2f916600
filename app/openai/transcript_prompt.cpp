#include "app/openai/transcript_prompt.hpp"

#include <span>

#include "app/base/json_text.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

constexpr std::size_t note_limit = 200;  // bytes of a tool's arguments in a note

void add_images(turn_prompt& prompt, std::span<const message> messages) {
  for (const message& each : messages)
    for (const image& one : each.images) prompt.images.push_back(&one);
}

void add_line(std::string& out, std::string_view line) {
  if (!out.empty()) out += "\n\n";
  out += line;
}

std::string heading(const message& words) {
  if (words.sender == role::tool) return "## Result of the tool call " + words.call_id;
  return words.sender == role::assistant ? "## Assistant" : "## User";
}

void add_message(std::string& out, const message& said) {
  add_line(out, heading(said));
  if (!said.text.empty()) add_line(out, said.text);
  for (const tool_call& call : said.calls)
    add_line(out, "[called the tool " + call.name + " as " + call.id + " with " + call.arguments + ']');
  if (!said.images.empty()) add_line(out, '[' + std::to_string(said.images.size()) + " image(s) attached]");
}

/// Input from users only needs no headings.
void add_input(std::string& out, std::span<const message> input) {
  bool users_only = true;
  for (const message& each : input) users_only = users_only && each.sender == role::user;
  for (const message& each : input) {
    if (users_only) {
      add_line(out, each.text);
    } else {
      add_message(out, each);
    }
  }
}

}  // namespace

turn_prompt whole_prompt(const turn_request& request) {
  turn_prompt prompt;
  add_images(prompt, request.history);
  add_images(prompt, request.input);
  if (request.input.empty() && request.history.empty()) {
    prompt.text = request.instructions;
    return prompt;
  }
  if (!request.instructions.empty()) add_line(prompt.text, "# Instructions\n\n" + request.instructions);
  if (!request.history.empty()) {
    add_line(prompt.text, "# The conversation so far");
    for (const message& each : request.history) add_message(prompt.text, each);
  }
  const bool alone = prompt.text.empty();
  if (!alone) add_line(prompt.text, request.history.empty() ? "# The request" : "# Now go on: the new message");
  add_input(prompt.text, request.input);
  return prompt;
}

turn_prompt continued_prompt(const turn_request& request, std::string_view known_instructions) {
  turn_prompt prompt;
  add_images(prompt, request.input);
  if (!request.instructions.empty() && request.instructions != known_instructions) {
    add_line(prompt.text, "# Instructions from now on\n\n" + request.instructions);
    if (!request.input.empty()) add_line(prompt.text, "# The request");
  }
  add_input(prompt.text, request.input);
  return prompt;
}

std::string tool_note(std::string_view name, std::string_view arguments, std::string_view status) {
  std::string note = "\n[" + net::utf8::shortened(name, note_limit);
  const std::string shown = net::utf8::shortened(arguments, note_limit);
  if (!shown.empty() && shown != "{}") note += ' ' + shown;
  if (shown.size() < arguments.size()) note += "…";
  note.append(" ").append(status);
  return note += "]\n";
}

}  // namespace app::openai
