#include "mitm/upstream/no_proxy.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "net/text/ascii.hpp"

namespace mitm {
namespace {

namespace ip = boost::asio::ip;

std::string folded(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  return net::text::lowered(name);
}

std::string_view without_brackets(std::string_view text) {
  return text.starts_with('[') && text.ends_with(']') ? text.substr(1, text.size() - 2) : text;
}

std::optional<ip::address> address_in(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address(without_brackets(text), error);
  if (error) return std::nullopt;
  return address;
}

/// Converts an IPv4-mapped IPv6 address to IPv4.
ip::address plain(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

template <class Bytes>
bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
  const auto whole = std::min<std::size_t>(bits / 8, a.size());
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  if (whole == a.size() || bits % 8 == 0) return true;
  const auto shift = 8 - bits % 8;
  return a[whole] >> shift == b[whole] >> shift;
}

}  // namespace

no_proxy::no_proxy(std::string_view list) {
  constexpr std::string_view separators = ", \t";
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (end != 0 && names_.size() + networks_.size() < max_entries) add(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

void no_proxy::add(std::string_view entry) {
  if (entry == "*") {
    everything_ = true;
    return;
  }
  const auto slash = entry.find('/');
  if (const auto address = address_in(entry.substr(0, slash))) {
    const unsigned whole = address->is_v4() ? 32 : 128;
    unsigned bits = whole;
    if (slash != std::string_view::npos) {
      const auto digits = entry.substr(slash + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      if (error != std::errc{} || end != digits.data() + digits.size() || bits > whole) return;
    }
    networks_.push_back({*address, bits});
    return;
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (auto name = folded(entry); !name.empty()) names_.push_back(std::move(name));
}

bool no_proxy::covers(std::string_view name, const ip::address& address) const {
  if (everything_) return true;
  if (const auto literal = address_in(name)) return covers_address(*literal);
  return covers_name(name) || (!address.is_unspecified() && covers_address(address));
}

bool no_proxy::covers_name(std::string_view name) const {
  const auto host = folded(name);
  return std::ranges::any_of(names_, [&](const std::string& each) {
    if (!host.ends_with(each)) return false;
    return host.size() == each.size() || host[host.size() - each.size() - 1] == '.';
  });
}

bool no_proxy::covers_address(const ip::address& address) const {
  const auto wanted = plain(address);
  return std::ranges::any_of(networks_, [&](const network& each) {
    const auto base = plain(each.address);
    if (base.is_v4() != wanted.is_v4()) return false;
    return wanted.is_v4() ? same_prefix(base.to_v4().to_bytes(), wanted.to_v4().to_bytes(), each.bits)
                          : same_prefix(base.to_v6().to_bytes(), wanted.to_v6().to_bytes(), each.bits);
  });
}

}  // namespace mitm
