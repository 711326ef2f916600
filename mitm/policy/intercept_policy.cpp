#include "mitm/policy/intercept_policy.hpp"

#include <algorithm>
#include <array>

#include "net/text/host_name.hpp"

namespace mitm {
namespace {

/// SNI is arbitrary input: a NUL or blank before a configured suffix must not match. The `*` of a certificate's
/// wildcard name is accepted as first label.
bool may_be_compared(std::string_view name) {
  return net::text::is_host_name(name.starts_with("*.") ? name.substr(2) : name);
}

bool matches_any(std::span<const net::text::host_pattern> patterns, std::string_view name) noexcept {
  name = net::text::without_root_dot(name);
  const auto matches = [name](const net::text::host_pattern& pattern) { return pattern.matches(name); };
  return may_be_compared(name) && std::ranges::any_of(patterns, matches);
}

/// The widely used public names of ECH (RFC 9849 §6.1).
constexpr std::array<std::string_view, 1> public_names{"cloudflare-ech.com"};

}  // namespace

bool hides_its_name(const net::wire::client_hello& hello) noexcept {
  return hello.encrypted && std::ranges::find(public_names, hello.server_name) != public_names.end();
}

std::string_view to_string(decision_reason reason) {
  switch (reason) {
    case decision_reason::configured:
      return "configured host";
    case decision_reason::not_configured:
      return "not a configured host";
    case decision_reason::no_server_name:
      return "no server name";
    case decision_reason::outside_ca:
      return "configured, but the CA does not cover it";
  }
  return "unknown";
}

boost::system::result<intercept_policy, std::vector<net::text::pattern_error>> intercept_policy::make(
    std::span<const std::string> patterns, std::vector<net::text::host_pattern> known) {
  std::vector<net::text::host_pattern> parsed;
  std::vector<net::text::pattern_error> errors;
  for (const std::string& text : patterns) {
    auto pattern = net::text::host_pattern::parse(text);
    if (pattern) {
      parsed.push_back(*std::move(pattern));
    } else {
      errors.push_back(pattern.error());
    }
  }
  if (!errors.empty()) return errors;
  return intercept_policy{std::move(parsed), std::move(known)};
}

intercept_policy intercept_policy::limited_to(std::vector<std::string> subtrees) const {
  intercept_policy limited{patterns_, known_};
  limited.subtrees_ = std::move(subtrees);
  return limited;
}

decision intercept_policy::decide(std::string_view server_name) const noexcept {
  if (server_name.empty()) return {action::splice, decision_reason::no_server_name};
  if (!watches(server_name)) return {action::splice, decision_reason::not_configured};
  if (!permitted(server_name)) return {action::splice, decision_reason::outside_ca};
  return {action::intercept, decision_reason::configured};
}

decision intercept_policy::decide(std::span<const std::string> certificate_names) const noexcept {
  decision best;
  for (const std::string& name : certificate_names) {
    const decision one = name.empty() ? decision{} : decide(std::string_view{name});
    if (one.what == action::intercept) return one;
    if (one.why == decision_reason::outside_ca) best = one;
  }
  return best;
}

bool intercept_policy::watches(std::string_view name) const noexcept {
  return matches_any(patterns_, name);
}

bool intercept_policy::knows(std::string_view name) const noexcept {
  return matches_any(known_, name);
}

bool intercept_policy::permitted(std::string_view name) const noexcept {
  if (!subtrees_) return true;
  name = net::text::without_root_dot(name);
  const auto covers = [name](const std::string& subtree) { return net::text::is_in_subtree(name, subtree); };
  return std::any_of(subtrees_->begin(), subtrees_->end(), covers);
}

std::vector<std::string> intercept_policy::constraints() const {
  std::vector<std::string> all;
  for (const net::text::host_pattern& pattern : patterns_) all.emplace_back(pattern.constraint());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::string> narrowest;
  const auto below_another = [&all](const std::string& name) {
    return std::any_of(all.begin(), all.end(),
                       [&name](const std::string& other) { return net::text::is_below(name, other); });
  };
  std::remove_copy_if(all.begin(), all.end(), std::back_inserter(narrowest), below_another);
  return narrowest;
}

}  // namespace mitm
