#pragma once

// The interceptor of one run: the service without its API. Its connections come from the listeners of a private network
// or from a proxy. It lives in the keeper.

#include <filesystem>
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
  /// Called after each exchange with all tokens of the run so far, on the strand of the exchange's connection.
  using spending = std::function<void(std::int64_t tokens)>;

  /// `sockets`: as in service::hooks. `on_bundle` is called once the bundle exists: clients can trust the CA from then
  /// on. Connections that arrive before start() returns wait in the backlog.
  struct hooks {
    spending on_spent = {};
    /// As in service::hooks.
    std::function<void(const usage::unread_note&)> on_unread = {};
    /// Called for a model call whose response reported no usage, and which therefore counts as 0. On the strand of its
    /// connection.
    std::function<void(const usage::usage_record&)> on_uncounted = {};
    std::function<void()> on_bundle = {};
    /// Where the certificate of the run's CA goes. The CA is made for this run, and its key is never stored.
    std::filesystem::path own_certificate = {};
    net::descriptor sockets = {};
    bool keep_rows = true;  // false: the outer run stores them
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
