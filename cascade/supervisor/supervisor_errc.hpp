#pragma once

// Why there is no language server to talk to. A wait that took too long is asio::error::timed_out.

#include <boost/system/error_code.hpp>

namespace cascade {

enum class supervisor_errc {
  none_configured = 1,  // the configuration wants no language server
  stopped,              // the supervisor has been stopped
  misconfigured,        // waiting does not help; the state's reason says what is wrong
  stranger,             // somebody else holds the server's port
};

const boost::system::error_category& supervisor_category() noexcept;

inline boost::system::error_code make_error_code(supervisor_errc code) noexcept {
  return {static_cast<int>(code), supervisor_category()};
}

}  // namespace cascade

template <>
struct boost::system::is_error_code_enum<cascade::supervisor_errc> : std::true_type {};
