#pragma once

// Which API an exchange speaks, and for what, by its request line and host alone. The path decides, so that a gateway
// on an unknown host is accounted like the original. The host names the provider of all other calls.

#include <string>
#include <string_view>

#include "usage/dialect.hpp"
#include "usage/provider_table.hpp"
#include "usage/usage_record.hpp"

namespace usage {

struct call_shape {
  usage::provider provider = provider::unknown;
  call_kind kind = call_kind::other;
  std::string model = {};         // as the path names it, …/models/<model>:streamGenerateContent; empty: it does not
  std::string response = {};      // the answer that is fetched, and told once more: GET …/responses/<id>; empty: none
  std::string request_kind = {};  // as usage_record has it
  const dialect* terms = &errors_only();  // in which the answer tells its usage
  bool is_turn = false;                   // asks for the next words of a conversation, in the provider's main form
  bool may_be_else = false;               // a file, which may or may not hold answers

  bool operator==(const call_shape&) const = default;
};

/// `path` as path_of() gives it. `providers` knows paths of its own, and whose the other calls of a host are; nullptr:
/// there are none.
call_shape classify(std::string_view host, std::string_view method, std::string_view path,
                    const provider_table* providers = nullptr);

/// The path of a request-target in origin or absolute form, without the query.
std::string_view path_of(std::string_view target) noexcept;

/// `path` without escapes that change nothing about a call (RFC 3986 §6.2.2.2): servers treat /v1/%6dessages as
/// /v1/messages, and models/x%3AgenerateContent as models/x:generateContent.
std::string plain_path(std::string_view path);

}  // namespace usage
