#pragma once

// Where both ends of attribution meet: rows from the usage_recorder, evidence from the turns of the API and from what
// the language server lists when asked. Decides with the pure attribution_core and hands rows, moves of rows and the
// server's own counts to the ledger's writer.
//
// One mutex, held for a few look-ups and a push into the writer's queue, never for I/O. It is not a strand because a
// row must be in that queue before the call that ended its exchange returns: an answer that waits for the queue then
// includes every exchange that has ended.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "app/accounting/cascade_calls.hpp"
#include "app/accounting/fallback_place.hpp"
#include "app/accounting/interception_watch.hpp"
#include "app/turns/cascade_evidence.hpp"
#include "usage/attribution/attribution_core.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

class attribution_service final : public cascade_evidence {
 public:
  /// Turns at once. For further ones, the end is recorded without the step and time of the begin.
  static constexpr std::size_t max_turns = 4096;

  /// `writer` outlives it. `now`: Unix ms; the system clock if empty.
  attribution_service(usage::ledger_writer& writer, usage::attribution_limits limits,
                      std::function<std::int64_t()> now = {});

  /// Places the row as far as its conversation is known, and queues it. False: the writer dropped and counted it.
  bool record(usage::usage_record&& row);

  /// Takes in a row of an earlier run that still has no conversation.
  void remember(const usage::usage_record& row);

  /// Reads from the ledger the transcripts that may go on in this run, and rows whose conversation nothing names, since
  /// evidence for them may come. Blocks.
  void remember_earlier(usage::ledger_options ledger, const usage::attribution_limits& limits,
                        const std::stop_token& stopped);

  void on_turn_begin(const turn_begin& turn) override;
  void on_update(turn_of turn, std::span<const cascade::event> events,
                 const exa::jetski_cortex_pb::CascadeState& state) override;
  void on_turn_end(const turn_outcome& turn) override;

  /// What the server lists when it is asked. Call by call, so that the queue can be given time.
  void on_cascade(std::string_view cascade_id);
  void on_listed(const named_trajectory& trajectory);
  void on_listed(const sub_agent_link& link);
  void on_listed(const listed_call& listed);

  /// Like not_intercepted(), does not take the lock that rows need.
  usage::attribution_counts counts() const;
  /// If none of the latest answers that the server lists passed here, how many there are; else 0.
  std::size_t not_intercepted() const;

 private:
  struct turn {
    std::uint32_t first_step = 0;
    std::int64_t began_at = 0;
  };

  /// What is read from outside without mutex_.
  struct published_counts {
    std::atomic<std::uint64_t> rows{0};
    std::atomic<std::uint64_t> late{0};
    std::atomic<std::uint64_t> disputed{0};
    std::atomic<std::uint64_t> forgotten_rows{0};
    std::atomic<std::uint64_t> forgotten_ids{0};
    std::atomic<std::uint64_t> overlong_ids{0};
    std::atomic<std::size_t> waiting{0};
  };

  void publish();
  void learn(const usage::finding& found);
  void take(const usage::server_call& call, bool since_start);
  std::uint32_t first_step_of(turn_of turn) const;

  usage::ledger_writer& writer_;
  std::function<std::int64_t()> now_;
  const std::int64_t started_at_;

  published_counts published_;
  interception_watch watch_;  // written under mutex_, read without

  mutable std::mutex mutex_;  // guards everything below
  usage::attribution_core core_;
  fallback_place fallback_;
  std::int64_t next_key_;
  std::unordered_map<std::string, turn> turns_;  // by cascade and request id
};

}  // namespace app
