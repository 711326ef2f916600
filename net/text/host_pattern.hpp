#pragma once

// A host pattern of the configuration. Pure. It has at most one `*`, in one of three places:
//   *.googleapis.com             every name below googleapis.com at any depth (a.googleapis.com, a.b.googleapis.com),
//                                but not googleapis.com itself
//   api.*.githubcopilot.com      one label in the place of the star
//   *-aiplatform.googleapis.com  a first label that ends like this, with something before the end
// Every other pattern matches only the name that it is. The interceptor watches hosts by these, and the accounting
// finds a host's provider by them.

#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace net::text {

/// Why a pattern was refused, in one line for its author: the pattern, what is wrong, what was expected.
struct pattern_error {
  std::string message;
};

class host_pattern {
 public:
  /// Accepts upper case and a trailing dot and normalises them. Refuses `*` alone or in another place, addresses,
  /// ports, URLs, fewer than two labels behind the star's (a top-level domain), and anything that cannot be a host
  /// name.
  static boost::system::result<host_pattern, pattern_error> parse(std::string_view text);

  /// Ignores case. `name` is well formed and has no root dot.
  bool matches(std::string_view name) const noexcept;

  /// True if it matches all that `inner` matches. False where only a closer look could tell: neither a name, and the
  /// star of this one is a single label.
  bool covers(const host_pattern& inner) const noexcept;

  /// The narrowest name constraint that permits every match. It is wider than the pattern, because a constraint permits
  /// the name itself and all names below it: of a pattern with a star, what is behind the star's label. Only the policy
  /// excludes `a.api.openai.com` and `googleapis.com`.
  std::string_view constraint() const noexcept;

  std::string text() const { return star_ == star::none ? end_ : beginning_ + '*' + end_; }

 private:
  enum class star { none, names, part };  // what it stands for: labels at any depth, or a label or its beginning

  host_pattern(star what, std::string beginning, std::string end)
      : star_(what), beginning_(std::move(beginning)), end_(std::move(end)) {}

  star star_;
  std::string beginning_;  // before the star
  std::string end_;        // behind it; the whole name if there is none. Both normalised
};

}  // namespace net::text
