#pragma once

// Which turn of the API each row of a conversation belongs to. Pure. The server's list decides. A call that is not
// listed (refused, cut) belongs to the turn that contains its step.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "usage/server_call.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// The index of each row's turn; nullopt for turns that did not come through the API.
std::vector<std::optional<std::size_t>> turns_of(std::span<const usage_record> rows,
                                                 std::span<const conversation_turn> turns,
                                                 std::span<const server_call> calls);

}  // namespace usage
