#pragma once

// A configured host pattern: `api.openai.com` matches only that name; `*.googleapis.com` matches every name below
// googleapis.com at any depth (a.googleapis.com, a.b.googleapis.com), but not googleapis.com itself. Pure. An
// intercept_policy consists of these.

#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace mitm {

/// Why a pattern was refused, in one line for its author: the pattern, what is wrong, what was expected.
struct pattern_error {
  std::string message;
};

class host_pattern {
 public:
  /// Accepts upper case and a trailing dot and normalises them. Refuses `*` alone or anywhere but as the first label,
  /// addresses, ports, URLs, fewer than two labels (a top-level domain), and anything that cannot be a host name.
  static boost::system::result<host_pattern, pattern_error> parse(std::string_view text);

  /// Ignores case. `name` is well formed and has no root dot.
  bool matches(std::string_view name) const noexcept;

  /// The narrowest name constraint that permits every match. It is wider than the pattern, because a constraint permits
  /// the name itself and all names below it. Only the policy excludes `a.api.openai.com` and `googleapis.com`.
  const std::string& constraint() const noexcept { return base_; }

  std::string text() const { return wildcard_ ? "*." + base_ : base_; }

 private:
  host_pattern(bool wildcard, std::string base) : wildcard_(wildcard), base_(std::move(base)) {}

  bool wildcard_;
  std::string base_;  // normalised, without "*."
};

}  // namespace mitm
