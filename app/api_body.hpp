#pragma once

// The body of an API request with its content codings undone (RFC 9110 §8.4): some agents compress what they send.

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/api_message.hpp"

namespace app {

/// `codings` is the value of Content-Encoding. Refused: codings that are not known (415), bodies that are not what they
/// say (400), and more than `limit` bytes (413).
boost::system::result<std::string, api_response> decode_body(std::string_view codings, std::string body,
                                                             std::size_t limit);

}  // namespace app
