#pragma once

// The process that intercepts: starts the command and its own interceptor, keeps the command's tree until its last
// process has ended, and says what was spent. It has the tree's orphans (PR_SET_CHILD_SUBREAPER), so it knows when that
// is; if the front is killed it ends the tree.

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
  bool within;       // another run, which has the rows
};

/// Returns when there is nothing left to do; the front has been told before.
void keep(const keeper_setup& setup, channel& front);

}  // namespace app::run
