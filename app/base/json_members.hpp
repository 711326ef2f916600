#pragma once

// Reads members of a JSON object that somebody else wrote: one that is missing, or of another type, is empty, 0, false
// or an object without members. Nothing throws. Pure.

#include <cstdint>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace app {

std::string_view text_member(const boost::json::object& object, std::string_view name);

/// A number that 64 bits do not hold is the nearest that they do.
std::int64_t number_member(const boost::json::object& object, std::string_view name);

bool truth_member(const boost::json::object& object, std::string_view name);

const boost::json::object& object_member(const boost::json::object& object, std::string_view name);
const boost::json::array& array_member(const boost::json::object& object, std::string_view name);

/// The sum, or the largest number there is.
std::int64_t saturating_sum(std::int64_t a, std::int64_t b);

}  // namespace app
