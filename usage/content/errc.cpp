#include "usage/content/errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace usage {
namespace {

std::string message_of(errc code) {
  switch (code) {
    case errc::malformed:
      return "malformed coded body";
    case errc::truncated:
      return "the coded body ended early";
    case errc::too_large:
      return "the decoded body passed its limit";
    case errc::too_dense:
      return "the body decodes to too much for its size";
    case errc::unsupported:
      return "unsupported content coding";
  }
  return "unknown usage error";
}

}  // namespace

const boost::system::error_category& usage_category() noexcept {
  static const net::text::error_category<errc> instance("usage", message_of);
  return instance;
}

std::string_view limit_passed(boost::system::error_code error) noexcept {
  if (error == errc::too_large) return "limits.decoded_body";
  if (error == errc::too_dense) return "limits.decoded_ratio";
  return {};
}

}  // namespace usage
