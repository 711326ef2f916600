#pragma once

// Decides which conversation each row belongs to. Pure: findings go in, in any order, late, twice or never; a placement
// comes out whenever a row's place has changed. The place depends on the findings alone, not on their order. Evidence
// in order of strength:
//
//   request_id     the row's requestId names the cascade
//   trajectory_id  the row's trajectory is one of the cascade's
//   response_id    the language server lists the row's answer among the cascade's
//   trace_id       … or the row's trace, for calls that failed
//   header:…, body:…   what other agents send (usage/attribution.hpp)
//   body:previous_response_id   the conversation of the answer that it continues, or, of the first, that answer's id
//   transcript     the row continues what other rows have sent (transcripts.hpp)
//   process        the row's process
//
// The last two are no claims of anybody, so they dispute nothing. The strongest wins, unless the language server does
// not know the cascade that requestId names but knows another one. The app's attribution_service calls it under its
// lock.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "usage/attribution/attempts.hpp"
#include "usage/attribution/finding.hpp"
#include "usage/attribution/id_table.hpp"
#include "usage/attribution/kept_memory.hpp"
#include "usage/attribution/lineage.hpp"
#include "usage/placement.hpp"

namespace usage {

struct attribution_limits {
  std::size_t rows = 16'384;                      // whose evidence is waited for (attribution.rows)
  std::size_t ids = 65'536;                       // of cascades, of trajectories, answers and traces (attribution.ids)
  std::size_t transcripts = 65'536;               // whose continuation is recognised (attribution.transcripts)
  std::chrono::milliseconds remember{3'600'000};  // how long either is remembered (attribution.remember)
};

/// What is known and what was given up, since the beginning.
struct attribution_counts {
  std::uint64_t rows = 0;            // seen
  std::uint64_t late = 0;            // placed or placed anew after they had been seen
  std::uint64_t disputed = 0;        // remembered rows that are disputed now
  std::uint64_t forgotten_rows = 0;  // forgotten without a conversation: later evidence finds no row
  std::uint64_t forgotten_ids = 0;   // forgotten ids of cascades: a later row with such an id is not attributed by it
  std::uint64_t overlong_ids = 0;    // not used as evidence
  std::size_t waiting = 0;           // rows remembered now
};

class attribution_core {
 public:
  /// Bytes of an id that is used as evidence.
  static constexpr std::size_t max_id = 256;

  explicit attribution_core(attribution_limits limits);

  /// `now` is in Unix ms and never decreases. The result is valid until the next call. It has the first placement of
  /// every new row, even if that is "unattributed".
  std::span<const placement> apply(const finding& found, std::int64_t now);

  attribution_counts counts() const;

 private:
  /// The parts of the last placement that decide whether another one is a change.
  struct known_place {
    kept_string conversation;
    kept_string rule;
    kept_string claimed;
    kept_string logical_request;
    std::uint8_t flags = 0;
    int attempt = 0;

    void take(const placement& latest);
    bool same(const placement& other) const;
  };
  struct row {
    std::int64_t seen_at = 0;
    std::array<kept_string, 5> ids;  // by id_role; conversation: what the row names itself
    kept_string rule;                // by which it does
    kept_string fallback;            // the conversation where nothing names one, by `rule`
    std::optional<std::int64_t> step;
    kept_string logical_request;
    int attempt = 0;
    known_place last;
    bool placed = false;

    std::string_view id(id_role role) const { return ids[static_cast<std::size_t>(role)]; }
  };
  struct claim {
    std::string_view conversation;
    std::string_view rule;
  };

  void on(const row_seen& seen);
  void on(const id_found& found);
  void on(const parent_found& found);

  row remember(const row_seen& seen);
  void count_attempt(std::int64_t key, row& added, const row_seen& seen);
  void take_claim(id_role role, std::string_view id, std::string_view cascade);

  void look_again(std::int64_t key);
  void place_changed_rows();
  void place(std::int64_t key, row& known);
  placement decide(std::int64_t key, const row& known) const;
  std::vector<claim> claims_of(const row& known, std::uint8_t& flags) const;
  std::string_view winner(id_role role, std::string_view id, std::uint8_t& flags) const;
  claim chain_of(const row& known) const;
  bool known_cascade(std::string_view name) const;
  std::uint8_t dispute(std::span<const claim> claims) const;

  void expire();
  void forget_row(std::int64_t key);
  void forget_id();

  attribution_limits limits_;
  std::int64_t now_ = 0;
  id_table ids_;
  lineage lineage_;
  attempts attempts_;
  kept_map<std::int64_t, row> rows_;
  std::deque<std::int64_t> oldest_first_;       // some may be forgotten already
  std::unordered_set<std::int64_t> contested_;  // disputed or ambiguous: a parent that is found may end it
  std::deque<std::int64_t> again_;              // rows to look at
  std::vector<placement> placements_;
  attribution_counts counts_;
};

}  // namespace usage
