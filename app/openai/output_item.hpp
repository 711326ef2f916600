#pragma once

// One item of a response's output, and its JSON. responses_writer makes them; the store keeps them for references.

#include <cstdint>
#include <string>
#include <string_view>

namespace app::openai {

enum class item_kind : std::uint8_t { message, reasoning, function_call };
enum class item_status : std::uint8_t { in_progress, completed, incomplete };

struct output_item {
  item_kind kind = item_kind::message;
  item_status status = item_status::in_progress;
  std::uint32_t step = 0;  // of a message or reasoning
  std::string id{};        // msg_…, rs_…, fc_…
  std::string text{};      // words, or a call's arguments
  std::string call_id{};   // of a call
  std::string name{};      // of a call
  std::size_t call_index = 0;
};

void append_item(std::string& out, const output_item& item);

}  // namespace app::openai
