#pragma once

// Whose TLS is opened: the configured provider hosts and nothing else. Pure and immutable; a reload makes a new one and
// swaps it in as a shared_ptr<const intercept_policy>, so a session keeps the policy it began with.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "mitm/policy/host_pattern.hpp"
#include "net/wire/client_hello.hpp"

namespace mitm {

/// The hosts that are intercepted until others are configured.
std::vector<std::string> default_hosts();

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

/// The server name stands for another, which is encrypted: with ECH the visible name is one of the operator's for all
/// of its customers, watched ones perhaps among them. The extension alone says nothing: browsers send it at random.
bool hides_its_name(const net::wire::client_hello& hello) noexcept;

class intercept_policy {
 public:
  /// Every bad pattern is reported, one line each.
  static boost::system::result<intercept_policy, std::vector<pattern_error>> make(
      std::span<const std::string> patterns);

  /// The same policy for a CA that is constrained to `subtrees` (ca_certificate::permitted): what is configured beyond
  /// them is spliced, because a leaf for it would be refused by every client.
  intercept_policy limited_to(std::vector<std::string> subtrees) const;

  /// By the server name of a ClientHello; empty if there was none.
  decision decide(std::string_view server_name) const noexcept;

  /// Without a server name: by the names in the upstream's certificate, of which one that is intercepted is enough. A
  /// wildcard name counts only where a pattern covers all it stands for.
  decision decide(std::span<const std::string> certificate_names) const noexcept;

  /// The host is configured, whether or not the CA covers it.
  bool watches(std::string_view name) const noexcept;

  const std::vector<host_pattern>& patterns() const noexcept { return patterns_; }

  /// What the CA must be permitted: the narrowest subtrees that cover the patterns, sorted, none below another.
  std::vector<std::string> constraints() const;

 private:
  explicit intercept_policy(std::vector<host_pattern> patterns) : patterns_(std::move(patterns)) {}

  bool permitted(std::string_view name) const noexcept;

  std::vector<host_pattern> patterns_;
  std::optional<std::vector<std::string>> subtrees_;  // of the CA; none: not limited
};

}  // namespace mitm
