#include "net/errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace net {
namespace {

std::string message_of(errc code) {
  switch (code) {
    case errc::truncated:
      return "connection closed without a TLS close_notify";
    case errc::tls_failure:
      return "TLS failure";
    case errc::certificate_untrusted:
      return "the origin's certificate is not trusted";
    case errc::certificate_rejected:
      return "the client rejected the certificate";
    case errc::not_redirected:
      return "the connection was made to the interceptor itself, not redirected to it";
    case errc::came_back:
      return "the service's own connection came back to it: the redirect catches the user that the service runs as";
    case errc::proxy_refused:
      return "the upstream proxy makes no tunnel";
    case errc::certificate_declined:
      return "the client closed the connection when it had seen the certificate";
  }
  return "unknown network error";
}

}  // namespace

const boost::system::error_category& net_category() noexcept {
  static const text::error_category<errc> instance("net", message_of);
  return instance;
}

}  // namespace net
