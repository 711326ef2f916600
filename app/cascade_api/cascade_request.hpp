#pragma once

// The bodies of the cascade API's requests. Pure.

#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"
#include "cascade/rpc/permission.hpp"

namespace app {

struct turn_wish {
  std::string text;
  std::string model;  // id, label or alias; empty: the one the server recommends
  cascade::permission_policy permissions;
};

/// `usual` applies where the body says nothing. "permissions" is one verdict for all kinds, or an object with
/// "run_command", "file" and "other"; a verdict is "deny", "allow" or "report". The 400 names the wrong member.
boost::system::result<turn_wish, api_error> parse_turn_wish(std::string_view body,
                                                            const cascade::permission_policy& usual);

/// The configuration of steps that ask for permission.
struct permission_rule {
  cascade::permission_policy granted;
  bool client_decides = false;  // a client that sends the key may have more
};

/// 403 if `wished` allows more of any kind than the client is granted. The message says what to do.
std::optional<api_error> refuse_permissions(const cascade::permission_policy& wished, const permission_rule& rule,
                                            bool with_key);

/// 403 if a client may not allow a step of this kind.
std::optional<api_error> refuse_allowing(cascade::interaction_kind kind, const permission_rule& rule, bool with_key);

struct interaction_answer {
  std::uint32_t step = 0;
  std::string trajectory_id;
  cascade::interaction_kind kind = cascade::interaction_kind::unknown;
  bool allow = false;
};

boost::system::result<interaction_answer, api_error> parse_interaction(std::string_view body);

}  // namespace app
