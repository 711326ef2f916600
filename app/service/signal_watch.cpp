#include "app/service/signal_watch.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "net/thread_name.hpp"

namespace app {
namespace {

using steady = std::chrono::steady_clock;

bool asks_to_end(int number) {
  return number == SIGINT || number == SIGTERM;
}

}  // namespace

sigset_t service_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  return set;
}

class signal_watch::watcher {
 public:
  watcher() {
    const auto set = service_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }

  bool asked_to_end() const { return asked_; }

  void deliver_to(std::function<void(int)> receiver) {
    const std::lock_guard lock(mutex_);
    receiver_ = std::move(receiver);
    for (const int number : std::exchange(kept_, {})) receiver_(number);
  }

  void stop_delivery(exit_code code) {
    {
      const std::lock_guard lock(mutex_);
      code_ = code;
      receiver_ = nullptr;
      if (asked_) end_at_ = steady::now() + patience;
    }
    wake();
  }

  /// Never returns.
  [[noreturn]] void run() {
    net::name_thread("zg-signals");
    pollfd ready[] = {{signals_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    for (;;) {
      ::poll(ready, 2, wait_ms());
      std::uint64_t woken = 0;
      [[maybe_unused]] const auto read = ::read(wake_.get(), &woken, sizeof woken);
      signalfd_siginfo signal{};
      while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) take(static_cast<int>(signal.ssi_signo));
      end_if_stuck();
    }
  }

 private:
  /// Called under the mutex, when nothing has begun yet or nothing is left to write.
  [[noreturn]] void end_now() const { ::_exit(static_cast<int>(code_)); }

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto told = ::write(wake_.get(), &one, sizeof one);
  }

  void take(int number) {
    const std::lock_guard lock(mutex_);
    const bool again = asks_to_end(number) && asked_.exchange(true);
    if (receiver_) return receiver_(number);
    if (again) end_now();
    if (asks_to_end(number)) end_at_ = steady::now() + patience;
    kept_.push_back(number);
  }

  int wait_ms() {
    const std::lock_guard lock(mutex_);
    if (!end_at_ || receiver_) return -1;
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(*end_at_ - steady::now()).count();
    return rest > 0 ? static_cast<int>(rest) + 1 : 0;
  }

  void end_if_stuck() {
    const std::lock_guard lock(mutex_);
    if (end_at_ && !receiver_ && steady::now() >= *end_at_) end_now();
  }

  net::descriptor signals_;
  net::descriptor wake_;
  std::atomic<bool> asked_{false};

  std::mutex mutex_;  // guards all below; held while the receiver runs
  std::function<void(int)> receiver_;
  std::vector<int> kept_;
  std::optional<steady::time_point> end_at_;
  exit_code code_ = exit_code::ok;
};

signal_watch::signal_watch() : watcher_(std::make_shared<watcher>()) {
  std::thread([self = watcher_] { self->run(); }).detach();
}

bool signal_watch::asked_to_end() const {
  return watcher_->asked_to_end();
}

void signal_watch::deliver_to(std::function<void(int)> receiver) {
  watcher_->deliver_to(std::move(receiver));
}

void signal_watch::stop_delivery(exit_code code) {
  watcher_->stop_delivery(code);
}

}  // namespace app
