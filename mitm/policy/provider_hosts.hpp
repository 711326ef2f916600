#pragma once

// Hosts where providers of language models answer. Pure. A connection to one of them that is not to be intercepted is
// counted as unread, so that a report does not pass over it.

#include <string_view>

namespace mitm {

/// True for a well-known host of a provider's API, whether or not it is watched. Ignores case.
bool is_provider_host(std::string_view name) noexcept;

}  // namespace mitm
