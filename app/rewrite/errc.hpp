#pragma once

// Why a matching rule could not be followed: the request is not what the rule expects. For errors of a coded body see
// usage/content/errc.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace app::rewrite {

enum class errc {
  not_json = 1,   // the body is empty, no JSON, or nested too deeply
  missing,        // a value on the path, or the value to extend, is absent
  ambiguous,      // a member on the path is given twice, or in both spellings
  wrong_type,     // a value on the path, or the value itself, has another type
  unknown_shape,  // a call whose structure is not known
  no_room,        // the thinking budget would not fit below the cap
  no_fields,      // header fields of a message: its upgrade has them, and did not tell whether the rule matches
  no_events,      // a file that is to answer a message holds none
};

const boost::system::error_category& rewrite_category() noexcept;

inline boost::system::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), rewrite_category()};
}

template <class T>
using result = boost::system::result<T>;

}  // namespace app::rewrite

template <>
struct boost::system::is_error_code_enum<app::rewrite::errc> : std::true_type {};
