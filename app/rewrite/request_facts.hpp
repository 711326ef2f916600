#pragma once

// What rules can check of a request as its client sent it, and which condition fails.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"
#include "net/wire/message_head.hpp"
#include "usage/call_shape.hpp"

namespace app::rewrite {

/// Views what it was made from.
struct head_facts {
  std::string_view host;
  std::string_view method;  // of an upgrade: of the calls that it opens
  std::string_view path;    // without the query
  std::vector<net::wire::header_field> fields;
  std::optional<std::int64_t> uid;  // of the client; nullopt: not known
  usage::call_shape call;
  /// An upgrade, and a message, only of a WebSocket whose messages are calls.
  mitm::request_form form = mitm::request_form::plain;
};

struct body_facts {
  bool readable = true;                    // false: in an unknown coding, or not JSON
  std::string model;                       // that is asked for, in the path or the body; empty: none
  std::string request_kind;                // empty: not said
  std::optional<usage::call_kind> kind{};  // nullopt: the head tells
};

/// On a WebSocket opened at `path`, messages of the client are calls: the Responses API.
bool carries_calls(std::string_view host, std::string_view path);

/// The type of a message that is a call, by that API. `text` may be anything.
bool is_call(std::string_view text);

/// `fields` are left to the caller.
head_facts facts_of(std::string_view host, std::string_view method, std::string_view path, mitm::request_form form,
                    std::optional<std::int64_t> uid);

/// `host` is in lower case.
head_facts facts_of(std::string_view host, const net::wire::request_head& head, std::optional<std::int64_t> uid);

/// `json` is a checked body, or empty.
body_facts facts_of(const head_facts& head, std::string_view json);

/// The first condition that the head fails, such as "path"; empty: the rule may match.
std::string_view mismatch(const rule_match& match, const head_facts& head);

/// The body is needed to decide.
bool asks_body(const rule_match& match, const usage::call_shape& call);

/// The first condition that the body fails; empty: none.
std::string_view mismatch(const rule_match& match, const body_facts& body);

}  // namespace app::rewrite
