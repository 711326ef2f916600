#pragma once

// Which provider an exchange talks to, and for what, by its request line and host alone. The path decides, so that a
// gateway on an unknown host is accounted like the original. The host names the provider of all other calls.

#include <string>
#include <string_view>

#include "usage/usage_record.hpp"

namespace usage {

struct call_shape {
  usage::provider provider = provider::unknown;
  call_kind kind = call_kind::other;
  // Both view the path, and are empty where it does not name them.
  std::string_view model;          // …/models/<model>:streamGenerateContent
  std::string_view response = {};  // the answer that is fetched or cancelled, and told once more: GET …/responses/<id>

  bool operator==(const call_shape&) const = default;
};

/// `path` as path_of() gives it.
call_shape classify(std::string_view host, std::string_view method, std::string_view path) noexcept;

/// The path of a request-target in origin or absolute form, without the query.
std::string_view path_of(std::string_view target) noexcept;

/// `path` without needless escapes (RFC 3986 §6.2.2.2): servers treat /v1/%6dessages as /v1/messages.
std::string plain_path(std::string_view path);

}  // namespace usage
