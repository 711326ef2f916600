#pragma once

// Names a conversation by what was said in it. Clients of chat completions send the whole transcript each time, and
// nothing else says which conversation it is: so the key is a digest of everything up to the last answer, equal for
// every client that appends what it was answered, with content as a string or as parts, a system or a developer role,
// with or without the reasoning. SHA-256 over fields with their lengths, so that nobody can make two transcripts meet.

#include <array>
#include <cstdint>
#include <optional>

#include "app/openai/turn_request.hpp"

namespace app::openai {

using conversation_digest = std::array<std::uint8_t, 32>;

/// Of the instructions and the history of a request; nothing if there is no history. Both say nothing of a request that
/// goes on from a response or conversation by its id: what it holds is not the whole transcript. References must have
/// been filled in (resolve_references()).
std::optional<conversation_digest> digest_of(const turn_request& request);
/// What digest_of() will say of the next request, if the client appends `answer` (see chat_writer::answer()).
std::optional<conversation_digest> digest_after(const turn_request& request, const message& answer);

}  // namespace app::openai
