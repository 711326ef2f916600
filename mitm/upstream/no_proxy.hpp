#pragma once

// Which destinations an upstream proxy is not asked for: the list of NO_PROXY, read as curl reads it. Pure.
// upstream_proxy holds one.

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace mitm {

class no_proxy {
 public:
  static constexpr std::size_t max_entries = 1024;  // further ones are ignored

  no_proxy() = default;
  /// Separated by commas or spaces: a name, which stands for what is below it as well ("example.com", ".example.com",
  /// "*.example.com"), an address, a network ("10.0.0.0/8", "fd00::/8"), or "*" for everything.
  explicit no_proxy(std::string_view list);

  /// `name` may be empty, `address` unspecified: not known.
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
