#pragma once

// An answer that is asked for once more: a background response that is polled, a stored one that is fetched, a stream
// that is resumed. Ids of answers repeat in the field, so an id alone never makes two generations one call; it only
// joins what is fetched with the call that it was fetched of. Pure: the rules, and a memory for sums that are kept
// while the traffic passes. The ledger goes by the same rules (usage/ledger/placing.hpp).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "usage/usage_record.hpp"

namespace usage {

/// The request_kind of the row of a fetch. It is a model call while no other row has the call that it tells of.
inline constexpr std::string_view fetch_kind = "fetch";

bool is_fetch(const usage_record& row);

/// A model call whose answer the provider keeps.
bool can_be_fetched(const usage_record& row);

/// A fetch that tells what its call has used.
bool tells_usage(const usage_record& row);

/// A model call whose usage is not told, or may not be told to its end: a fetch may complete it.
bool is_open(const usage_record& call);

/// The fetch as a request that is no call: all that it told belongs to another row.
usage_record without_usage(usage_record fetch);

/// Gives the call the usage that a fetch tells.
void complete(usage_record& call, const usage_record& fetch);

/// Whether `call` is the one of which an earlier booked fetch of its id tells: it began before the fetch, and it tells
/// the same or is open.
bool is_call_of(const usage_record& call, const usage_record& fetch);

/// Of the calls with the id of `fetch`, oldest first: the one that it completes, none if it tells what is known. Where
/// there are no calls, the fetch counts as the call.
std::optional<std::size_t> completed_by(const usage_record& fetch, const std::vector<usage_record>& calls);

/// How a row changes sums.
struct change_of_sums {
  bool as_it_is = true;   // it is counted as it is, and nothing else changes; less and more are empty
  bool new_usage = true;  // its own tokens were not counted before
  std::vector<usage_record> less{};
  std::vector<usage_record> more{};
};

/// Remembers the latest calls whose answers can be fetched, so that each counts once.
class fetchable_calls {
 public:
  static constexpr std::size_t max_remembered = 4096;  // calls; the oldest is forgotten first

  /// Call once for each row, in the order in which they end. Of remembered rows, only what sums go by is kept.
  change_of_sums see(const usage_record& row);

 private:
  struct calls_of_id {
    std::vector<usage_record> calls;    // oldest first
    std::optional<usage_record> fetch;  // that counts as a call
  };

  change_of_sums see_fetch(const std::string& key, const usage_record& fetch);
  change_of_sums see_call(const std::string& key, const usage_record& call);
  void remember(const std::string& key);

  std::unordered_map<std::string, calls_of_id> by_id_;  // by host and id
  std::deque<std::string> order_;                       // a key for each that is remembered, oldest first
};

}  // namespace usage
