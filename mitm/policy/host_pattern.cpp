#include "mitm/policy/host_pattern.hpp"

#include <algorithm>

#include "mitm/policy/host_name.hpp"
#include "net/text/ascii.hpp"

namespace mitm {
namespace {

bool is_address(std::string_view base) {
  return is_all_digits(base.substr(base.rfind('.') + 1));
}

/// What is wrong with a pattern whose "*." was removed; empty if it is valid.
std::string_view fault(std::string_view base) {
  const bool ascii = std::all_of(base.begin(), base.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (base.empty()) return "it is empty";
  if (!ascii) return "it is not ASCII; write the name in its xn-- form";
  if (base.find('/') != base.npos) return "it is a URL or a network; only the host name is wanted";
  if (base.starts_with('[') || std::count(base.begin(), base.end(), ':') > 1) return "it is an IP address";
  if (base.find(':') != base.npos) return "it has a port; all TLS connections to a host are meant";
  if (base.find('*') != base.npos) return "`*` may only be the whole first label";
  if (base.size() > max_host_name) return "it is longer than 253 characters";
  if (!is_host_name(base)) return "it is not a host name";
  if (is_address(base)) return "it is an IP address";
  if (base.find('.') == base.npos) return "it has a single label";
  return {};
}

}  // namespace

boost::system::result<host_pattern, pattern_error> host_pattern::parse(std::string_view text) {
  const bool wildcard = text.starts_with("*.");
  const std::string base = normal_host_name(wildcard ? text.substr(2) : text);
  if (const std::string_view wrong = fault(base); !wrong.empty()) {
    return pattern_error{"`" + std::string(text) + "`: " + std::string(wrong) +
                         "; expected a host name such as api.openai.com, or *.googleapis.com for all names below it"};
  }
  return host_pattern{wildcard, base};
}

bool host_pattern::matches(std::string_view name) const noexcept {
  return wildcard_ ? is_below(name, base_) : net::text::iequals(name, base_);
}

}  // namespace mitm
