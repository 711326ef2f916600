#pragma once

// What the plain and the rewriting relay do alike: how a block is read, which limit holds, how an end is passed on and
// what a failure means.

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

/// Blocks moved without a suspension before the thread is offered to others.
inline constexpr unsigned burst = 64;
/// … and so long, about, what looks into them may work.
inline constexpr std::chrono::milliseconds work_turn{1};

/// One read, and as many more as need no system call: records that came together leave together. Bytes and an end may
/// come at once.
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
/// A TCP end without close_notify stays one: the receiver must be able to tell a cut answer from a finished one.
void end_direction(net::tls_stream& stream, boost::system::error_code how);

/// The peer will send no more, cleanly or not.
bool is_end(boost::system::error_code error);

/// How long nothing may happen in this phase.
std::chrono::milliseconds limit_of(const limits& bounds, connection_tracker::phase now);

/// Who is to blame when nothing has happened for that long; nothing: nobody owed anything.
std::optional<side> silent_side(connection_tracker::phase now, bool downstream_ended, bool upstream_ended);

/// `words` are the stream's own for the error.
net::failure failure_of(side where, connection_tracker::phase now, boost::system::error_code code, std::string words);

/// What the end of a connection means for the exchanges that are open.
struct exchange_end {
  exchange_outcome outcome;
  std::string cause;
};
exchange_end end_after(const std::optional<net::failure>& failure);

}  // namespace mitm
