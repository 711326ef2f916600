#pragma once

// Recognises language servers that already run on this machine by their entries in /proc. Pure: discovery_proc reads
// the entries. Several servers may run; their order says which to try first.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace cascade {

struct found_server {
  pid_t pid = 0;
  uid_t owner = 0;
  std::string program;               // as it was started
  std::string csrf_token;            // a secret; empty if neither its command line nor its environment has one
  std::string workspace_id;          // empty: serves all workspaces
  std::vector<std::uint16_t> ports;  // on loopback, in the order they were opened: HTTPS is the first
  bool token_is_shown = false;       // in its command line, which all users can read
};

/// `arguments` are separated by NUL. Accepts only Antigravity's servers. Related servers look the same except for the
/// folder they use.
std::optional<found_server> read_command_line(std::string_view arguments);

/// The value of a variable among those of an environment, which are separated by NUL; empty if it is not set.
std::string_view environment_value(std::string_view environment, std::string_view name);

/// The variable that later builds take their token from.
inline constexpr std::string_view token_variable = "WINDSURF_CSRF_TOKEN";

/// The value of a Go flag: -name v, --name v, -name=v, --name=v. The last one counts, as it does for Go.
std::optional<std::string_view> flag_value(std::string_view arguments, std::string_view name);

/// The inode in "socket:[123]".
std::optional<std::uint64_t> socket_inode(std::string_view link);

/// Inode → port of every socket that listens on loopback or on all addresses, from /proc/net/tcp or tcp6.
using listening_ports = std::map<std::uint64_t, std::uint16_t>;
void read_tcp_table(std::string_view table, listening_ports& into);

/// Servers of `workspace` come first, then those without a workspace, then the others; among equals, the newest process
/// comes first. Servers without a token or a port come after those with both.
void put_in_order(std::vector<found_server>& servers, std::string_view workspace);

}  // namespace cascade
