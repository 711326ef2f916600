#pragma once

// The configuration of a run's own interceptor: the user's, without what only a service needs.

#include "app/config.hpp"

namespace app::run {

/// No API and no language server; warnings only; CAs that the user's environment names are kept in the bundle.
config values_for_run(config values);

}  // namespace app::run
