#pragma once

// SIGINT, SIGTERM and SIGHUP of `serve`, from the first instruction of the process to its last. They are blocked before
// anything else is done (main.cpp), so that none can end the process half-way, and a thread of its own reads them from
// a signalfd. A signal that arrives before there is a receiver is kept. If the process should end but does not, because
// its start or end is stuck in the kernel, the watch ends it.

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
  /// After SIGINT or SIGTERM without a receiver, the process ends after this long.
  static constexpr std::chrono::milliseconds patience{5000};

  /// Blocks the signals if they are not blocked yet; call it before any other thread begins. The watch lasts as long as
  /// the process, since what runs after main() may be stuck, too.
  signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  /// True once SIGINT or SIGTERM has arrived.
  bool asked_to_end() const;

  /// `receiver` gets the number of each signal: those that have arrived at once, on this thread; later ones on the
  /// watch's thread. It must not block.
  void deliver_to(std::function<void(int)> receiver);

  /// Removes the receiver when the end is near. From now on a further SIGINT or SIGTERM ends the process at once with
  /// `code`, and so does the end of `patience` if the process was asked to end.
  void stop_delivery(exit_code code);

 private:
  class watcher;
  std::shared_ptr<watcher> watcher_;  // shared with its thread
};

}  // namespace app
