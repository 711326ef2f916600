#include "app/http/error_answer.hpp"

#include <utility>

#include <boost/json.hpp>

namespace app {

api_response to_response(const api_error& error) {
  boost::json::object inner{{"message", error.message}, {"type", error.type}, {"param", nullptr}, {"code", error.code}};
  if (error.param) inner["param"] = *error.param;
  api_response response{error.status, boost::json::serialize(boost::json::object{{"error", std::move(inner)}})};
  if (error.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

api_response method_not_allowed(std::string_view method, std::string_view path, std::span<const std::string> allowed) {
  std::string list;
  for (const auto& one : allowed) list.append(list.empty() ? "" : ", ").append(one);
  auto response = to_response(method_not_allowed(method, path, std::string_view(list)));
  response.headers.emplace_back("Allow", std::move(list));
  return response;
}

api_response overloaded(std::string message) {
  auto response = to_response(overload(std::move(message)));
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

api_response no_room_for_connections() {
  return overloaded("All connections are in use (limits.api_connections, limits.api_peer_connections).");
}

}  // namespace app
