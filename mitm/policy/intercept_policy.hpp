#pragma once

// Decides whose TLS is intercepted: only that of the configured provider hosts. Pure and immutable. A reload swaps in a
// new shared_ptr<const intercept_policy>, so a session keeps the policy it began with.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "net/text/host_pattern.hpp"
#include "net/wire/client_hello.hpp"

namespace mitm {

enum class action : std::uint8_t { intercept, splice };

enum class decision_reason : std::uint8_t {
  configured,      // a pattern names the host
  not_configured,  // none does
  no_server_name,  // nothing to compare; the names of the upstream's certificate can still decide
  outside_ca,      // configured, but our CA may not speak for it: `zerogravity ca rotate`
};

std::string_view to_string(decision_reason reason);

struct decision {
  action what = action::splice;
  decision_reason why = decision_reason::not_configured;
};

/// True if the real server name is encrypted. With ECH the visible name is shared by all customers of an operator,
/// perhaps watched ones too. The extension alone proves nothing: browsers send it at random.
bool hides_its_name(const net::wire::client_hello& hello) noexcept;

class intercept_policy {
 public:
  /// `known`: hosts where providers answer, watched or not. Reports every bad pattern, one line each.
  static boost::system::result<intercept_policy, std::vector<net::text::pattern_error>> make(
      std::span<const std::string> patterns, std::vector<net::text::host_pattern> known = {});

  /// The same policy for a CA that is constrained to `subtrees` (ca_certificate::permitted). Configured hosts outside
  /// them are spliced, because every client would refuse a leaf for them.
  intercept_policy limited_to(std::vector<std::string> subtrees) const;

  /// Decides by the server name of a ClientHello; empty if there was none.
  decision decide(std::string_view server_name) const noexcept;

  /// Decides without a server name, by the names in the upstream's certificate. One intercepted name is enough. A
  /// wildcard name counts only if a pattern covers all its matches.
  decision decide(std::span<const std::string> certificate_names) const noexcept;

  /// True if the host is configured, whether or not the CA covers it.
  bool watches(std::string_view name) const noexcept;

  /// True for a provider's host, watched or not: a connection to it that is not to be intercepted is counted as unread,
  /// so that a report does not pass over it.
  bool knows(std::string_view name) const noexcept;

  const std::vector<net::text::host_pattern>& patterns() const noexcept { return patterns_; }

  /// The subtrees that the CA must be permitted: the narrowest that cover the patterns, sorted, none below another.
  std::vector<std::string> constraints() const;

 private:
  intercept_policy(std::vector<net::text::host_pattern> patterns, std::vector<net::text::host_pattern> known)
      : patterns_(std::move(patterns)), known_(std::move(known)) {}

  bool permitted(std::string_view name) const noexcept;

  std::vector<net::text::host_pattern> patterns_;
  std::vector<net::text::host_pattern> known_;
  std::optional<std::vector<std::string>> subtrees_;  // of the CA; none: not limited
};

}  // namespace mitm
