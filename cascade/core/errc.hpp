#pragma once

// The one error enum of the pure part of cascade: why an update stream must be subscribed anew.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace cascade {

enum class errc {
  version_gap = 1,  // an update was lost or came twice
  malformed,        // a full state that does not parse
  too_large,        // the state passed its limit
};

const boost::system::error_category& cascade_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), cascade_category()};
}

template <class T>
using result = boost::system::result<T>;

}  // namespace cascade

template <>
struct boost::system::is_error_code_enum<cascade::errc> : std::true_type {};
