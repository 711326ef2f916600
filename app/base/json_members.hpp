#pragma once

// Reads members of an untrusted JSON object. A member that is missing or of another type reads as empty, 0 or false.
// Nothing throws. Pure.

#include <cstdint>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace app {

std::string_view text_member(const boost::json::object& object, std::string_view name);

/// A number outside the range of 64 bits becomes the nearest one inside.
std::int64_t number_member(const boost::json::object& object, std::string_view name);

bool truth_member(const boost::json::object& object, std::string_view name);

const boost::json::object& object_member(const boost::json::object& object, std::string_view name);
const boost::json::array& array_member(const boost::json::object& object, std::string_view name);

/// The sum, or the limit of 64 bits that it would pass.
std::int64_t saturating_sum(std::int64_t a, std::int64_t b);

}  // namespace app
