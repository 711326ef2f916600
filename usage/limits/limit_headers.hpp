#pragma once

// Reads limits from the header fields of an answer. A table says how each provider names them; the names of windows are
// taken from the fields, so that a window that comes later needs no entry. Pure; called on the strand of a connection.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/message_head.hpp"
#include "usage/limits/limit_window.hpp"

namespace usage {

/// Most windows of one answer; further ones are left out.
inline constexpr std::size_t max_windows_of_answer = 24;

/// `now` in Unix ms: resets may be told as a time from now. Empty, without an allocation, where no field is of a limit.
std::vector<limit_window> read_limit_headers(const net::wire::header_fields& fields, std::int64_t now);

}  // namespace usage
