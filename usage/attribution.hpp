#pragma once

// Which conversation an exchange belongs to, by its own content; never by time and never by guess. The evidence in
// order of strength; the first that is present wins:
//
//   request_id      Google's requestId, agent/<conversation>/<unix ms>/<trajectory>/<n>
//   header:…        thread-id, x-codex-turn-metadata, session-id (Codex: a thread is one agent of a session),
//                   x-claude-code-session-id, x-session-id (opencode)
//   body:…          conversation, prompt_cache_key, metadata.session_id, metadata.sessionId (qwen-code),
//                   request.session_id and the session inside user_prompt_id (Gemini CLI with Google's login), the
//                   session inside metadata.user_id (Claude Code), previous_response_id (only a link of a chain, hence
//                   last)
//
// Where a request has none of these, the app's attribution_service looks for its transcript and its process.

#include <string>
#include <string_view>

#include "net/wire/message_head.hpp"
#include "usage/request_reader.hpp"
#include "usage/usage_record.hpp"

namespace usage {

struct evidence {
  std::string_view rule;  // of static storage; empty: none
  std::string conversation;
};

/// The strongest header, or none.
evidence find_evidence(const net::wire::header_fields& fields);

/// Sets conversation, attributed_by, trajectory_id, execution_id, step and request_kind.
void attribute(usage_record& record, const request_members* body, const evidence& header);

}  // namespace usage
