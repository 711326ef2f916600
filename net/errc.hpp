#pragma once

// I/O errors that no library has a code for. A timeout is asio::error::timed_out, a clean end asio::error::eof.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace net {

enum class errc {
  truncated = 1,          // the peer closed TCP in the middle of a TLS connection
  tls_failure,            // the TLS engine refused what the peer sent, or the peer sent a fatal alert
  certificate_untrusted,  // the origin's certificate did not verify
  certificate_rejected,   // the client refused the certificate that we showed it
  not_redirected,         // the connection was made to the interceptor itself
  came_back,              // the connection was made by the interceptor itself, and redirected to it
  proxy_refused,          // the upstream proxy answered CONNECT with anything but success
  certificate_declined,   // a TLS 1.2 client closed the connection when it had seen our certificate
};

const boost::system::error_category& net_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), net_category()};
}

template <class T>
using result = boost::system::result<T>;

}  // namespace net

template <>
struct boost::system::is_error_code_enum<net::errc> : std::true_type {};
