#pragma once

// The program that made a connection, as far as it is known. An unknown program never equals a known one. Unknown
// programs are told apart by their ClientHello, which depends on the TLS library and its settings.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "net/wire/client_hello.hpp"

namespace mitm {

struct client_program {
  std::optional<std::int64_t> user;  // uid
  std::string executable;            // path; empty: not known
  std::string hello = {};            // hello_kind() of an unknown program; empty for a known one

  bool known() const noexcept { return user.has_value() && !executable.empty(); }
  auto operator<=>(const client_program&) const = default;
};

/// A hexadecimal hash that is equal for all connections of a program and differs between most programs.
std::string hello_kind(const net::wire::client_hello& hello);

/// Its path, or its hello_kind().
std::string name_of(const client_program& program);

/// "/usr/bin/curl of uid 1000", for people.
std::string describe(const client_program& program);

}  // namespace mitm
