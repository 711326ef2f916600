#pragma once

// The process that intercepts: starts the command and its own interceptor, stays until the last process of the
// command's tree has ended, and reports what was spent. As the tree's subreaper it learns when that is. If the front is
// killed, it ends the tree.

#include <csignal>

#include "app/base/exit_code.hpp"
#include "app/config/config.hpp"
#include "app/run/channel.hpp"
#include "app/run/run.hpp"

namespace app::run {

struct keeper_setup {
  const run_command& asked;
  config values;     // as adapted by values_for_run()
  sigset_t signals;  // the mask that the command gets
  bool within;       // this run is within another, which keeps the rows
};

/// Returns after the tree has ended and the front knows it.
void keep(const keeper_setup& setup, channel& front);

}  // namespace app::run
