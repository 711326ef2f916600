#pragma once

// `zerogravity serve`: the service in the foreground until a signal ends it.

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

/// SIGTERM and SIGINT drain, a second one ends at once; both end with exit_code::ok, also while it starts. SIGHUP
/// reloads from the same places `request` names. Prints the ready line to stdout, logs to stderr; neither has to be
/// read.
exit_code serve(const config_request& request);

}  // namespace app
