#pragma once

// The program whose process made a connection, as far as this machine knows it. What is not known is a value of its
// own: it never stands for a program that is known. Programs that are not known are told apart by what their
// ClientHellos look like, which is that of the TLS library and its settings.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "net/wire/client_hello.hpp"

namespace mitm {

struct client_program {
  std::optional<std::int64_t> user;  // uid
  std::string executable;            // path; empty: not known
  std::string hello = {};            // hello_kind() of one that is not known; empty for one that is

  bool known() const noexcept { return user.has_value() && !executable.empty(); }
  auto operator<=>(const client_program&) const = default;
};

/// The same for all connections of a program, and for most others of another: hexadecimal.
std::string hello_kind(const net::wire::client_hello& hello);

/// Its path, or by what it is told apart.
std::string name_of(const client_program& program);

/// "/usr/bin/curl of uid 1000", for people.
std::string describe(const client_program& program);

}  // namespace mitm
