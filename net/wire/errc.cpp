#include "net/wire/errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace net::wire {
namespace {

std::string message_of(errc code) {
  switch (code) {
    case errc::need_more:
      return "more input is needed";
    case errc::malformed:
      return "malformed input";
    case errc::too_large:
      return "a size limit was passed";
    case errc::too_dense:
      return "it decodes to too much for its size";
    case errc::not_tls:
      return "not a TLS handshake";
  }
  return "unknown wire error";
}

}  // namespace

const boost::system::error_category& wire_category() noexcept {
  static const text::error_category<errc> instance("wire", message_of);
  return instance;
}

}  // namespace net::wire
