#pragma once

// The language server as a part of the service: a supervisor filled from the configuration, its state for /readyz and
// /metrics, and a file in the state directory (0600) by which `zerogravity cascade` finds the server of the moment.

#include <filesystem>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "app/logging.hpp"
#include "app/readiness.hpp"
#include "cascade/supervisor.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"

namespace app {

/// Where the server of the moment is written down.
std::filesystem::path language_server_file(const std::filesystem::path& state_dir);

/// What that file says. Errors: one line for a person.
boost::system::result<cascade::server_address, std::string> read_language_server(
    const std::filesystem::path& state_dir);

class language_server {
 public:
  /// Errors: a user that does not exist, a certificate file that cannot be read.
  static boost::system::result<std::unique_ptr<language_server>, std::string> make(net::worker_pool& workers,
                                                                                   const config& values, logger& log);

  void start();
  /// Ends a launched server and waits for its end. Call once, if start() was called.
  asio::awaitable<void> stop();

  bool configured() const { return configured_; }
  dependency readiness() const;
  cascade::supervisor_state state() const { return supervisor_.state(); }

 private:
  language_server(net::worker_pool& workers, cascade::supervisor_options options, logger& log, bool configured);
  cascade::supervisor_hooks hooks();
  asio::awaitable<void> publish();

  std::filesystem::path file_;
  logger& log_;
  bool configured_;
  net::task_group tasks_;
  net::worker_pool& workers_;
  cascade::supervisor supervisor_;
};

}  // namespace app
