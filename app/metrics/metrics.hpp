#pragma once

// What the service counts of itself, for GET /metrics. Sessions record from any thread without a lock (but for the
// first exchange of a model, which takes one for a moment). Every label has a bounded set of values.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/metrics/histogram.hpp"
#include "app/metrics/unread_traffic.hpp"
#include "app/rewrite/audit_entry.hpp"
#include "mitm/relay/connection_events.hpp"
#include "usage/usage_record.hpp"

namespace app {

/// Numbers that other parts own, read when /metrics is asked for.
struct metric_readings {
  std::uint64_t connections_open = 0;
  std::uint64_t leaves_minted = 0;
  std::uint64_t bypassed_hosts = 0;
  std::uint64_t ledger_queued = 0;  // rows that wait now
  std::uint64_t ledger_committed = 0;
  std::uint64_t ledger_dropped = 0;  // rows lost because the queue was full
  std::uint64_t log_lines_lost = 0;
  std::uint64_t rows_placed_late = 0;  // evidence came after the row
  std::uint64_t rows_disputed = 0;     // now
  std::uint64_t rows_forgotten = 0;    // without a conversation
  std::uint64_t ids_forgotten = 0;
  std::uint64_t notes_dropped = 0;       // moves and listings, because the queue was full
  std::uint64_t lookups_overflowed = 0;  // connections whose process was not looked for: the queue was full

  struct language_server_reading {
    bool ready = false;
    std::uint64_t starts = 0;    // attempts
    std::uint64_t restarts = 0;  // after one had been ready
    std::string stream_kind;     // empty: no cascade was followed yet
    std::uint64_t turns = 0;     // that run now
    std::uint64_t waiting = 0;   // turns
  };
  std::optional<language_server_reading> language_server;  // nullopt: none is configured
};

/// The counts that /v1/usage shows under "interception".
struct interception_counts {
  std::uint64_t connections = 0;  // ended ones
  std::uint64_t exchanges_seen = 0;
  std::uint64_t exchanges_parsed = 0;
  std::uint64_t exchanges_attributed = 0;
  std::int64_t last_exchange_at = 0;  // Unix ms; 0: none yet
};

class metrics {
 public:
  /// Model names that get a label value of their own, all providers together; the rest is "other".
  static constexpr std::size_t max_models = 64;
  static constexpr std::size_t max_model_name = 96;  // bytes; longer names, or not ASCII, are "other"

  metrics();
  ~metrics();

  void session_ended(const mitm::session_report& report) noexcept;
  void tap_detached() noexcept { count(taps_detached_); }

  /// Traffic passed without being read; as unread_traffic::note().
  bool not_read(const usage::unread_note& note, mitm::unread why) { return unread_.note(note, why); }
  std::vector<usage::unread_note> unread() const { return unread_.entries(); }

  /// A rule and a request.
  void rewrite(rewrite::audit_entry::outcome what) noexcept { count(rewrites_[static_cast<std::size_t>(what)]); }

  /// A request head was seen, `at` in Unix ms.
  void exchange_seen(std::int64_t at) noexcept;
  /// The exchange is over. `parsed`: its bodies were understood. `new_usage`: its tokens are not those of a row before.
  void exchange_ended(const usage::usage_record& record, bool parsed, bool new_usage = true);

  interception_counts interception() const noexcept;
  /// Prometheus text exposition 0.0.4.
  std::string render(const metric_readings& readings) const;

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  using counter = std::atomic<std::uint64_t>;
  struct model_series;

  static constexpr std::size_t providers = usage::provider_count;
  static constexpr std::size_t statuses = 5;

  static void count(counter& which) noexcept { which.fetch_add(1, std::memory_order_relaxed); }
  model_series& series_of(usage::provider provider, std::string_view model);
  model_series* find_series(usage::provider provider, std::string_view model) const noexcept;
  void render_sessions(exposition& out, const metric_readings& readings) const;
  void render_exchanges(exposition& out) const;
  void render_readings(exposition& out, const metric_readings& readings) const;
  static void render_language_server(exposition& out, const metric_readings::language_server_reading& now);
  void render_models(exposition& out) const;

  std::array<counter, 3> connections_{};              // by mitm::handling
  std::array<std::array<counter, 7>, 3> failures_{};  // side, phase
  std::array<std::array<counter, statuses>, providers> exchanges_{};
  counter upstreams_reused_{0};
  counter bytes_up_{0};
  counter bytes_down_{0};
  counter seen_{0};
  counter parsed_{0};
  counter attributed_{0};
  counter taps_detached_{0};
  std::array<counter, 5> rewrites_{};  // by rewrite::audit_entry::outcome
  std::atomic<std::int64_t> last_exchange_at_{0};
  unread_traffic unread_;

  // Append-only: slots below models_ never change again, so readers need no lock.
  std::mutex appending_;
  std::atomic<std::size_t> models_{0};
  std::array<std::unique_ptr<model_series>, max_models> series_;
  std::array<std::unique_ptr<model_series>, providers> others_;
};

}  // namespace app
