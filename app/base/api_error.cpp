#include "app/base/api_error.hpp"

#include <utility>

namespace app {
namespace {

/// Bounded, since nobody needs more to recognise their request, and ASCII, since Boost.JSON writes strings as they are.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 200));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return out;
}

api_error invalid_request(unsigned status, std::string code, std::string message) {
  return {status, "invalid_request_error", std::move(code), std::move(message)};
}

}  // namespace

api_error invalid_parameter(std::string param, std::string message) {
  auto error = invalid_request(400, "invalid_parameter", std::move(message));
  error.param = std::move(param);
  return error;
}

api_error bad_request(std::string message) {
  return invalid_request(400, "bad_request", std::move(message));
}

api_error invalid_api_key(bool missing) {
  return invalid_request(401, "invalid_api_key",
                         missing ? "An API key is needed: send it as Authorization: Bearer <key>. `zerogravity key "
                                   "show`, run by the user of the service, prints it."
                                 : "The API key is not the one of this service. `zerogravity key show`, run by the "
                                   "user of the service, prints it.");
}

api_error misdirected_request(std::string_view host) {
  return invalid_request(421, "misdirected_request",
                         "The Host \"" + printable(host) +
                             "\" is not a name of this service: on loopback it answers only to localhost and "
                             "loopback addresses.");
}

api_error foreign_page(std::string_view origin) {
  const std::string page = origin.empty() ? "A web page of another site" : "A web page of \"" + printable(origin) + '"';
  return invalid_request(403, "foreign_origin",
                         page + " may not ask this service. If it is yours, add its origin to api.cors_origins.");
}

api_error repeated_field(std::string_view name) {
  return bad_request("The header field " + printable(name) + " may come only once.");
}

api_error unknown_url(std::string_view method, std::string_view path) {
  return invalid_request(404, "unknown_url", "Unknown request URL: " + printable(method) + ' ' + printable(path) + '.');
}

api_error method_not_allowed(std::string_view method, std::string_view path, std::string_view allowed) {
  return invalid_request(
      405, "method_not_allowed",
      printable(method) + " is not allowed for " + printable(path) + "; allowed: " + std::string(allowed) + '.');
}

api_error request_timeout() {
  return invalid_request(408, "request_timeout", "The request did not arrive in time.");
}

api_error unsupported_coding() {
  return invalid_request(415, "unsupported_content_encoding",
                         "The Content-Encoding is not known; gzip, deflate, br and zstd are.");
}

api_error unsupported_content_type(std::string_view content_type) {
  const std::string sent = content_type.empty() ? "none was sent" : "\"" + printable(content_type) + "\" was sent";
  return invalid_request(415, "unsupported_content_type",
                         "The body must be JSON and say so: Content-Type: application/json is needed, " + sent + '.');
}

api_error body_too_large(std::size_t limit) {
  return invalid_request(413, "request_too_large", "The body is larger than " + std::to_string(limit) + " bytes.");
}

api_error head_too_large(std::size_t limit) {
  return invalid_request(431, "header_too_large", "The head is larger than " + std::to_string(limit) + " bytes.");
}

api_error overload(std::string message) {
  return {503, "server_error", "overloaded", std::move(message)};
}

api_error server_error() {
  return {500, "server_error", "internal_error", "The service failed; its log says why, by the request id."};
}

}  // namespace app
