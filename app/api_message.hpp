#pragma once

// What a route of the HTTP API sees of a request, and what it answers. The session turns both into bytes.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace app {

struct api_request {
  std::string method;  // a HEAD request comes as GET; the session leaves the body away
  std::string path;    // as sent, without the query and one trailing slash
  std::string query;   // as sent, without '?'
  std::string content_type;
  std::string body;
  std::string request_id;  // what x-request-id says

  /// The first parameter of that name, percent-decoded; nothing if it is absent.
  std::optional<std::string> parameter(std::string_view name) const;
};

struct api_response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  // beyond those that every answer has
};

}  // namespace app
