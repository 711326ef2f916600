#pragma once

// Turns what the interceptor sees into ledger rows, counters and log lines: the one place where mitm and usage meet.
// Called from the strands of all connections; everything it shares is either atomic or behind a documented mutex.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "app/accounting/exchange_limits.hpp"
#include "app/accounting/process_finder.hpp"
#include "app/log/log_memory.hpp"
#include "app/log/logging.hpp"
#include "app/metrics/metrics.hpp"
#include "mitm/relay/connection_events.hpp"
#include "usage/exchange_account.hpp"
#include "usage/fetched_answer.hpp"
#include "usage/unread_note.hpp"
#include "usage/usage_record.hpp"

namespace app {

class usage_recorder final : public mitm::connection_events {
 public:
  /// Takes a finished row; false if it had to be dropped. Must not block.
  using row_sink = std::function<bool(usage::usage_record&&)>;

  /// Begins to find out who made a connection. May return null.
  using process_source = std::function<std::shared_ptr<process_lookup>(const mitm::connection_facts&)>;

  /// Called at once when traffic passes unread; `first` of this host, path and reason. Its bytes may follow in a note
  /// of no connection. Must not block.
  using unread_handler = std::function<void(const usage::unread_note& note, bool first)>;
  /// Sees every session that has ended. Must not block.
  using session_handler = std::function<void(const mitm::session_report&)>;

  /// All outlive the recorder.
  usage_recorder(row_sink sink, metrics& counters, logger& log, usage::account_limits limits, process_source who = {},
                 unread_handler tell_unread = {}, session_handler on_session = {}, limit_watch limits_told = {});

  std::unique_ptr<mitm::connection_observer> on_intercepted(const mitm::connection_facts& facts) override;
  void on_detached(const mitm::connection_facts& facts, std::string_view reason) override;
  void on_unread(const mitm::connection_facts& facts, mitm::unread why) override;
  void on_rejected(const rejection& what) override;
  void on_session_end(const mitm::session_report& report) override;

 private:
  class connection_recorder;
  class exchange_recorder;
  class socket_recorder;

  /// What passed unread at a host. The members that are not set are not known.
  struct unread_part {
    std::string_view host;
    std::string_view path = {};
    std::int64_t connections = 1;
    std::optional<std::int64_t> bytes = {};
    std::string_view program = {};
  };
  /// True: the first of its kind.
  bool note_unread(const unread_part& what, mitm::unread why);
  /// A WebSocket is not, or no longer, read.
  void cannot_read(std::string_view host, std::string_view path, std::string_view why);
  void gave_up(const usage::usage_record& record, std::string_view limit);
  void found_odd(const usage::usage_record& record, std::string_view what);
  void warn_of_loop();
  /// Whether the counters have not seen its tokens yet. Once for each row.
  bool is_new(const usage::usage_record& record);
  void finish(usage::usage_record&& record, bool parsed, const std::shared_ptr<process_lookup>& who);

  row_sink sink_;
  metrics& counters_;
  logger& log_;
  usage::account_limits limits_;
  process_source who_;
  unread_handler tell_unread_;
  std::mutex fetchable_mutex_;  // only for answers that can be fetched
  usage::fetchable_calls fetchable_;
  log_memory handshakes_;  // failed ones that were logged
  log_memory odd_;         // answers against the standards that were logged
  session_handler on_session_;
  const limit_watch limits_told_;
  std::atomic<std::int64_t> loop_logged_at_ = 0;  // Unix ms; 0: never
};

}  // namespace app
