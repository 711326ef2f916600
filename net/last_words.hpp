#pragma once

// The program's last line when an uncaught exception ends it: the thread, the exception, and the request that the
// thread took up last. A loop switches between connections, so that request is a first hint and not always the culprit.
// Exceptions of sessions and API handlers do not get here; they end their own connection.

#include <string_view>

namespace net {

/// Makes std::terminate() write a line to standard error, wait at most a moment for a reader, and abort.
void leave_last_words() noexcept;

/// Notes that the calling thread has taken up `what`. Costs a copy of about 100 bytes.
void working_on(std::string_view what) noexcept;

}  // namespace net
