#pragma once

// Errors of the HTTP API in OpenAI's terms. error_answer makes responses of them.

#include <optional>
#include <string>
#include <string_view>

namespace app {

struct api_error {
  unsigned status = 500;
  std::string type;  // invalid_request_error, server_error …
  std::string code;  // unknown_url, invalid_api_key …
  std::string message;
  std::optional<std::string> param{};  // the parameter that is wrong
};

/// 400 for a parameter that cannot be understood.
api_error invalid_parameter(std::string param, std::string message);
api_error bad_request(std::string message);
api_error invalid_api_key(bool missing);
api_error misdirected_request(std::string_view host);
/// 403 for a web page of another site. `origin` is empty if the browser does not send it.
api_error foreign_page(std::string_view origin);
/// 400 for a header field that may come only once.
api_error repeated_field(std::string_view name);
api_error unknown_url(std::string_view method, std::string_view path);
/// 405. `allowed`: methods, with commas between them.
api_error method_not_allowed(std::string_view method, std::string_view path, std::string_view allowed);
api_error request_timeout();
/// 415
api_error unsupported_coding();
api_error unsupported_content_type(std::string_view content_type);
api_error body_too_large(std::size_t limit);
api_error head_too_large(std::size_t limit);
/// 503. A retry may succeed; overloaded() adds the header that says so.
api_error overload(std::string message);
/// 500. The cause goes to the log, not to the client.
api_error server_error();

}  // namespace app
