#pragma once

// A request while rules change it. Actions work on the decoded body; a rule that fails in the middle leaves the draft
// as it found it.

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
  boost::system::error_code body_fault;  // set: the body is not for changing, and why
  bool body_changed = false;
  bool strip_usage = false;  // the answer has a chunk that its client did not ask for

  /// Views target.
  usage::call_shape call() const;
};

struct unfollowed {
  std::string why;  // the action and what is wrong
};

/// All actions of a rule, or none. What was changed, in order and without what changed nothing: "set /temperature",
/// "model gpt-5 -> gpt-5-mini"; never a value or text. Answers of our own are no change.
boost::system::result<std::vector<std::string>, unfollowed> apply(const rule& followed, request_draft& draft);

}  // namespace app::rewrite
