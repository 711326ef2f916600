#pragma once

// What gRPC itself has to say goes to the service's log instead of into the middle of standard error.

#include <functional>
#include <string_view>

namespace cascade {

/// From now on, for the whole process (gRPC has one sink): its errors, from any thread. An empty function drops them.
void take_rpc_errors(std::function<void(std::string_view)> sink);

}  // namespace cascade
