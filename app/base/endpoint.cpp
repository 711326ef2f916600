#include "app/base/endpoint.hpp"

namespace app {

std::string to_text(const endpoint& address) {
  const auto host = address.address().to_string();
  return (address.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(address.port());
}

}  // namespace app
