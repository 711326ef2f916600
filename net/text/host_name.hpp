#pragma once

// DNS host names as TLS carries them (RFC 1123 §2.1, RFC 5890 A-labels): ASCII labels separated by dots, compared
// ignoring case. Pure. The policy compares them with patterns, and the CA puts them into certificates.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "net/text/ascii.hpp"

namespace net::text {

inline constexpr std::size_t max_host_name = 253;
inline constexpr std::size_t max_host_label = 63;

/// A trailing dot only marks the name as absolute.
constexpr std::string_view without_root_dot(std::string_view name) noexcept {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

/// Lower case, without the root dot. Names are stored and compared in this form.
inline std::string normal_host_name(std::string_view name) {
  return lowered(without_root_dot(name));
}

/// The standard forbids underscores, but names with them are in use.
constexpr bool is_host_label(std::string_view label) noexcept {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= max_host_label && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), fits);
}

/// True for a well-formed name without the root dot. Addresses such as 192.0.2.1 are well formed too; see
/// is_all_digits.
constexpr bool is_host_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > max_host_name) return false;
  for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
    if (!is_host_label(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return is_host_label(name);
}

constexpr bool is_all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// True if `name` ends in `parent` and has at least one more label.
constexpr bool is_below(std::string_view name, std::string_view parent) noexcept {
  if (name.size() < parent.size() + 2) return false;
  const std::size_t cut = name.size() - parent.size();
  return name[cut - 1] == '.' && iequals(name.substr(cut), parent);
}

/// Tests a dNSName constraint (RFC 5280 §4.2.1.10): it covers the name itself and every name below it.
constexpr bool is_in_subtree(std::string_view name, std::string_view subtree) noexcept {
  return iequals(name, subtree) || is_below(name, subtree);
}

}  // namespace net::text
