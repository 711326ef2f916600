#include "net/text/host_pattern.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"
#include "net/text/host_name.hpp"

namespace net::text {
namespace {

bool is_address(std::string_view base) {
  return is_all_digits(base.substr(base.rfind('.') + 1));
}

/// What is wrong with the name that a pattern without its star is; empty if it is valid.
std::string_view fault(std::string_view base) {
  const bool ascii = std::all_of(base.begin(), base.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (base.empty()) return "it is empty";
  if (!ascii) return "it is not ASCII; write the name in its xn-- form";
  if (base.find('/') != base.npos) return "it is a URL or a network; only the host name is wanted";
  if (base.starts_with('[') || std::count(base.begin(), base.end(), ':') > 1) return "it is an IP address";
  if (base.find(':') != base.npos) return "it has a port; all TLS connections to a host are meant";
  if (base.find('*') != base.npos)
    return "`*` may stand once, for a whole label or for the beginning of the first one before a `-`";
  if (base.size() > max_host_name) return "it is longer than 253 characters";
  if (!is_host_name(base)) return "it is not a host name";
  if (is_address(base)) return "it is an IP address";
  if (base.find('.') == base.npos) return "it has a single label";
  return {};
}

/// The name behind the first label of `end`, which begins in that label or with the dot behind it.
std::string_view behind_label(std::string_view end) noexcept {
  return end.substr(std::min(end.find('.'), end.size() - 1) + 1);
}

/// What is wrong with a pattern that is divided at its star; empty if it is valid.
std::string_view fault(std::string_view beginning, std::string_view end) {
  const bool whole = (beginning.empty() || beginning.ends_with('.')) && end.starts_with('.');
  const bool begins = beginning.empty() && end.starts_with('-');
  if (!whole && !begins) return fault("*");
  const auto base = behind_label(end);
  if (base.empty()) return "it has a single label";
  if (const auto wrong = fault(base); !wrong.empty()) return wrong;
  // The shortest match stands for all.
  return fault(std::string(beginning).append("x").append(end));
}

bool ends_like(std::string_view name, std::string_view end) noexcept {
  return name.size() >= end.size() && iequals(name.substr(name.size() - end.size()), end);
}

}  // namespace

boost::system::result<host_pattern, pattern_error> host_pattern::parse(std::string_view text) {
  const std::string name = normal_host_name(text);
  const auto at = name.find('*');
  const auto beginning = std::string_view(name).substr(0, at == name.npos ? 0 : at);
  const auto end = std::string_view(name).substr(at == name.npos ? 0 : at + 1);
  const std::string_view wrong = at == name.npos ? fault(end) : fault(beginning, end);
  if (!wrong.empty()) {
    return pattern_error{"`" + std::string(text) + "`: " + std::string(wrong) +
                         "; expected a host name such as api.openai.com, or *.googleapis.com for all names below it"};
  }
  const bool deep = beginning.empty() && end.starts_with('.');
  return host_pattern{at == name.npos ? star::none
                      : deep          ? star::names
                                      : star::part,
                      std::string(beginning), std::string(end)};
}

bool host_pattern::matches(std::string_view name) const noexcept {
  if (star_ == star::none) return iequals(name, end_);
  if (name.size() <= beginning_.size() + end_.size() || !ends_like(name, end_)) return false;
  const auto starred = name.substr(beginning_.size(), name.size() - beginning_.size() - end_.size());
  return iequals(name.substr(0, beginning_.size()), beginning_) &&
         (star_ == star::names || starred.find('.') == starred.npos);
}

bool host_pattern::covers(const host_pattern& inner) const noexcept {
  if (inner.star_ == star::none) return matches(inner.end_);
  const bool same = star_ == inner.star_ && beginning_ == inner.beginning_ && end_ == inner.end_;
  return same || (star_ == star::names && ends_like(inner.end_, end_));
}

std::string_view host_pattern::constraint() const noexcept {
  return star_ == star::none ? std::string_view(end_) : behind_label(end_);
}

}  // namespace net::text
