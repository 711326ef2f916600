#pragma once

// Converts header lists of HTTP/2 (RFC 9113 §8.2–8.3) into HTTP/1.1 heads, which rules and observers read, and back.
// Pure; the HTTP/2 rewriter uses it.

#include <string>
#include <string_view>

#include "mitm/rewrite/h2_endpoint.hpp"

namespace mitm {

/// A request's fields as a head; `fields` outlives it.
class h2_request_text {
 public:
  explicit h2_request_text(const h2_fields& fields);
  h2_request_text(const h2_request_text&) = delete;
  h2_request_text& operator=(const h2_request_text&) = delete;

  net::wire::request_head head() const { return {method_, target_, 1, net::wire::header_fields(lines_), 2, protocol_}; }
  /// False for a malformed request, which both ends will refuse.
  bool is_message() const { return whole_; }

 private:
  std::string_view method_;
  std::string_view target_;
  std::string_view protocol_;
  std::string lines_;
  bool whole_ = false;
};

/// The regular fields as lines of HTTP/1.1.
std::string field_lines(const h2_fields& fields);

/// 0 if missing or malformed.
unsigned status_of(const h2_fields& fields);

held_request held_of(const h2_fields& fields, std::string body);

/// The fields of `original` with method, target and fields of `changed`, and the right Content-Length.
h2_fields changed_fields(const h2_fields& original, const held_request& changed);

h2_fields answer_fields(const local_answer& answer);

}  // namespace mitm
