#pragma once

// Identifies a conversation by its transcript. Clients of chat completions send the whole transcript each time, and
// nothing else identifies the conversation. The key is a digest of everything up to the last answer. It is equal for
// every client that appends the answer it got, whether content is a string or parts, the role system or developer, with
// or without reasoning. It is SHA-256 over fields with their lengths, so that nobody can make two transcripts collide.

#include <array>
#include <cstdint>
#include <optional>

#include "app/openai/turn_request.hpp"

namespace app::openai {

using conversation_digest = std::array<std::uint8_t, 32>;

/// The digest of a request's instructions and history; nullopt without history. Both functions return nullopt for a
/// request that names a response or conversation by id, since it does not hold the whole transcript. Call
/// resolve_references() first.
std::optional<conversation_digest> digest_of(const turn_request& request);
/// What digest_of() will return for the next request if the client appends `answer` (see chat_writer::answer()).
std::optional<conversation_digest> digest_after(const turn_request& request, const message& answer);

}  // namespace app::openai
