#pragma once

// The process that intercepts. It starts the command and its own interceptor, lives until the last process of the
// command's tree has ended, and then reports what was spent. It learns of that end because it is the tree's subreaper.
// If the front is killed, it ends the tree.

#include <csignal>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"
#include "app/run/channel.hpp"
#include "app/run/run.hpp"

namespace app::run {

struct keeper_setup {
  const run_command& asked;
  config values;     // as adapted by values_for_run()
  sigset_t signals;  // the command's signal mask
  bool within;       // this run is inside another one, which stores the rows
};

/// Returns after the tree has ended and the front was told.
void keep(const keeper_setup& setup, channel& front);

}  // namespace app::run
