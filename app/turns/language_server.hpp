#pragma once

// The language server as a part of the service: a supervisor with the configured options, turns for API requests, and
// the state for /readyz and /metrics.

#include <string>

#include "app/base/dependency.hpp"
#include "app/log/logging.hpp"
#include "app/metrics/metrics.hpp"
#include "app/turns/live_turn.hpp"
#include "app/turns/model_catalog.hpp"
#include "cascade/stream/dispatcher.hpp"
#include "cascade/supervisor/supervisor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app {

struct config;

class language_server {
 public:
  /// The options from the configuration. Errors: a user that does not exist, a certificate file that cannot be read.
  static boost::system::result<cascade::supervisor_options, std::string> plan(const config& values);

  language_server(net::worker_pool& workers, const config& values, cascade::supervisor_options options, logger& log);

  ~language_server();
  language_server(const language_server&) = delete;
  language_server& operator=(const language_server&) = delete;

  void start();
  /// Call once after the last request has ended, if start() was called. Waits until all turns have been left, then ends
  /// a launched server and waits for its end.
  asio::awaitable<void> stop();

  bool configured() const { return configured_; }
  dependency readiness() const;
  metric_readings::language_server_reading reading() const;
  cascade::supervisor_state state() const { return supervisor_.state(); }

  cascade::dispatcher& dispatcher() { return dispatcher_; }
  model_source& models() { return models_; }
  net::task_group& leaving() { return leaving_; }
  /// Writes what turns report into the log.
  cascade::turn_hooks turn_log();

 private:
  cascade::supervisor_hooks hooks();
  asio::awaitable<cascade::port_holder> look_at_holder(cascade::server_address address);

  logger& log_;
  // Reads /proc and asks who holds the port. The ledger's threads may be busy for longer than a heartbeat.
  net::blocking_pool looks_{1, "server"};
  bool configured_;
  net::task_group leaving_;  // turns that their requests have dropped
  cascade::supervisor supervisor_;
  cascade::dispatcher dispatcher_;
  model_source models_;
};

}  // namespace app
