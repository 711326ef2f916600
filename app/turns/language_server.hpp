#pragma once

// The language server as a part of the service: a supervisor filled from the configuration, turns for API requests, and
// its state for /readyz and /metrics.

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
  /// What the configuration asks for. Errors: a user that does not exist, a certificate file that cannot be read.
  static boost::system::result<cascade::supervisor_options, std::string> plan(const config& values);

  language_server(net::worker_pool& workers, const config& values, cascade::supervisor_options options, logger& log);

  ~language_server();
  language_server(const language_server&) = delete;
  language_server& operator=(const language_server&) = delete;

  void start();
  /// After the last request has ended: waits until its turns have been left, ends a launched server and waits for its
  /// end. Call once, if start() was called.
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
  net::blocking_pool looks_{
      1, "server"};  // at /proc and at who holds the port; the ledger's threads may be busy for longer than a heartbeat
  bool configured_;
  net::task_group leaving_;  // turns that their requests have dropped
  cascade::supervisor supervisor_;
  cascade::dispatcher dispatcher_;
  model_source models_;
};

}  // namespace app
