#pragma once

// One item of a response's output, and its JSON. responses_writer makes items; the store keeps them for references.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace app::openai {

enum class item_kind : std::uint8_t { message, reasoning, function_call };
enum class item_status : std::uint8_t { in_progress, completed, incomplete };

struct output_item {
  item_kind kind = item_kind::message;
  item_status status = item_status::in_progress;
  std::uint32_t step = 0;   // of a message or reasoning
  std::string id{};         // msg_…, rs_…, fc_…
  std::string text{};       // words, or a call's arguments
  std::string call_id{};    // of a call
  std::string name{};       // of a call
  std::size_t wording = 0;  // where in `text` the last wording of its step begins; npos: a later item has it

  static constexpr std::size_t npos = std::string::npos;
};

void append_item(std::string& out, const output_item& item);
/// As in output_item.added: without content.
void append_new_item(std::string& out, const output_item& item);
/// {"type":"output_text",…} or {"type":"summary_text",…}
void append_part(std::string& out, item_kind kind, std::string_view text);

}  // namespace app::openai
