#pragma once

// Connections that pass our redirects. `zerogravity run` books what its command spends itself. If a service redirects
// its user or cgroup, too, the run's own connections to origins would reach that service: the run does not trust its
// CA, and would refuse each certificate. So a run marks these connections, and the redirects that we install leave
// marked ones alone (scripts/mitm-redirect.sh, app/scope). A mark needs no privilege and no trust. It counts for the
// first packet alone, since that decides about the connection, and is taken off afterwards.

#include <cstdint>

#include <boost/asio/ip/tcp.hpp>

namespace mitm {

/// What our redirects do with a connection to an origin.
enum class redirects : std::uint8_t { followed, passed };

/// SO_PRIORITY of a marked connection: nft and eBPF redirects match it. It never leaves the machine. Anyone may set 0
/// to 6 (socket(7)), and no value of IP_TOS results in this one.
inline constexpr int pass_priority = 5;

/// Its hop limit, for iptables, which cannot match a priority. The usual defaults are 64, 128 and 255.
inline constexpr int pass_hop_limit = 61;

/// Marks an open socket before it connects. A mark that the system refuses is left out: the connection is then
/// redirected like any other.
void mark_to_pass(boost::asio::ip::tcp::socket& opened);

/// Takes the mark off a connection.
void unmark(boost::asio::ip::tcp::socket& connected);

}  // namespace mitm
