#pragma once

// From a request of OpenAI's API to a turn under way: which cascade it goes on with, which model it means, and what the
// language server is told. A chat whose earlier messages match a living cascade continues it with what is new; any
// other gets a cascade of its own and the whole transcript.

#include <string>

#include "app/http/message.hpp"
#include "app/openai/turn_request.hpp"
#include "app/openai_api/openai_context.hpp"

namespace app {

/// May add to the names in `request.ignored`. `carrier` is the HTTP request that it came in, whose size decides where
/// it is worked on.
asio::awaitable<boost::system::result<live_turn_ptr, turn_refusal>> begin_openai_turn(openai_context& context,
                                                                                      openai::turn_request& request,
                                                                                      api_request& carrier);

}  // namespace app
