#pragma once

// Which hosts a configured pattern means: `api.openai.com` is that name alone; `*.googleapis.com` is every name below
// googleapis.com at any depth (a.googleapis.com, a.b.googleapis.com), never googleapis.com itself. Pure;
// intercept_policy is made of these.

#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace mitm {

/// Why a pattern was refused, as one line for the person who wrote it: pattern, what is wrong, what was expected.
struct pattern_error {
  std::string message;
};

class host_pattern {
 public:
  /// Upper case and a trailing dot are accepted and normalised away. Refused: `*` alone or anywhere but as the first
  /// label, addresses, ports, URLs, fewer than two labels (a whole top-level domain), and what no host name can be.
  static boost::system::result<host_pattern, pattern_error> parse(std::string_view text);

  /// Case has no meaning. `name` is well formed and without a root dot.
  bool matches(std::string_view name) const noexcept;

  /// The narrowest name constraint that permits every match. It is wider than the pattern: a constraint always permits
  /// the name itself and all below it, so only the policy keeps `a.api.openai.com` and `googleapis.com` out.
  const std::string& constraint() const noexcept { return base_; }

  std::string text() const { return wildcard_ ? "*." + base_ : base_; }

 private:
  host_pattern(bool wildcard, std::string base) : wildcard_(wildcard), base_(std::move(base)) {}

  bool wildcard_;
  std::string base_;  // normalised, without "*."
};

}  // namespace mitm
