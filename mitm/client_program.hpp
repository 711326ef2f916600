#pragma once

// The program whose process made a connection, as far as this machine knows it. What is not known is a value of its
// own: it never stands for a program that is known.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace mitm {

struct client_program {
  std::optional<std::int64_t> user;  // uid
  std::string executable;            // path; empty: not known

  bool known() const noexcept { return user.has_value() && !executable.empty(); }
  auto operator<=>(const client_program&) const = default;
};

/// "/usr/bin/curl of uid 1000", for people.
std::string describe(const client_program& program);

}  // namespace mitm
