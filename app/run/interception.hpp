#pragma once

// The interceptor of one run: the service without its API, fed by the listeners of a private network or by a proxy of
// its own. Lives in the keeper.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/run/connect_proxy.hpp"
#include "app/run/kept_lines.hpp"
#include "app/run/name_service.hpp"
#include "app/run/passed_hosts.hpp"
#include "app/run/tally.hpp"
#include "app/service/service.hpp"
#include "net/descriptor.hpp"

namespace app::run {

class interception {
 public:
  /// Gets all tokens of the run so far after each exchange, on the strand of its connection.
  using spending = std::function<void(std::int64_t tokens)>;

  /// `sockets`: as in service::hooks. `on_bundle` is called once the bundle exists, so that clients can trust us;
  /// connections that arrive before start() returns wait in the backlog.
  struct hooks {
    spending on_spent = {};
    /// As in service::hooks.
    std::function<void(const usage::unread_note&)> on_unread = {};
    /// Gets a model call whose answer reported no usage and so counts as 0. On the strand of its connection.
    std::function<void(const usage::usage_record&)> on_uncounted = {};
    std::function<void()> on_bundle = {};
    net::descriptor sockets = {};
    bool keep_rows = true;  // false: a run around this one keeps them
  };
  static startup_result<std::unique_ptr<interception>> start(const config& values, hooks callbacks);

  void serve(std::vector<net::descriptor> listeners, std::vector<net::descriptor> resolvers);

  /// Starts a proxy. Returns its URL, which contains a secret.
  net::result<std::string> serve_proxy();

  /// Ends open connections within limits.drain and writes the remaining rows. Call once.
  void finish();

  /// The document of /v1/usage for this run.
  boost::json::object usage() const;
  std::vector<std::string> warnings() const { return lines_->all(); }
  /// Hosts whose traffic was not read.
  std::vector<passed_host> passed() const { return passed_.all(); }

 private:
  explicit interception(const config& values);

  run_limits bounds_;
  std::shared_ptr<kept_lines> lines_;
  logger log_;
  tally spent_;
  passed_hosts passed_;
  std::unique_ptr<service> running_;
  std::unique_ptr<name_service> names_;
  std::unique_ptr<connect_proxy> proxy_;
};

}  // namespace app::run
