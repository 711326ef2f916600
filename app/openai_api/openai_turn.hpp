#pragma once

// Begins the turn for a request of OpenAI's API: finds the cascade to continue and the model, and composes the prompt.
// A chat whose earlier messages match a known cascade continues it with the new input. Any other chat gets a new
// cascade and the whole transcript.

#include <cstdint>
#include <optional>
#include <string>

#include "app/http/message.hpp"
#include "app/openai/turn_request.hpp"
#include "app/openai_api/openai_context.hpp"

namespace app {

/// What a client that continues a response need not say again.
struct known_turn {
  std::string cascade_id;
  std::uint32_t steps = 0;  // of the cascade after that turn
  std::string instructions;
};

/// May add to the names in `request.ignored`. `carrier` is the HTTP request that it came in, whose size decides where
/// it is worked on. `previous` is the turn that the request continues, for a caller who knows better than the store.
asio::awaitable<boost::system::result<live_turn_ptr, turn_refusal>> begin_openai_turn(
    openai_context& context, openai::turn_request& request, api_request& carrier,
    std::optional<known_turn> previous = std::nullopt);

}  // namespace app
