#pragma once

// SIGINT, SIGTERM and SIGHUP of `serve`, from the first instruction of the process to its last. They are blocked before
// anything else is done (main.cpp), so none can end the process half-way, and a thread of its own takes them
// from a signalfd. What comes before somebody can act on it is kept. Where asking to end does not lead to an end,
// because a start or an end is stuck in the kernel, the process is ended after all.

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>

#include "app/base/exit_code.hpp"

namespace app {

/// The three.
sigset_t service_signals();

class signal_watch {
 public:
  /// From SIGINT or SIGTERM to the end of a process in which nobody receives signals.
  static constexpr std::chrono::milliseconds patience{5000};

  /// Blocks the signals, should they not be blocked yet, before any other thread begins. The watch ends with the
  /// process: what is done when main() has returned may be stuck, too.
  signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  /// SIGINT or SIGTERM has come.
  bool asked_to_end() const;

  /// Gets the number of each signal from now on, and at once of those that have come; on the watch's thread, and on the
  /// caller's. Must not block.
  void deliver_to(std::function<void(int)> receiver);

  /// Nobody receives any longer: the end is near. From now on a further SIGINT or SIGTERM ends the process at once, and
  /// so does `patience` if it was asked to end; with `code`.
  void stop_delivery(exit_code code);

 private:
  class watcher;
  std::shared_ptr<watcher> watcher_;  // shared with its thread
};

}  // namespace app
