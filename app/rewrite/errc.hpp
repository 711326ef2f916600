#pragma once

// Why a rule that matches could not be followed: the request is not what the rule expects. What is wrong with a coded
// body says usage/errc.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace app::rewrite {

enum class errc {
  not_json = 1,   // the body is empty, no JSON, or nested too deeply
  missing,        // something on the way, or what is to be extended, is not there
  ambiguous,      // a member on the way is given twice, or in both of its spellings
  wrong_type,     // a value on the way, or the one that is meant, has another type
  unknown_shape,  // not a call of which it is known where it keeps such things
  no_room,        // the thinking budget would not fit below the cap
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
