#pragma once

// Rules of the configuration: which requests they match, and what they do. rule_reader makes them and checks
// everything; rule_set applies them.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "app/rewrite/json_pointer.hpp"
#include "net/text/host_pattern.hpp"
#include "usage/usage_record.hpp"

namespace app::rewrite {

struct header_match {
  std::string name;                 // lower case
  std::vector<std::string> values;  // patterns, of which one must match one field of that name
};

/// All given conditions must hold. Of each list, one entry must match. Patterns are globs; a model is the one that the
/// client asked for.
struct rule_match {
  std::vector<net::text::host_pattern> hosts{};
  std::vector<std::string> paths{};  // patterns, without the query
  std::vector<std::string> methods{};
  std::vector<std::string> models{};
  std::vector<usage::call_kind> kinds{};
  std::vector<std::string> request_kinds{};  // agent, checkpoint, tab …
  std::vector<header_match> headers{};
  std::vector<std::int64_t> uids{};  // of the process that made the connection
};

struct set_json {
  json_pointer pointer;
  std::string json;
};

struct remove_json {
  json_pointer pointer;
};

struct append_json {
  json_pointer pointer;
  std::string json;
};

struct system_text {
  enum class place : std::uint8_t { prepend, append, replace };
  place where = place::append;
  std::string text;
};

struct map_model {
  std::string name;
};

struct cap_output {
  std::uint64_t tokens = 0;
};

struct set_header {
  std::string name;  // lower case
  std::string value;
};

struct remove_header {
  std::string name;  // lower case
};

/// An error in the provider's shape.
struct block {
  std::string message;
  unsigned status = 403;
};

struct mock {
  std::string file;
  std::string content_type;
  std::shared_ptr<const std::string> body;
  unsigned status = 200;
};

/// Asks for usage in streams of chat completions that did not ask for it. The client does not see it.
struct include_usage {};

/// Answers the request for a WebSocket with 426 (RFC 9110 §15.5.22), so that its client falls back to POST.
struct refuse_websocket {};

using action = std::variant<set_json, remove_json, append_json, system_text, map_model, cap_output, set_header,
                            remove_header, block, mock, include_usage, refuse_websocket>;

struct rule {
  std::string name;
  bool dry_run = false;  // only report what would be done
  bool last = false;     // if it matches, no later rule applies
  rule_match match;
  std::vector<action> actions;  // block and mock stand alone
  std::string origin;           // where it was read
};

}  // namespace app::rewrite
