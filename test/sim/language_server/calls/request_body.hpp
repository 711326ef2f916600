#pragma once

// What the language server posts to streamGenerateContent and generateContent of v1internal.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "test/sim/language_server/models.hpp"

namespace sim::ls {

struct message {
  std::string role;  // user | model
  std::string text;
};

struct agent_request {
  std::string cascade_id;
  std::string trajectory_id;
  std::string last_execution_id;
  std::size_t next_step = 0;  // index of the step to be generated
  const model* asked = nullptr;
  std::vector<message> messages;
  std::string ids = {};  // as the switch of that name
};

/// requestId is agent/<cascade id>/<unix ms>/<trajectory id>/<n>, unless the switches ask for something else.
std::string agent_body(agent_request);

/// A call that belongs to no conversation: requestId is checkpoint/<uuid>.
std::string checkpoint_body(std::string_view prompt);

}  // namespace sim::ls
