#pragma once

// Explains what the rules would do to a request from a file: check-config --explain. It uses the same code as requests
// on a connection.

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/rewrite/rewriter.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// {"host", "path", "method"?, "headers"?, "uid"?, "body"?}
struct written_request {
  requester who;
  mitm::held_request request;
};

struct written_fault {
  std::string why;
};

/// Errors: not JSON, a member that is missing, unknown or of another type.
boost::system::result<written_request, written_fault> read_written_request(std::string_view text);

/// A line per rule, then the differences or the answer. `body_limit`: see judge().
std::string explain(const rule_set& rules, const written_request& written, std::size_t body_limit);

}  // namespace app::rewrite
