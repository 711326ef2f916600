#pragma once

// Answers in place of the origin: an error in the provider's format, so that its clients understand it, or the contents
// of a file.

#include "app/rewrite/rule.hpp"
#include "mitm/policy/request_rewriter.hpp"

namespace app::rewrite {

/// The rule's block or mock; nullptr: it changes requests.
const action* answer_of(const rule& followed);

/// `act` is answer_of(followed). The rule is named in the field x-zerogravity-rule.
mitm::local_answer make_answer(const rule& followed, const action& act, usage::provider asked);

}  // namespace app::rewrite
