#pragma once

// What the program says when an exception that nobody caught ends it: which thread, what was thrown, and which request
// the thread had taken up last. A loop goes from one connection to another, so that request is where to look first, not
// always the culprit. Exceptions of sessions and of API handlers do not get here: they end their own connection.

#include <string_view>

namespace net {

/// std::terminate() writes a line to standard error, waiting a moment at most for somebody to read, and aborts.
void leave_last_words() noexcept;

/// The calling thread has taken up `what`. Costs a copy of some 100 bytes.
void working_on(std::string_view what) noexcept;

}  // namespace net
