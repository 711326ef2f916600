#pragma once

// A request while rules change it. Actions work on the decoded body. A rule that fails halfway leaves the draft
// unchanged.

#include <string>
#include <string_view>
#include <vector>

#include "app/rewrite/errc.hpp"
#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"
#include "usage/call_shape.hpp"

namespace app::rewrite {

struct request_draft {
  std::string host;  // lower case
  std::string method;
  std::string target;
  std::vector<net::wire::field> fields;
  std::string body;                      // decoded
  boost::system::error_code body_fault;  // if set, the body cannot be changed, for this reason
  mitm::request_form form = mitm::request_form::plain;
  bool body_changed = false;
  bool strip_usage = false;  // the answer will have a usage chunk that the client did not ask for

  /// The result views target.
  usage::call_shape call() const;
};

struct unfollowed {
  std::string why;  // the action and what is wrong
};

/// Applies all actions of a rule, or none. On a WebSocket the upgrade has the fields, and its messages have the bodies:
/// an action on the other is no change there. Returns the changes, in order: "set /temperature", "model gpt-5 ->
/// gpt-5-mini"; never a value or text. Local answers are not changes.
boost::system::result<std::vector<std::string>, unfollowed> apply(const rule& followed, request_draft& draft);

}  // namespace app::rewrite
