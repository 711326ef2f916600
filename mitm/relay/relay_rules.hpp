#pragma once

// What the plain and the rewriting relay have in common: reading a block, choosing the limit, passing on an end,
// interpreting a failure.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mitm/policy/limits.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "net/failure.hpp"
#include "net/stream.hpp"
#include "net/tls_stream.hpp"

namespace mitm {

namespace asio = boost::asio;

/// How many blocks are moved before other connections get a turn.
inline constexpr unsigned burst = 64;
/// About how long the tap or the rules may work on them.
inline constexpr std::chrono::milliseconds work_turn{1};

/// Reads once, and again while that needs no system call, so that records that arrived together leave together. May
/// return bytes and an end.
template <class Stream>
net::io_step read_what_is_there(Stream& source, std::span<char> block) {
  net::io_step got = source.read(block);
  while (got.bytes != 0 && got.bytes < block.size() && source.buffered()) {
    const net::io_step more = source.read(block.subspan(got.bytes));
    got.error = more.error;
    if (more.bytes == 0) break;
    got.bytes += more.bytes;
  }
  return got;
}

void end_direction(net::plain_stream& stream, boost::system::error_code how);
/// Passes on a TCP end without close_notify as such: the receiver must be able to tell a truncated answer from a
/// complete one.
void end_direction(net::tls_stream& stream, boost::system::error_code how);

/// True if the peer will send no more, cleanly or not.
bool is_end(boost::system::error_code error);

/// How long the connection may be silent in this phase.
std::chrono::milliseconds limit_of(const limits& bounds, connection_tracker::phase now);

/// The side to blame for the silence; nullopt if neither owed anything.
std::optional<side> silent_side(connection_tracker::phase now, bool downstream_ended, bool upstream_ended);

/// `words` is the stream's message for the error.
net::failure failure_of(side where, connection_tracker::phase now, boost::system::error_code code, std::string words);

/// The outcome of open exchanges when the connection ends.
struct exchange_end {
  exchange_outcome outcome;
  std::string cause;
};
exchange_end end_after(const std::optional<net::failure>& failure);

}  // namespace mitm
