#pragma once

// Sends gRPC's own messages to the service's log instead of stderr.

#include <functional>
#include <string_view>

namespace cascade {

/// Passes gRPC's errors to `sink` from now on, from any thread. For the whole process, since gRPC has one sink. An
/// empty function drops them.
void take_rpc_errors(std::function<void(std::string_view)> sink);

}  // namespace cascade
