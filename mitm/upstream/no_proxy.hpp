#pragma once

// Destinations that do not use the upstream proxy: the NO_PROXY list, with curl's semantics. Pure. upstream_proxy holds
// one.

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace mitm {

class no_proxy {
 public:
  static constexpr std::size_t max_entries = 1024;  // more are ignored

  no_proxy() = default;
  /// Entries are separated by commas or spaces: a name, which includes all names below it ("example.com",
  /// ".example.com", "*.example.com"), an address, a network ("10.0.0.0/8", "fd00::/8"), or "*" for everything.
  explicit no_proxy(std::string_view list);

  /// If unknown, `name` is empty and `address` unspecified.
  bool covers(std::string_view name, const boost::asio::ip::address& address) const;

 private:
  struct network {
    boost::asio::ip::address address;
    unsigned bits = 0;
  };

  void add(std::string_view entry);
  bool covers_name(std::string_view name) const;
  bool covers_address(const boost::asio::ip::address& address) const;

  bool everything_ = false;
  std::vector<std::string> names_;  // lower case, without dots at their ends
  std::vector<network> networks_;
};

}  // namespace mitm
