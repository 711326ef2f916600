#pragma once

// The errors of the pure part of usage: what can be wrong with the body of an exchange.

#include <string_view>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace usage {

enum class errc {
  malformed = 1,  // not what the coding promised
  truncated,      // the body ended inside a coded stream
  too_large,      // a limit named in the header was passed
  too_dense,      // it decodes to much more than its size allows (limits.decoded_ratio)
  unsupported,    // a content coding that is not known here
};

const boost::system::error_category& usage_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), usage_category()};
}

/// The configuration key of the limit that the error is about; empty if it is about none.
std::string_view limit_passed(boost::system::error_code error) noexcept;

/// Used in place of a limit for a body in an unknown coding.
inline constexpr std::string_view unknown_coding = "content-encoding";

template <class T>
using result = boost::system::result<T>;

}  // namespace usage

template <>
struct boost::system::is_error_code_enum<usage::errc> : std::true_type {};
