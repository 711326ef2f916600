#pragma once

// Makes error answers of the HTTP API in OpenAI's format, which its SDKs turn into typed exceptions:
// {"error":{"message":…,"type":…,"param":null,"code":…}}. Every error answer of the API is made here.

#include <span>
#include <string>
#include <string_view>

#include "app/base/api_error.hpp"
#include "app/http/message.hpp"

namespace app {

api_response to_response(const api_error& error);

/// 405. Has an Allow header.
api_response method_not_allowed(std::string_view method, std::string_view path, std::span<const std::string> allowed);

/// 503, worth retrying. Has a Retry-After header.
api_response overloaded(std::string message);

/// 503: all places are taken, or all that this client may have.
api_response no_room_for_connections();

}  // namespace app
