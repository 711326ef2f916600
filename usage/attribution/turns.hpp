#pragma once

// Which turn of the API each row of a conversation belongs to. Pure: what the server lists decides; a call that it does
// not list (refused, cut) belongs to the turn in whose steps it is.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "usage/server_call.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// For each row the index of its turn; nothing for calls of turns that did not come by the API.
std::vector<std::optional<std::size_t>> turns_of(std::span<const usage_record> rows,
                                                 std::span<const conversation_turn> turns,
                                                 std::span<const server_call> calls);

}  // namespace usage
