#pragma once

// Handles SIGINT, SIGTERM and SIGHUP of `serve`, from the start of main() to the end of the process. The signals are
// blocked first of all (main.cpp), so that none can end the process half-way. A thread of its own reads them from a
// signalfd. A signal that arrives before there is a receiver is kept. If the process should end but hangs in the kernel
// during its start or its end, the watch ends it.

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>

#include "app/base/exit_code.hpp"

namespace app {

/// SIGINT, SIGTERM and SIGHUP.
sigset_t service_signals();

class signal_watch {
 public:
  /// How long after SIGINT or SIGTERM the process ends if there is no receiver.
  static constexpr std::chrono::milliseconds patience{5000};

  /// Blocks the signals if they are not blocked yet. Call it before any other thread starts. The watch lasts as long as
  /// the process, because code that runs after main() may hang, too.
  signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  /// True once SIGINT or SIGTERM has arrived.
  bool asked_to_end() const;

  /// `receiver` gets the number of each signal. It gets the signals that have already arrived at once, on this thread,
  /// and later ones on the watch's thread. It must not block.
  void deliver_to(std::function<void(int)> receiver);

  /// Removes the receiver, shortly before the process ends. From now on, SIGINT or SIGTERM ends the process at once
  /// with `code`. If the process was asked to end before, it also ends after `patience`.
  void stop_delivery(exit_code code);

 private:
  class watcher;
  std::shared_ptr<watcher> watcher_;  // shared with its thread
};

}  // namespace app
