#include "cascade/rpc/rpc_error.hpp"

#include <grpcpp/support/status.h>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include "net/text/error_category.hpp"

namespace cascade {
namespace {

std::string message_of(rpc_errc code) {
  switch (code) {
    case rpc_errc::cancelled:
      return "CANCELLED";
    case rpc_errc::unknown:
      return "UNKNOWN";
    case rpc_errc::invalid_argument:
      return "INVALID_ARGUMENT";
    case rpc_errc::deadline_exceeded:
      return "DEADLINE_EXCEEDED";
    case rpc_errc::not_found:
      return "NOT_FOUND";
    case rpc_errc::already_exists:
      return "ALREADY_EXISTS";
    case rpc_errc::permission_denied:
      return "PERMISSION_DENIED";
    case rpc_errc::resource_exhausted:
      return "RESOURCE_EXHAUSTED";
    case rpc_errc::failed_precondition:
      return "FAILED_PRECONDITION";
    case rpc_errc::aborted:
      return "ABORTED";
    case rpc_errc::out_of_range:
      return "OUT_OF_RANGE";
    case rpc_errc::unimplemented:
      return "UNIMPLEMENTED";
    case rpc_errc::internal:
      return "INTERNAL";
    case rpc_errc::unavailable:
      return "UNAVAILABLE";
    case rpc_errc::data_loss:
      return "DATA_LOSS";
    case rpc_errc::unauthenticated:
      return "UNAUTHENTICATED";
  }
  return "gRPC status " + std::to_string(static_cast<int>(code));
}

boost::system::error_code cause(grpc::StatusCode code, own_ending own) {
  namespace error = boost::asio::error;
  if (own.cancelled && code == grpc::StatusCode::CANCELLED) return error::operation_aborted;
  // A server that reaches the limit first says CANCELLED.
  const bool late = code == grpc::StatusCode::DEADLINE_EXCEEDED || code == grpc::StatusCode::CANCELLED;
  if (own.out_of_time && late) return error::timed_out;
  return {static_cast<int>(code), rpc_category()};
}

}  // namespace

const boost::system::error_category& rpc_category() noexcept {
  static const net::text::error_category<rpc_errc> instance("grpc", message_of);
  return instance;
}

bool says_unknown(const rpc_failure& failure) {
  return failure.code == rpc_errc::not_found ||
         (failure.code == rpc_errc::unknown && failure.message.find("not found") != std::string::npos);
}

std::string to_string(const rpc_failure& failure) {
  const std::string code = failure.code.message();
  return failure.message.empty() ? code : code + ": " + failure.message;
}

void throw_exception_from_error(const rpc_failure& failure, const boost::source_location& where) {
  boost::throw_exception(boost::system::system_error(failure.code, failure.message), where);
}

rpc_failure to_failure(const grpc::Status& status, own_ending own) {
  return {cause(status.error_code(), own), status.error_message()};
}

}  // namespace cascade
