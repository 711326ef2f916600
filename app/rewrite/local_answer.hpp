#pragma once

// Answers in place of the origin: an error in the provider's format, so that its clients understand it, or the contents
// of a file.

#include <string>
#include <string_view>
#include <vector>

#include "app/rewrite/errc.hpp"
#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// The rule's block or mock; nullptr: it changes requests.
const action* answer_of(const rule& followed);

/// The rule's refuse_websocket; nullptr: it refuses none.
const action* refusal_of(const rule& followed);

/// `act` is answer_of(followed) or refusal_of(followed). The rule is named in the field x-zerogravity-rule.
mitm::local_answer make_answer(const rule& followed, const action& act, usage::provider asked);

/// The same for a message of the Responses API's WebSocket, of which `request` is the checked text: the events to
/// answer with, with its stream_id. An answer in JSON becomes the event that ends the turn. Errors: no_events (a file
/// in plain text, or an event stream without JSON).
result<std::vector<std::string>> make_events(const action& act, std::string_view request);

}  // namespace app::rewrite
