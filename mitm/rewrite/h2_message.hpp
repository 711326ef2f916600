#pragma once

// Header lists of HTTP/2 (RFC 9113 §8.2–8.3) in the shape of HTTP/1.1 heads, which is what rules and observers read,
// and back. Pure; the HTTP/2 rewriter drives it.

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

  net::wire::request_head head() const { return {method_, target_, 1, net::wire::header_fields(lines_)}; }
  /// Not: a request that both ends will refuse.
  bool is_message() const { return whole_; }

 private:
  std::string_view method_;
  std::string_view target_;
  std::string lines_;
  bool whole_ = false;
};

/// All but the pseudo fields, as lines of HTTP/1.1; what could not be one is left out.
std::string field_lines(const h2_fields& fields);

/// 0: none, or none that is one.
unsigned status_of(const h2_fields& fields);

held_request held_of(const h2_fields& fields, std::string body);

/// The fields of `original` with method, target and fields as `changed` has them, Content-Length made right.
h2_fields changed_fields(const h2_fields& original, const held_request& changed);

h2_fields answer_fields(const local_answer& answer);

}  // namespace mitm
