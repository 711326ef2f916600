#include "app/serve.hpp"

#include <csignal>
#include <iostream>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "app/logging.hpp"
#include "app/service.hpp"

namespace app {
namespace {

exit_code print(const config_errors& errors) {
  for (const auto& line : errors.lines) std::cerr << "zerogravity: " << line << '\n';
  return exit_code::bad_config;
}

asio::awaitable<void> reload(service& running, const config_request& request, logger& log) {
  const auto loaded = load_config(request);
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

asio::awaitable<void> until_stopped(service& running, config_request request, logger& log) {
  asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
  for (;;) {
    const int number = co_await signals.async_wait(asio::use_awaitable);
    if (number != SIGHUP) break;
    co_await reload(running, request, log);
  }
  log.info("draining: no new connections, streams may finish; a second signal ends them now");
  signals.remove(SIGHUP);
  signals.async_wait([&running](boost::system::error_code error, int) {
    if (!error) running.cut();
  });
  co_await running.drain();
}

}  // namespace

exit_code serve(const config_request& request) {
  const auto loaded = load_config(request);
  if (!loaded) return print(loaded.error());
  logger log(loaded->values.log.level, loaded->values.log.format);
  auto started = service::start(loaded->values, log);
  if (!started) {
    std::cerr << "zerogravity: " << started.error().message << '\n';
    return started.error().code;
  }
  service& running = **started;
  auto stopped = asio::co_spawn(running.workers().strand(), until_stopped(running, request, log), asio::use_future);
  std::cout << running.ready_line() << std::endl;
  running.look_through_ledger();
  stopped.get();
  return running.rows_lost() == 0 ? exit_code::ok : exit_code::rows_lost;
}

}  // namespace app
