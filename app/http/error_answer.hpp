#pragma once

// Errors of the HTTP API as answers, in OpenAI's shape, which its SDKs turn into typed exceptions:
// {"error":{"message":…,"type":…,"param":null,"code":…}}. Every error answer of the API is made here.

#include <span>
#include <string>
#include <string_view>

#include "app/base/api_error.hpp"
#include "app/http/message.hpp"

namespace app {

api_response to_response(const api_error& error);

/// 405. Carries an Allow header.
api_response method_not_allowed(std::string_view method, std::string_view path, std::span<const std::string> allowed);

/// 503: it is worth trying again. Carries a Retry-After header.
api_response overloaded(std::string message);

/// 503: other connections have all places, or all of this client.
api_response no_room_for_connections();

}  // namespace app
