#pragma once

// `zerogravity serve`: the service in the foreground until a signal ends it.

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

/// SIGTERM and SIGINT drain, and a second one ends the service at once. Both return exit_code::ok, also during the
/// start. SIGHUP reloads from the places that `request` names. The ready line goes to stdout and the log to stderr.
/// Neither needs a reader.
exit_code serve(const config_request& request);

}  // namespace app
