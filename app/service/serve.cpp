#include "app/service/serve.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "app/log/logging.hpp"
#include "app/service/service.hpp"
#include "app/service/signal_watch.hpp"

namespace app {
namespace {

constexpr int ready_line_ms = 1000;  // how long the ready line may wait for a reader

exit_code print(const config_errors& errors) {
  for (const auto& line : errors.lines) std::cerr << "zerogravity: " << line << '\n';
  return exit_code::bad_config;
}

/// False if nobody reads standard output: the service does not wait for a reader.
bool print_ready(std::string_view line) {
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  if (::poll(&output, 1, ready_line_ms) <= 0 || (output.revents & POLLOUT) == 0) return false;
  return ::write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

/// Carries signals from their thread to the coroutine that acts on them.
class arrivals : public std::enable_shared_from_this<arrivals> {
 public:
  explicit arrivals(asio::any_io_executor strand) : came_(strand, asio::steady_timer::time_point::max()) {}

  /// From any thread.
  void push(int number) {
    asio::post(came_.get_executor(), [self = shared_from_this(), number] { self->take(number); });
  }

  /// On the strand.
  asio::awaitable<int> next() {
    while (waiting_.empty()) co_await came_.async_wait(asio::as_tuple(asio::use_awaitable));
    const int number = waiting_.front();
    waiting_.pop_front();
    co_return number;
  }

  /// On the strand. `receiver` gets all signals from now on, and those that wait.
  void then(std::function<void(int)> receiver) {
    receiver_ = std::move(receiver);
    for (const int number : std::exchange(waiting_, {})) receiver_(number);
  }

 private:
  void take(int number) {
    if (receiver_) return receiver_(number);
    // Reloads run one after the other. A second waiting one would have no effect.
    if (number == SIGHUP && std::ranges::find(waiting_, number) != waiting_.end()) return;
    waiting_.push_back(number);
    came_.cancel();
  }

  asio::steady_timer came_;
  std::deque<int> waiting_;
  std::function<void(int)> receiver_;
};

asio::awaitable<void> reload(service& running, const config_request& request, logger& log) {
  const auto loaded = co_await net::offload(running.blocking(), [&request] { return load_config(request); });
  if (!loaded) {
    for (const auto& line : loaded.error().lines) log.error("reload refused, nothing has changed", {{"reason", line}});
    co_return;
  }
  const auto done = co_await running.reload(loaded->values);
  if (!done) {
    log.error("reload refused, nothing has changed", {{"reason", done.error().message}});
    co_return;
  }
  log.info("reloaded: hosts, rules, CA and log level; all else takes a restart");
}

asio::awaitable<void> until_stopped(service& running, std::shared_ptr<arrivals> signals, config_request request,
                                    logger& log) {
  while (co_await signals->next() == SIGHUP) co_await reload(running, request, log);
  log.info("draining: no new connections, streams may finish; a second signal ends them now");
  signals->then([&running](int number) {
    if (number != SIGHUP) running.cut();
  });
  co_await running.drain();
  signals->then([](int) {});
}

exit_code run_until_stopped(service& running, signal_watch& signals, const config_request& request, logger& log) {
  const auto strand = running.workers().strand();
  const auto arrived = std::make_shared<arrivals>(strand);
  auto stopped = asio::co_spawn(strand, until_stopped(running, arrived, request, log), asio::use_future);
  const auto line = running.ready_line();
  signals.deliver_to([arrived](int number) { arrived->push(number); });
  if (!signals.asked_to_end() && !print_ready(line + '\n')) {
    log.warn("nobody reads standard output: the ready line is not there", {{"line", line}});
  }
  running.look_through_ledger();
  auto code = exit_code::ok;
  try {
    stopped.get();
    if (running.rows_lost() != 0) code = exit_code::rows_lost;
  } catch (const std::exception& error) {
    log.error("the service did not end in order", {{"error", error.what()}});
    code = exit_code::failed;
  }
  signals.stop_delivery(code);
  return code;
}

}  // namespace

exit_code serve(const config_request& request) {
  // The service must not end because the reader of its output has gone.
  std::signal(SIGPIPE, SIG_IGN);
  signal_watch signals;
  const auto loaded = load_config(request);
  if (!loaded) return print(loaded.error());
  if (signals.asked_to_end()) return exit_code::ok;
  logger log(loaded->values.log.level, loaded->values.log.format);
  auto started = service::start(loaded->values, log);
  if (!started) {
    std::cerr << "zerogravity: " << started.error().message << '\n';
    return started.error().code;
  }
  return run_until_stopped(**started, signals, request, log);
}

}  // namespace app
