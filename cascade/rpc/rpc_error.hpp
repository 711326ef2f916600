#pragma once

// How a call ended when it did not succeed: a code to branch on and the server's or the library's own words. The codes
// of category "grpc" are gRPC's status codes. Two are renamed to their cause where it is known: a call that we
// cancelled is asio's operation_aborted, one that outlived the limit we gave it is asio's timed_out.

#include <string>
#include <string_view>

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace grpc {
class Status;
}

namespace cascade {

/// The numbers of the gRPC specification ("Status codes and their use in gRPC").
enum class rpc_errc {
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

const boost::system::error_category& rpc_category() noexcept;

inline boost::system::error_code make_error_code(rpc_errc code) noexcept {
  return {static_cast<int>(code), rpc_category()};
}

struct rpc_failure {
  boost::system::error_code code;
  std::string message;  // for people: may name hosts and reasons, never holds a token
};

/// The server knows nothing by the id that the call named: NOT_FOUND, or UNKNOWN, as it says of most of its errors, and
/// then only its words tell. For calls that name one cascade.
bool says_unknown(const rpc_failure& failure);

/// "<code>: <message>", for logs and error bodies.
std::string to_string(const rpc_failure& failure);

template <class T>
using rpc_result = boost::system::result<T, rpc_failure>;

/// What result::value() of a failure throws: boost::system::system_error with the message as prefix.
[[noreturn]] void throw_exception_from_error(const rpc_failure& failure, const boost::source_location& where);

/// Why our side may have ended the call.
struct own_ending {
  bool cancelled = false;
  bool out_of_time = false;
};

/// `status` is not OK.
rpc_failure to_failure(const grpc::Status& status, own_ending own);

}  // namespace cascade

template <>
struct boost::system::is_error_code_enum<cascade::rpc_errc> : std::true_type {};
