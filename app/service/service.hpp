#pragma once

// The service. It owns all parts in the order of their dependencies, starts them in this order, and ends them in
// reverse.

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "app/accounting/account_key.hpp"
#include "app/accounting/attribution_service.hpp"
#include "app/accounting/ledger_log.hpp"
#include "app/accounting/process_finder.hpp"
#include "app/accounting/rewrite_service.hpp"
#include "app/accounting/usage_recorder.hpp"
#include "app/cascade_api/cascade_routes.hpp"
#include "app/config/config_load.hpp"
#include "app/http/server.hpp"
#include "app/ledger_api/ledger_reports.hpp"
#include "app/ledger_api/usage_api.hpp"
#include "app/log/logging.hpp"
#include "app/metrics/metrics.hpp"
#include "app/openai_api/openai_routes.hpp"
#include "app/scope/cgroup_redirect.hpp"
#include "app/service/authority.hpp"
#include "app/service/descriptor_room.hpp"
#include "app/service/memory_return.hpp"
#include "app/service/service_state.hpp"
#include "app/service/startup_failure.hpp"
#include "app/turns/language_server.hpp"
#include "mitm/bypass_list.hpp"
#include "mitm/ca/certificate_cache.hpp"
#include "mitm/interceptor.hpp"
#include "net/background_pool.hpp"
#include "net/executor.hpp"
#include "net/memory_budget.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

class service {
 public:
  struct hooks {
    /// Called for every row before the ledger gets it, on the strand of its connection. Must not block.
    std::function<void(const usage::usage_record&)> on_row;
    /// Called when traffic of a host and path is not read for a reason, for the first time. Must not block.
    std::function<void(const usage::unread_note&)> on_unread;
    /// Called once the CA, the bundle and the ledger exist. start() continues afterwards.
    std::function<void()> on_state_ready;
    /// A NETLINK_SOCK_DIAG socket in the clients' network namespace; invalid: they are in ours.
    net::descriptor sockets;
    /// Called for every session that has ended, on the strand of its connection. Must not block.
    std::function<void(const mitm::session_report&)> on_session;
    /// Where the certificate of a CA goes that is made for this start alone. Empty: the CA is that of the state
    /// directory.
    std::filesystem::path own_certificate;
    /// What redirects do with our connections to origins.
    mitm::redirects on_the_way;
    /// True: rows and what was not read do not go into the ledger, because an outer run stores them.
    bool only_seen;
  };

  /// Opens the state directory, the CA and the ledger, and begins to listen. API requests that arrive meanwhile are
  /// answered once everything has started.
  static startup_result<std::unique_ptr<service>> start(const config& values, logger& log, hooks callbacks = {});
  ~service();
  service(const service&) = delete;
  service& operator=(const service&) = delete;

  /// One line with addresses and files, for the terminal and for scripts.
  std::string ready_line() const;

  net::worker_pool& workers() { return workers_; }

  /// For calls that block.
  net::blocking_pool& blocking() { return blocking_; }

  /// For connections that do not arrive at mitm.listen.
  mitm::interceptor& interceptor() { return interceptor_; }

  /// Finds out who made a connection. known_as() adds addresses that clients connect to.
  process_finder& processes() { return processes_; }

  /// What the interceptor has seen so far.
  interception_report interception() const;

  /// What was not read since the start.
  std::vector<usage::unread_note> unread() const { return counters_.unread(); }

  /// Applies the hosts, the rules, the CA of the state directory and the log level. Open connections continue with the
  /// old ones. On failure nothing changes, and the reason is returned.
  asio::awaitable<startup_result<void>> reload(const config& values);

  /// Accepts no new connections, lets streams finish within limits.drain, and writes all rows. Call once, before
  /// destruction.
  asio::awaitable<void> drain();

  /// Ends a running drain() at once. Callable from any thread.
  void cut() {
    interceptor_.cut();
    api_.cut();
  }

  /// Checks the ledger's pages once in the background, for a bounded time. Call after the start.
  void look_through_ledger() { writer_.look_through_pages(ledger_look_limit); }

  /// Number of rows that were lost for good. Final after drain().
  std::uint64_t rows_lost() const { return lost_rows(writer_.state()); }

 private:
  // A larger ledger is checked only in part. `zerogravity ledger check` checks the rest.
  static constexpr std::chrono::milliseconds ledger_look_limit{2000};

  struct prepared;  // what start() has found usable

  service(const config& values, logger& log, prepared parts);
  startup_result<void> begin();
  startup_result<void> listen();
  startup_result<void> redirect();
  net::result<endpoint> destination_of(net::tcp::socket& accepted) const;
  std::vector<api_route> routes();
  usage_recorder::process_source process_source();

  config values_;
  const descriptor_room room_;
  logger& log_;
  metrics counters_;
  usage::ledger_options ledger_options_;
  net::worker_pool workers_;
  net::blocking_pool blocking_;
  memory_return returned_;
  net::memory_budget held_;     // of bodies that are held for rules or read by the API
  net::background_pool apart_;  // parses large API requests
  ledger_log ledger_log_;
  usage::ledger_writer writer_;
  ledger_reports reports_;
  attribution_service attribution_;
  process_finder processes_;
  std::unique_ptr<scope::cgroup_redirect> redirect_;           // null: the service redirects nothing itself
  std::atomic<scope::connect_redirect*> rewriting_ = nullptr;  // of redirect_; connections may come before it
  account_key accounts_;
  usage::provider_table providers_;
  usage_recorder recorder_;
  rewrite_service rewrites_;
  mitm::bypass_list bypassed_;
  mitm::certificate_cache leaves_;
  mitm::interceptor interceptor_;
  language_server language_server_;
  turn_starter turns_;
  cascade_context cascades_;
  openai_context openai_;
  api_server api_;
  endpoints listening_;
  bool key_made_;  // by this start

  authority_state ca_;
  service_state state_;

  std::jthread remembering_;  // last: it uses what is above
};

}  // namespace app
