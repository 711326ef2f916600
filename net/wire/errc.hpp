#pragma once

// The errors of all wire parsers. Incomplete input is always `need_more`.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace net::wire {

enum class errc {
  need_more = 1,  // the input is a valid prefix; call again with more of it
  malformed,      // the input can never become valid
  too_large,      // a limit named in the parser's header was exceeded
  too_dense,      // it decodes to much more than its size allows (decode_budget)
  not_tls,        // the first bytes are not a TLS handshake record
};

const boost::system::error_category& wire_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), wire_category()};
}

template <class T>
using result = boost::system::result<T>;

}  // namespace net::wire

template <>
struct boost::system::is_error_code_enum<net::wire::errc> : std::true_type {};
