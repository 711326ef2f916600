#pragma once

// Which certificate a channel trusts. A language server signs its own certificate, so it is pinned. Trust on first use
// is for loopback only, where nobody but this machine can answer and the kernel knows who does. A caller keeps the
// fetched certificate only as long as that server process lives.

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "cascade/process/port_holder.hpp"
#include "cascade/rpc/rpc_error.hpp"
#include "net/by.hpp"

namespace cascade {

enum class trust_errc {
  malformed_address = 1,  // not host:port
  not_loopback,           // trust on first use was asked for another machine
  no_certificate,         // an address without pinned certificate, or a server that showed none
  malformed_certificate,  // not PEM
  unnamed_certificate,    // has neither a subject alternative name nor a common name
  stranger,               // the port is not held by who was expected
};

const boost::system::error_category& trust_category() noexcept;

inline boost::system::error_code make_error_code(trust_errc code) noexcept {
  return {static_cast<int>(code), trust_category()};
}

struct host_and_port {
  std::string host;
  std::string port;
};

/// "host:port", "[::1]:port".
rpc_result<host_and_port> split_target(std::string_view target);

/// The name that the certificate must be checked for when it is the pin of `host`: `host` if the certificate covers it,
/// else the certificate's own first name. `pem` may hold a chain; its first certificate counts.
rpc_result<std::string> expected_name(std::string_view pem, const std::string& host);

/// Whether the first certificate of `pem` covers `name` or has it for its own.
bool is_named(std::string_view pem, const std::string& name);

/// "localhost" is taken as 127.0.0.1; all others are what they are.
std::string numeric_host(const std::string& host);

/// Who holds the port now, asked where blocking does no harm.
using holder_question = std::function<boost::asio::awaitable<port_holder>()>;

/// Connects once and returns, as PEM, the certificate that the server shows. Only for a loopback address (or
/// "localhost"): anybody could answer elsewhere. Sends nothing but the TLS handshake, and that only once the holder of
/// the port is known to be the server; asks again when the handshake has shown who took the connection.
boost::asio::awaitable<rpc_result<std::string>> trust_on_first_use(std::string target, net::deadline limit,
                                                                   holder_question holder);

}  // namespace cascade

template <>
struct boost::system::is_error_code_enum<cascade::trust_errc> : std::true_type {};
